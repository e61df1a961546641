"""The folder of a front: every run as a result folder of its own, so that a search can be gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hubopt.check import check
from hubopt.instance import InputError, Instance, Policy, Problem, sha256
from hubopt.instance.folder import remove_folder
from hubopt.instance.policy import COST_PARTS
from hubopt.solution import Solution, read_solution, write_solution
from hubopt.solution.write import RESULT
from hubopt.solve.versions import code_sha256
from hubopt.study.pareto.front import ROUNDING, Front, Point
from hubopt.study.prices import Run, solved

FRONT, RUNS = "pareto.json", "runs"

KNEE = (
    "the point of the least sum of the measures, each scaled to 0 (best on the front) to 1 (worst on the front); none "
    "where an end of the front has the least sum"
)
"""What the knee is, as the JSON file says it."""

BOUND = (
    "no plan that is no worse in the other measures, and that leaves no more demand unmet than unmet_share_max, is "
    "better in the first measure than the bound"
)
"""What the bound of a point says."""


def _question(policy: Policy) -> str:
    """A policy without its names, as text: what a run is recognised by."""
    return policy.model_dump_json(exclude={"name_en", "name_zh", "description"})


def _beyond(bound: float, objective: float, sense: str) -> bool:
    """Whether a bound lies on the wrong side of the objective, by more than rounding."""
    over = bound - objective if sense == "min" else objective - bound
    return over > ROUNDING * max(1.0, abs(objective))


@dataclass
class RunStore:
    """Answers the runs of a front from its folder where it can, else by solving; every new run is kept at once.

    ``kept`` counts the runs that were there already.
    """

    folder: Path
    instance: Instance
    instance_path: Path
    how: Run
    solve: Callable[[Instance, Policy, Run, Solution | None], Solution] = solved
    kept: int = 0
    digest: str = field(init=False)
    known: dict[str, tuple[str, Solution]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.digest = sha256(self.instance)
        for result in sorted((self.folder / RUNS).glob(f"*/{RESULT}")):
            self._remember(result.parent)

    def _remember(self, folder: Path) -> None:
        try:
            solution = read_solution(folder)
        except InputError:
            return  # a result that cannot be read is solved again
        proof = solution.proof
        same = proof.instance_sha256 == self.digest and proof.versions.get("code") == code_sha256()[:16]
        asked = proof.asked
        done = proof.status == "infeasible" or (proof.gap is not None and proof.gap <= self.how.gap + 1e-9)
        spent = asked is not None and asked.time_limit >= self.how.seconds and proof.limit == "time"
        if same and proof.status != "error" and (done or spent) and self._holds(solution):
            self.known[_question(solution.policy)] = (folder.name, solution)

    def _holds(self, solution: Solution) -> bool:
        """Whether the checker still agrees with what lies there: nobody has changed a table or a figure since."""
        proof = solution.proof
        if solution.plan is None:
            return proof.objective is None
        if proof.objective is None or (proof.bound is not None and _beyond(proof.bound, proof.objective, proof.sense)):
            return False
        try:
            return check(
                self.instance, solution.policy, solution.plan, cost=solution.cost, objective=proof.objective,
                kpi=solution.kpi,
            ).ok  # fmt: skip
        except InputError:
            return False

    def __call__(self, policy: Policy, start: Solution | None) -> tuple[str, Solution]:
        """Name and solution of the run under ``policy``.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C; the run that is broken off is not kept.
        """
        question = _question(policy)
        if question in self.known:
            self.kept += 1
            return self.known[question]
        solution = self.solve(self.instance, policy, self.how, start)
        name = self._free()
        write_solution(solution, self.instance, self.folder / RUNS / name, instance_path=self.instance_path)
        self.known[question] = (name, solution)
        return name, solution

    def _free(self) -> str:
        used = {name for name, _ in self.known.values()}
        number = 1
        while f"{number:03d}" in used:
            number += 1
        remove_folder(self.folder / RUNS / f"{number:03d}")  # of another question, or unreadable
        return f"{number:03d}"


def open_folder(folder: Path, *, resume: bool, force: bool) -> None:
    """Make the folder of a front ready: new, emptied (``force``), or as it was left (``resume``).

    Raises
    ------
    InputError
        If it holds something else, or a front that neither is to be replaced nor gone on with.
    """
    shown = str(folder)
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / FRONT).is_file():
            raise InputError([Problem(shown, f"holds no {FRONT}", "give another folder")])
        if force and not resume:
            remove_folder(folder)
        elif not resume:
            mend = "give another folder, --resume to go on with it, or --force to replace it"
            raise InputError([Problem(shown, "holds a front already", mend)])
    elif folder.exists() and not folder.is_dir():
        raise InputError([Problem(shown, "is not a folder", "give another place")])
    try:
        (folder / RUNS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = Problem(shown, f"cannot be written: {error.strerror}", "give a place that you may write to")
        raise InputError([problem]) from None


def _of(front: Front, values: Sequence[float | None]) -> dict[str, float | None]:
    return {measure.name: value for measure, value in zip(front.measures, values, strict=True)}


def _point(front: Front, point: Point) -> dict[str, Any]:
    return {
        "run": f"{RUNS}/{point.run}",
        "values": _of(front, point.values),
        "bound": {front.measures[0].name: point.bound},
        "gap": point.gap(front.measures[0]),
        "knee": point.knee,
        "status": point.status,
        "seconds": point.seconds,
        "served_share": point.served_share,
        "sites": dict(point.sites),
        "cost": dict(point.cost),
    }


def content_of(front: Front, instance: Instance, policy: Policy) -> dict[str, Any]:
    """The front as the content of its JSON file."""
    return {
        "format": 1,
        "instance": {"id": instance.info.id, "sha256": sha256(instance)},
        "policy": {"name_en": policy.name_en, "name_zh": policy.name_zh},
        "measures": [
            {"name": item.name, "unit": item.unit, "better": "more" if item.is_share else "less",
             "targets": list(item.targets)}
            for item in front.measures
        ],
        "complete": front.complete,
        "points": [_point(front, point) for point in front.points],
        "payoff": [
            {"best": row.measure, "values": _of(front, row.values), "bound": {row.measure: row.bound},
             "run": f"{RUNS}/{row.run}"}
            for row in front.payoff
        ],
        "no_plan": [{"limits": _of(front, item.box), "run": f"{RUNS}/{item.run}"} for item in front.infeasible],
        "grid_points": front.grid,
        "runs": front.runs,
        "jumped": front.jumped,
        "beaten": front.beaten,
        "without_plan": front.without_plan,
        "unmet_share_max": front.unmet_share_max,
        "definitions": {"knee": KNEE, "bound": BOUND},
    }  # fmt: skip


def write_json(folder: Path, content: dict[str, Any]) -> None:
    """Write the JSON file of a front, whole or not at all."""
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    new = folder / f".{FRONT}.new"
    new.write_text(text, encoding="utf-8")
    new.replace(folder / FRONT)


Cell = str | float | int | bool | None


def table_of(front: Front) -> tuple[list[str], list[list[Cell]]]:
    """The points as a table: headings with units, and a row for each."""
    first = front.measures[0]
    head = [
        "run", "knee",
        *(f"{item.name} ({item.unit})" if item.unit != "-" else f"{item.name} (share)" for item in front.measures),
        f"bound on {first.name} ({first.unit if first.unit != '-' else 'share'})", "gap (share)", "status",
        "served (share)", "hubs", "utcs", "stations", *(f"{part} (CNY/year)" for part in COST_PARTS), "seconds",
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            point.run, point.knee, *point.values, point.bound, point.gap(first), point.status, point.served_share,
            *point.sites.values(), *(point.cost.get(part, 0.0) for part in COST_PARTS), point.seconds,
        ]
        for point in front.points
    ]  # fmt: skip
    return head, rows


def csv_of(front: Front) -> str:
    """The points as CSV."""
    head, rows = table_of(front)

    def shown(cell: Cell) -> str:
        if cell is None:
            return ""
        if isinstance(cell, bool):
            return "true" if cell else "false"
        return f"{cell:.12g}" if isinstance(cell, float) else str(cell)

    return "\n".join([",".join(head), *(",".join(map(shown, row)) for row in rows)]) + "\n"
