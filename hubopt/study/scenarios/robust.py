"""Robust sites: how often each site is chosen across a study, and what it would cost to fix it now.

The *regret* of fixing a site in a scenario is the optimum with the site open less the optimum as the scenario stands.
Where the scenario's plan has the site it is between 0 and what that run left unproven. Elsewhere the scenario is solved
again with the site forced in, from its own plan, and the regret lies between what the bounds and the objectives of the
two runs leave open. A site that every plan has is a *no-regret site*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from hubopt.instance import InputError, Instance, Policy, Problem, read_instance
from hubopt.instance.errors import choose_from
from hubopt.solution import read_solution
from hubopt.study.prices import interval
from hubopt.study.scenarios.file import RunOptions
from hubopt.study.scenarios.keeping import Keeper, instance_folder_of, locked
from hubopt.study.scenarios.layout import FIXED, RUNS, ScenarioRecord, StudyRecord, read_record
from hubopt.study.scenarios.pool import Here, Pool
from hubopt.study.scenarios.question import Question, named_policy, policy_sha256
from hubopt.study.scenarios.runner import Outcome, Told, Workers, ask, pool_of
from hubopt.study.scenarios.store import Store
from hubopt.study.scenarios.tables import Column, SiteUse, Table, planned, site_uses
from hubopt.study.scenarios.variation import MisfitError, Variations

MOST_SITES = 12
"""How many sites are looked at when none are named."""


@dataclass(frozen=True)
class Regret:
    """What fixing a site costs in one scenario (CNY/year): between ``least`` and ``most``, ``estimate`` as found.

    ``most`` is None while nothing bounds it; a site that cannot be opened there is not ``possible``.
    """

    scenario: str
    chosen: bool
    possible: bool
    least: float
    most: float | None
    estimate: float | None
    status: str


@dataclass(frozen=True)
class SiteRegret:
    """A site with its regrets over the scenarios that have a plan; ``missing`` are those not solved again yet."""

    use: SiteUse
    regrets: tuple[Regret, ...]
    missing: tuple[str, ...]

    @property
    def impossible(self) -> tuple[str, ...]:
        """Scenarios in which the site cannot be open at all."""
        return tuple(item.scenario for item in self.regrets if not item.possible)

    @property
    def least(self) -> float | None:
        """The largest regret is at least this; None if it is without limit."""
        return None if self.impossible else max((item.least for item in self.regrets), default=0.0)

    @property
    def most(self) -> float | None:
        """The largest regret is at most this; None if that is not known."""
        values = [item.most for item in self.regrets]
        if self.missing or self.impossible or any(value is None for value in values):
            return None
        return max((value for value in values if value is not None), default=0.0)

    @property
    def estimate(self) -> float | None:
        """The largest regret as found; None if a scenario is missing or impossible."""
        values = [item.estimate for item in self.regrets]
        if self.missing or self.impossible or any(value is None for value in values):
            return None
        return max((value for value in values if value is not None), default=0.0)

    @property
    def mean(self) -> float | None:
        """The mean regret as found over the scenarios, each counting alike."""
        values = [item.estimate for item in self.regrets if item.estimate is not None]
        return None if self.estimate is None or not values else sum(values) / len(values)


def candidates(store: Store, levels: Sequence[str], share: float) -> list[str]:
    """Sites of some levels that are in at least a share of the plans but not in all, the most frequent first."""
    uses = [use for use in site_uses(store) if use.level in levels and use.share >= share and not use.always]
    return [use.site for use in sorted(uses, key=lambda use: (-use.share, use.site))][:MOST_SITES]


def run_name(site: str, scenario: str) -> str:
    """Name of the folder of the run of a scenario with a site forced in."""
    return f"{quote(site, safe='')}--{scenario}"


class _Case:
    """A study with what is needed to ask more about it."""

    def __init__(self, folder: Path, instance_path: Path | None) -> None:
        self.folder = folder
        self.record: StudyRecord = read_record(folder)
        self.instance_path = instance_path or (folder / self.record.instance_path).resolve()
        if not self.instance_path.is_dir():
            message, mend = f"the instance is no longer at {self.instance_path}", "give its folder with --instance"
            raise InputError([Problem(str(folder), message, mend)])
        self.instance: Instance = read_instance(self.instance_path, geometry=False)
        self.variations = Variations(self.instance, Policy.model_validate(dict(self.record.policy)))
        if self.variations.instance_sha256({}) != self.record.instance_sha256:
            message = "is not the instance of the study any more"
            raise InputError([Problem(str(self.instance_path), message, "run the study again")])
        if self.instance.info.sense != "min":
            message, mend = "states an objective that is to be large", "regret needs an instance of sense 'min'"
            raise InputError([Problem(str(self.instance_path), message, mend)])
        self.runs = Keeper(folder, RUNS, self.instance_path)
        self.fixed = Keeper(folder, FIXED, self.instance_path, stored=False)

    def question(self, scenario: ScenarioRecord, site: str, options: RunOptions) -> Question | None:
        """A scenario with a site forced in; None if the scenario or the instance keeps the site shut."""
        policy = self.variations.varied(scenario.tree).policy
        forced = self.instance.sites.set_index("id")["forced"]
        if site in policy.force_closed or (forced[site] == "closed" and site not in policy.force_open):
            return None
        question = Question(
            name=run_name(site, scenario.name),
            name_en=f"{scenario.name_en}, with {site}",
            name_zh=f"{scenario.name_zh}，含 {site}",
            description=scenario.description,
            tree=scenario.tree,
            options=options,
            instance_sha256=self.variations.instance_sha256(scenario.tree),
            policy_sha256="",
            start=scenario.name,
            forced=(site,),
        )
        return replace(question, policy_sha256=policy_sha256(named_policy(policy, question)))

    def path_of(self, scenario: ScenarioRecord) -> Path:
        """Folder of the instance of a scenario."""
        if scenario.instance_sha256 == self.record.instance_sha256:
            return self.instance_path
        return instance_folder_of(self.folder, scenario.instance_sha256)


def check_sites(sites: Sequence[str], instance: Instance) -> None:
    """Raise :class:`InputError` for sites that the instance does not have."""
    known = set(instance.sites["id"])
    problems = [
        Problem("--site", "is no site of the instance", choose_from(site, known), value=site)
        for site in sites
        if site not in known
    ]
    if problems:
        raise InputError(problems)


def regrets(
    folder: Path | str,
    sites: Sequence[str],
    *,
    options: Mapping[str, object] | None = None,
    workers: Workers | None = None,
    instance_path: Path | None = None,
    told: Told | None = None,
) -> tuple[list[SiteRegret], Outcome]:
    """The regrets of fixing each of some sites, with the runs that they need; what was run before is kept.

    Parameters
    ----------
    folder
        Folder of a study that has been run.
    options
        How the runs are made, in place of how those of the study were.
    instance_path
        Where the base instance lies now, if it has been moved.

    Raises
    ------
    InputError
        If the folder holds no study, its instance has changed, or a site does not exist.
    """
    folder = Path(folder)
    case = _Case(folder, instance_path)
    check_sites(sites, case.instance)
    how = case.record.options.model_copy(update=dict(options or {}))
    with locked(folder), ExitStack() as stack:
        with Store(folder) as store:
            with_plan, uses = set(planned(store)), {use.site: use for use in site_uses(store)}
        scenarios = [item for item in case.record.scenarios if item.name in with_plan]
        asked: dict[tuple[str, str], Question | None] = {}
        for site in dict.fromkeys(sites):
            chosen = uses[site].scenarios if site in uses else ()
            for scenario in scenarios:
                if scenario.name not in chosen:
                    try:
                        asked[site, scenario.name] = case.question(scenario, site, how)
                    except MisfitError as error:
                        raise InputError([Problem(str(folder), str(error), "run the study again")]) from None
        questions = [question for question in asked.values() if question is not None]
        paths = {run_name(site, item.name): case.path_of(item) for item in scenarios for site in sites}
        left = sum(not case.fixed.keeps(question) for question in questions)
        pool: Pool = pool_of(stack, case.variations, workers or Workers(), left) if left else Here(case.variations)
        outcome = ask(
            pool, case.fixed, questions, paths, lambda question: case.runs.start_files(question.start or ""),
            told or (lambda _: None),
        )  # fmt: skip
    found = [_of_site(case, site, uses.get(site), scenarios, asked) for site in dict.fromkeys(sites)]
    return found, outcome


def _of_site(
    case: _Case,
    site: str,
    use: SiteUse | None,
    scenarios: Sequence[ScenarioRecord],
    asked: Mapping[tuple[str, str], Question | None],
) -> SiteRegret:
    if use is None:
        level = str(case.instance.sites.set_index("id").loc[site, "level"])
        use = SiteUse(site, level, (), 0.0, {})
    found, missing = [], []
    for scenario in scenarios:
        own = read_solution(case.runs.result(scenario.name))
        objective, bound = own.proof.objective, own.proof.bound
        assert objective is not None
        if scenario.name in use.scenarios:
            most = None if bound is None else max(0.0, objective - bound)
            found.append(Regret(scenario.name, True, True, 0.0, most, 0.0, own.proof.status))
            continue
        question = asked[site, scenario.name]
        if question is None:
            found.append(Regret(scenario.name, False, False, 0.0, None, None, "closed"))
            continue
        if not case.fixed.keeps(question):
            missing.append(scenario.name)
            continue
        forced = read_solution(case.fixed.result(question.name))
        if forced.proof.status == "infeasible":
            found.append(Regret(scenario.name, False, False, 0.0, None, None, "infeasible"))
        elif forced.proof.objective is None:
            least = 0.0 if forced.proof.bound is None else max(0.0, forced.proof.bound - objective)
            found.append(Regret(scenario.name, False, True, least, None, None, forced.proof.status))
        else:
            price = interval(site, "the site", forced, own)
            estimate = max(0.0, forced.proof.objective - objective)
            found.append(Regret(scenario.name, False, True, price.least, price.most, estimate, forced.proof.status))
    return SiteRegret(use, tuple(found), tuple(missing))


def use_table(uses: Sequence[SiteUse], plans: int) -> Table:
    """A line for each site: its level, in how many plans it stands, and as what how often."""
    columns = (
        Column("site", "", "text"), Column("level", "", "text"), Column("chosen in", "scenarios", "count"),
        Column("of", "scenarios", "count"), Column("share", "", "share"), Column("sizes", "", "text"),
    )  # fmt: skip
    rows = tuple((use.site, use.level, len(use.scenarios), plans, use.share, sizes_of(use)) for use in uses)
    return Table("robust", columns, rows)


def sizes_of(use: SiteUse, most: int = 3) -> str:
    """As what a site stands how often: the designs and modules of most plans."""
    shown = [f"{design} x {modules} ({count})" for (design, modules), count in list(use.sizes.items())[:most]]
    return "; ".join([*shown, *(["..."] if len(use.sizes) > most else [])])


def regret_table(found: Sequence[SiteRegret]) -> Table:
    """A line for each site that was looked at: the largest and the mean regret (CNY M a year)."""
    columns = (
        Column("site", "", "text"), Column("level", "", "text"), Column("share", "", "share"),
        Column("largest regret", "CNY M/year", "money"), Column("at least", "CNY M/year", "money"),
        Column("at most", "CNY M/year", "money"), Column("mean regret", "CNY M/year", "money"),
        Column("impossible in", "", "text"), Column("not known in", "", "text"),
    )  # fmt: skip

    def money(value: float | None) -> float | None:
        return None if value is None else value / 1e6

    rows = tuple(
        (
            item.use.site, item.use.level, item.use.share, money(item.estimate), money(item.least), money(item.most),
            money(item.mean), ", ".join(item.impossible), ", ".join(item.missing),
        )
        for item in found
    )  # fmt: skip
    return Table("regret", columns, rows)


def cases_table(found: Sequence[SiteRegret]) -> Table:
    """A line for each site and scenario: the regret and how it is known."""
    columns = (
        Column("site", "", "text"), Column("scenario", "", "text"), Column("status", "", "text"),
        Column("regret", "CNY M/year", "money"), Column("at least", "CNY M/year", "money"),
        Column("at most", "CNY M/year", "money"),
    )  # fmt: skip

    def money(value: float | None) -> float | None:
        return None if value is None else value / 1e6

    rows = tuple(
        (
            item.use.site, regret.scenario, "chosen" if regret.chosen else regret.status, money(regret.estimate),
            money(regret.least) if regret.possible else None, money(regret.most),
        )
        for item in found
        for regret in item.regrets
    )  # fmt: skip
    return Table("regret by scenario", columns, rows)
