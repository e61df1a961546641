"""A study file to its scenarios: inheritance and grids worked out, everything that does not fit found at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from hubopt.instance import InputError, Instance, Policy, Problem, read_instance, read_policy
from hubopt.instance.errors import choose_from
from hubopt.instance.policy import Policy as PolicyFields
from hubopt.instance.shipped import shipped_instances, shipped_policies, shipped_unless_there
from hubopt.study.scenarios import changes as tree_work
from hubopt.study.scenarios.changes import (
    LISTS,
    Changes,
    Tree,
    dotted,
    merged,
    nested,
    place_in_file,
    place_in_tree,
    tree_of,
)
from hubopt.study.scenarios.file import Grid, Parameter, RunOptions, Statement, StudyFile, fields_at, parse_study_file
from hubopt.study.scenarios.sampling import Sample, mistakes, sample, size
from hubopt.study.scenarios.variation import Misfit, MisfitError, Variations

_Paths = dict[str, list[tuple[str, ...]]]

FIELDS = tuple(PolicyFields.model_fields)
MOST_SCENARIOS = 20_000


@dataclass(frozen=True)
class Scenario:
    """One case of a study: its names, where it comes from, and its changes to the base as a tree.

    ``grid`` is the grid that made it ("" for a named scenario), ``values`` its point there.
    """

    name: str
    name_en: str
    name_zh: str
    description: str = ""
    based_on: str = ""
    grid: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    tree: Tree = field(default_factory=dict)

    @property
    def leaves(self) -> dict[str, Any]:
        """What it changes, by dotted path as a study file writes it."""
        return {dotted(place_in_file(path)): value for path, value in tree_work.told_leaves(self.tree)}


@dataclass(frozen=True)
class Study:
    """A study ready to run. ``samples`` are the points of each grid, with ``grids`` as stated."""

    name: str
    path: Path
    instance_path: Path
    instance: Instance
    policy: Policy
    scenarios: tuple[Scenario, ...]
    run: RunOptions
    stated: StudyFile
    samples: Mapping[str, tuple[Sample, tuple[str, ...]]]
    """The sample of each grid, and the names of its points' scenarios."""


class _Expansion:
    """Works one study file out; problems are collected, the same one of several scenarios once."""

    def __init__(self, path: Path, stated: StudyFile) -> None:
        self.file = path.name
        self.stated = stated
        self.problems: list[Problem] = []
        self._said: set[tuple[str, str, str]] = set()
        self.trees: dict[str, Tree] = {}
        self.scenarios: list[Scenario] = []
        self.samples: dict[str, tuple[Sample, tuple[str, ...]]] = {}

    def complain(self, place: Sequence[str], message: str, mend: str, value: object = None, *, once: str = "") -> None:
        """Note a problem at a place of the file; of those with the same ``once`` and message only the first."""
        mark = (once or dotted(place), message, repr(value))
        if mark not in self._said:
            self._said.add(mark)
            self.problems.append(Problem(self.file, message, mend, column=dotted(place), value=value))

    # -- inheritance ---------------------------------------------------------------------------------------------
    #
    # What is based on something wrong is worked out as if it were based on nothing, so that its own mistakes are
    # found in the same go; the study is refused anyway.

    def parent_of(self, place: Sequence[str], based_on: str | None) -> Tree:
        """The tree of the scenario that something is based on."""
        if based_on is None:
            return {}
        if based_on not in self.stated.scenarios:
            mend = choose_from(based_on, set(self.stated.scenarios) - {place[-1]})
            self.complain((*place, "based_on"), "is no scenario of this file", mend, based_on)
            return {}
        return self.tree(based_on)

    def tree(self, name: str) -> Tree:
        """The whole tree of a named scenario."""
        if name in self.trees:
            return self.trees[name]
        statement = self.stated.scenarios[name]
        place = ("scenarios", name)
        based_on = None if self._goes_round(name) else statement.based_on
        parent = self.parent_of(place, based_on)
        self.trees[name] = merged(self._reduced(place, parent, statement), self.own_tree(place, statement))
        return self.trees[name]

    def _goes_round(self, name: str) -> bool:
        """Whether a scenario is based on itself in the end, which is said once for all in the circle."""
        chain = [name]
        while (above := self.stated.scenarios[chain[-1]].based_on) in self.stated.scenarios and above not in chain:
            assert above is not None
            chain.append(above)
        if above != name:
            return False
        first = min(chain, key=list(self.stated.scenarios).index)
        start = chain.index(first)
        shown = " -> ".join([*chain[start:], *chain[:start], first])
        mend = "take one of these based_on out"
        self.complain(("scenarios", first, "based_on"), f"goes round in a circle: {shown}", mend, once=shown)
        return True

    def own_tree(self, place: Sequence[str], changes: Changes) -> Tree:
        """The tree of what a statement itself says."""
        for listed, member in tree_work.contradictions(changes):
            self.complain((*place, listed), "is in a list that excludes this one too", "keep one of the two", member)
        try:
            return tree_of(changes, FIELDS)
        except ValueError as error:
            self.complain((*place, "policy"), "is no dotted path", "write it like levels.utc.max_open", str(error))
            return {}

    def _reduced(self, place: Sequence[str], parent: Tree, statement: Statement) -> Tree:
        """The parent's tree without what the statement unsets."""
        for path in statement.unset:
            try:
                smaller = tree_work.without(parent, place_in_tree(tree_work.steps(path)))
            except ValueError:
                smaller = None
            if smaller is None:
                known = [dotted(place_in_file(leaf)) for leaf, _ in tree_work.leaves(parent)]
                mend = choose_from(path, known) if known else "take it out: nothing is inherited here"
                if path.partition(".")[0] in ("force_open", "force_closed", "closed_gateways"):
                    mend = "name the sites in free_sites, the gateways in open_gateways"
                self.complain((*place, "unset"), "is not inherited", mend, path)
            else:
                parent = smaller
        return parent

    # -- grids ---------------------------------------------------------------------------------------------------

    def _change(self, where: Sequence[str], path: tuple[str, ...], value: Any) -> Tree:
        """The tree of one parameter's value; what is no value of it is a problem."""
        if path[0] in LISTS and len(path) == 1 and isinstance(value, str):
            value = [value] if value else []
        try:
            changes = Changes.model_validate(nested(path, value))
        except ValidationError as error:
            item = error.errors()[0]
            self.complain(where, str(item["msg"]), "give values that fit", item["input"])
            return {}
        return self.own_tree(where, changes)

    def _statement_at(self, place: Sequence[str], paths: _Paths, point: Mapping[str, Any]) -> Tree:
        """The tree of the changes of one point of a grid."""
        tree: Tree = {}
        for name, value in point.items():
            for path in paths[name]:
                tree = merged(tree, self._change((*place, "parameters", name), path, value))
        return tree

    def _known_paths(self, place: Sequence[str], parameters: Mapping[str, Parameter]) -> _Paths:
        """The paths of the parameters; what cannot be one is a problem."""
        found: _Paths = {name: [] for name in parameters}
        for name, parameter in parameters.items():
            for path in parameter.paths:
                where = (*place, "parameters", name, "path")
                try:
                    split = tree_work.steps(path)
                except ValueError:
                    self.complain(where, "is no dotted path", "write it like demand.all", path)
                    continue
                known = [key for key in Changes.model_fields if key != "unset"]
                if split[0] not in known:
                    mend = choose_from(split[0], known, 40)
                    if split[0] in FIELDS:
                        mend = f"for a field of the policy write policy.{path}"
                    self.complain(where, "is no change of a scenario", mend, path)
                    continue
                if split[0] == "demand" and len(split) > 1 and split[1] not in fields_at(("scenarios", "x", "demand")):
                    known = fields_at(("scenarios", "x", "demand"))
                    self.complain(where, "is no change of a scenario", choose_from(split[1], known), path)
                    continue
                found[name].append(split)
        return found

    def grid(self, name: str, grid: Grid) -> Iterator[Scenario]:
        """The scenarios of a grid."""
        place = ("grids", name)
        wrong = list(mistakes(grid))
        for where, message, mend in wrong:
            self.complain((*place, *where), message, mend)
        paths = self._known_paths(place, grid.parameters)
        for parameter, item in grid.parameters.items():
            for value in (*item.values, *(end for end in (item.low, item.high) if end is not None)):
                self._statement_at(place, paths, {parameter: round(value) if item.whole else value})
        parent = self.parent_of(place, grid.based_on)
        if wrong or not all(paths.values()):
            return
        drawn = sample(grid)
        digits = max(2, len(str(len(drawn.points))))
        names = tuple(f"{name}-{number:0{digits}d}" for number in range(1, len(drawn.points) + 1))
        self.samples[name] = (drawn, names)
        for key, point in zip(names, drawn.points, strict=True):
            if key in self.stated.scenarios:
                self.complain(
                    ("scenarios", key), f"is also the name of a point of the grid {name}", "rename one of them"
                )
            told = ", ".join(f"{parameter}={_shown(value)}" for parameter, value in point.items())
            yield Scenario(
                name=key,
                name_en=f"{grid.name_en or name}: {told}",
                name_zh=f"{grid.name_zh or grid.name_en or name}：{told}",
                based_on=grid.based_on or "",
                grid=name,
                values=dict(point),
                tree=merged(parent, self._statement_at(place, paths, point)),
            )

    # -- all -----------------------------------------------------------------------------------------------------

    def expand(self) -> None:
        """Work every scenario out."""
        if sum(map(size, self.stated.grids.values())) > MOST_SCENARIOS:
            self.complain(("grids",), "make too many scenarios together", f"{MOST_SCENARIOS:,} is the most")
            return
        for name, statement in self.stated.scenarios.items():
            self.scenarios.append(
                Scenario(
                    name=name,
                    name_en=statement.name_en or name,
                    name_zh=statement.name_zh or statement.name_en or name,
                    description=statement.description,
                    based_on=statement.based_on or "",
                    tree=self.tree(name),
                )
            )
        for name, grid in self.stated.grids.items():
            self.scenarios += self.grid(name, grid)
        if not self.stated.scenarios and not self.stated.grids:
            self.complain(("scenarios",), "is empty, and there are no grids", "add a table [scenarios.NAME]")

    def fit(self, variations: Variations) -> None:
        """Hold every scenario against the base instance and policy."""
        blamed: dict[str, set[tuple[tuple[str, ...], str]]] = {}
        for scenario in self.scenarios:
            try:
                variations.varied(scenario.tree)
            except MisfitError as error:
                own = {(item.path, item.message) for item in error.misfits}
                blamed[scenario.name] = own
                for item in error.misfits:
                    if (item.path, item.message) not in blamed.get(scenario.based_on, set()):
                        self._blame(scenario, item)

    def _blame(self, scenario: Scenario, item: Misfit) -> None:
        path = place_in_file(item.path) if item.path else ()
        if path and path[0] in ("sites", "gateways"):
            stands = scenario.tree.get(path[0], {}).get(item.value)
            path = tuple(name for name, where in LISTS.items() if where == (path[0], stands)) or path
        if scenario.grid:
            once = f"{scenario.grid} {dotted(path)}"
            self.complain(("grids", scenario.grid, *path), item.message, item.mend, item.value, once=once)
        else:
            self.complain(("scenarios", scenario.name, *path), item.message, item.mend, item.value)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "+".join(map(str, value)) or "-" if isinstance(value, list | tuple) else str(value)


def _instance_place(path: Path, stated: StudyFile) -> Path:
    """Folder of the base instance: as seen from the study file or, if there is none, what comes with hubopt."""
    return shipped_unless_there(Path(stated.instance), shipped_instances(), seen_from=path.parent)


def _base(
    path: Path, stated: StudyFile, problems: list[Problem], *, geometry: bool
) -> tuple[Instance | None, Policy | None]:
    """The base instance and policy, as far as they can be read."""
    instance = policy = None
    place = _instance_place(path, stated)
    try:
        instance = read_instance(place, geometry=geometry)
    except InputError as error:
        for item in error.problems:
            if item.file == str(place):
                mend = "give the folder of an instance, as seen from the study file"
                problems.append(Problem(path.name, item.message, mend, column="instance", value=stated.instance))
            else:
                problems.append(item)
    try:
        if stated.policy is None:
            policy = Policy()
        else:
            policy = read_policy(shipped_unless_there(Path(stated.policy), shipped_policies(), seen_from=path.parent))
    except InputError as error:
        for item in error.problems:
            if item.message == "there is no such file":
                mend = "give the path of a policy, as seen from the study file"
                problems.append(Problem(path.name, item.message, mend, column="policy", value=stated.policy))
            else:
                problems.append(item)
    return instance, policy


def methods() -> tuple[str, ...]:
    """Methods of solving, as in ``hubopt solve``."""
    from hubopt.solve.run import Method

    return get_args(Method)


def read_study(path: Path | str, *, geometry: bool = False) -> tuple[Study, Variations]:
    """Read a study file with the instance and the policy that it names, and hold every scenario against them.

    Parameters
    ----------
    geometry
        Whether to read the instance's map layers too.

    Raises
    ------
    InputError
        With every mistake in the study file, the instance and the policy.
    """
    path = Path(path)
    stated, problems = parse_study_file(path)
    if stated is None:
        raise InputError(problems)
    expansion = _Expansion(path, stated)
    if stated.run.method not in methods():
        mend = choose_from(stated.run.method, methods())
        expansion.complain(("run", "method"), "is no method of solving", mend, stated.run.method)
    expansion.expand()
    problems += expansion.problems
    said = len(expansion.problems)
    instance, policy = _base(path, stated, problems, geometry=geometry)
    if instance is None or policy is None:
        raise InputError(problems)
    variations = Variations(instance, policy)
    expansion.fit(variations)
    problems += expansion.problems[said:]
    if problems:
        raise InputError(problems)
    study = Study(
        name=path.stem,
        path=path,
        instance_path=_instance_place(path, stated),
        instance=instance,
        policy=policy,
        scenarios=tuple(expansion.scenarios),
        run=stated.run,
        stated=stated,
        samples=expansion.samples,
    )
    return study, variations
