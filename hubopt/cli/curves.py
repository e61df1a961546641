"""The land-curve command: land against cost and service, as a table, CSV and a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from hubopt.cli.exits import DONE, INFEASIBLE, NO_SOLUTION, complain, err, out
from hubopt.cli.progress import amount, percent
from hubopt.instance import Policy, apply, read_instance, read_policy
from hubopt.instance.folder import refuse_unless_free, whole_folder

_CSV = "curve.csv"


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
        curve = land_curve(instance, policy, options.points, how, lambda what: err.print(f"solving: {what}"))
    except NoPlanError as error:
        if error.status == "infeasible":
            complain("the instance is infeasible under this policy; nothing was written")
            return INFEASIBLE
        complain("no checked plan was found within the limit; nothing was written. Try a longer --time-limit")
        return NO_SOLUTION
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("land ha", "objective CNY/year", "bound", "gap", "cost CNY/year", "served", "hub", "utc", "station"):
        table.add_column(column, justify="right")
    for point in curve.points:
        table.add_row(
            f"{point.land_ha:,.2f}", amount(point.objective), amount(point.bound), percent(point.gap),
            amount(point.cost), percent(point.served_share), *map(str, point.sites.values()),
        )  # fmt: skip
    out.print(table)
    if curve.left_out:
        out.print(f"left out: {curve.left_out}, as others are no worse in land and objective")
    drawn = [CurvePoint(item.land_ha, item.objective, item.bound, item.served_share) for item in curve.points]
    names = {"en": instance.info.name_en, "zh": instance.info.name_zh}
    with whole_folder(options.out, markers=[_CSV], force=options.force) as folder:
        (folder / _CSV).write_text(csv_of(curve), encoding="utf-8")
        (folder / "curve.html").write_text(curve_html(drawn, names, options.lang), encoding="utf-8")
    for name in (_CSV, "curve.html"):
        out.print(f"written to {options.out / name}", markup=False)
    return DONE
