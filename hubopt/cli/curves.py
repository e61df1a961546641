"""The land-curve command: land against cost and service, as a table, CSV and a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from hubopt.cli.exits import DONE, INFEASIBLE, NO_SOLUTION, complain, err, out
from hubopt.cli.progress import amount, percent
from hubopt.cli.speech import say, spoken, word
from hubopt.instance import LEVELS, Policy, apply, read_instance, read_policy
from hubopt.instance.folder import refuse_unless_free, whole_folder
from hubopt.texts import told

_CSV = "curve.csv"

_COLUMNS = (
    "cli-summary.land", "cli-curve.objective", "cli-curve.bound", "cli-curve.gap", "cli-curve.cost",
    "cli-summary.served",
)  # fmt: skip
"""Keys of the headings of the table."""


@dataclass(frozen=True)
class Options:
    """Options of the land-curve command; ``time_limit`` is seconds for each point."""

    points: int
    time_limit: float
    gap: float
    threads: int
    out: Path
    force: bool
    lang: str


def _tell(what: str) -> None:
    err.print(say("cli-curve.solving", what=told(what, spoken())))


def run(instance_path: Path, policy_path: Path | None, options: Options) -> int:
    """Solve the points, print them, write ``curve.csv`` and ``curve.html``; the exit code.

    Raises
    ------
    InputError
        For mistakes in the instance, the policy or the output folder; nothing is written.
    """
    from hubopt.study.land import NoPlanError, csv_of, land_curve
    from hubopt.study.prices import Run
    from hubopt.viz.curve import CurvePoint, curve_html

    refuse_unless_free(options.out, options.force, [_CSV])
    instance = read_instance(instance_path, geometry=False)
    policy = Policy() if policy_path is None else read_policy(policy_path)
    apply(instance, policy)
    how = Run(seconds=options.time_limit, gap=options.gap, threads=options.threads)
    try:
        curve = land_curve(instance, policy, options.points, how, _tell)
    except NoPlanError as error:
        if error.status == "infeasible":
            complain(say("cli-curve.infeasible"))
            return INFEASIBLE
        complain(say("cli-curve.no-plan"))
        return NO_SOLUTION
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = [say(key) for key in _COLUMNS] + [word("node", level) for level in LEVELS]
    for column in columns:
        table.add_column(column, justify="right")
    for point in curve.points:
        table.add_row(
            f"{point.land_ha:,.2f}", amount(point.objective), amount(point.bound), percent(point.gap),
            amount(point.cost), percent(point.served_share), *map(str, point.sites.values()),
        )  # fmt: skip
    out.print(table)
    if curve.left_out:
        out.print(say("cli-curve.left-out", count=curve.left_out))
    drawn = [CurvePoint(item.land_ha, item.objective, item.bound, item.served_share) for item in curve.points]
    names = {"en": instance.info.name_en, "zh": instance.info.name_zh}
    with whole_folder(options.out, markers=[_CSV], force=options.force) as folder:
        (folder / _CSV).write_text(csv_of(curve), encoding="utf-8")
        (folder / "curve.html").write_text(
            curve_html(drawn, names, options.lang, more_is_better=instance.info.sense == "max"), encoding="utf-8"
        )
    for name in (_CSV, "curve.html"):
        out.print(say("cli-frame.written", path=options.out / name), markup=False)
    return DONE
