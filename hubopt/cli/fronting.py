"""The pareto command: a front as result folders, tables, a chart and a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from hubopt.cli.exits import DONE, INFEASIBLE, INTERRUPTED, NO_SOLUTION, complain, err, guarded, out
from hubopt.cli.options import Force, InstanceDir, PolicyFile, Threads, finite
from hubopt.cli.progress import amount, percent
from hubopt.cli.results import plan_of
from hubopt.cli.speech import Lang, LangOption, say, spoken
from hubopt.instance import InputError, Instance, Policy, Problem, apply, read_instance, read_policy
from hubopt.solution import read_solution
from hubopt.texts import told

if TYPE_CHECKING:
    from hubopt.study.pareto import Front, FrontSearch, Measure
    from hubopt.viz.front_page import FrontContent


@dataclass(frozen=True)
class Options:
    """Options of the pareto command; ``time_limit`` is seconds for each run."""

    objectives: tuple[str, ...]
    points: int
    time_limit: float
    gap: float
    threads: int
    seed: int
    warm_start: Path | None
    out: Path
    force: bool
    resume: bool
    lang: str


def _names(instance: Instance, measure: Measure) -> dict[str, str] | None:
    if len(measure.targets) != 1:
        return None
    (target,) = (item for item in instance.structure.service.targets if item.id == measure.targets[0])
    return {"en": target.name_en, "zh": target.name_zh}


def _content(front: Front, instance: Instance, policy: Policy) -> FrontContent:
    """The front as the page shows it."""
    from hubopt.viz.front_page import FrontContent, FrontMeasure, FrontRow, PayoffRow

    first = front.measures[0]
    places = {measure.name: at for at, measure in enumerate(front.measures)}
    return FrontContent(
        names={"en": instance.info.name_en, "zh": instance.info.name_zh},
        policy={"en": policy.name_en, "zh": policy.name_zh},
        currency=instance.info.currency,
        measures=tuple(FrontMeasure(item.kind, _names(instance, item)) for item in front.measures),
        rows=tuple(
            FrontRow(item.values, item.bound, item.gap(first), item.knee, item.run, item.status, item.served_share)
            for item in front.points
        ),
        payoff=tuple(PayoffRow(places[row.measure], row.values, row.bound) for row in front.payoff),
        no_plan=tuple(item.box for item in front.infeasible),
        counts={
            "runs": front.runs, "jumped": front.jumped, "grid": front.grid, "beaten": front.beaten,
            "without": front.without_plan,
        },
        unmet_share_max=front.unmet_share_max,
        complete=front.complete,
    )  # fmt: skip


def _print(front: Front) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    first = front.measures[0]
    heads = [say(f"front-measure.{item.kind}") for item in front.measures]
    for head in ("", *heads, say("cli-curve.bound"), say("cli-curve.gap"), say("front.run")):
        table.add_column(escape(head), justify="right")

    def shown(measure: Measure, value: float | None) -> str:
        if value is None or measure.kind == "cost":
            return amount(value)
        return percent(value) if measure.is_share else f"{value:,.2f}"

    for number, point in enumerate(front.points, start=1):
        cells = [shown(item, value) for item, value in zip(front.measures, point.values, strict=True)]
        table.add_row(
            f"{'*' if point.knee else ''}{number}",
            *cells,
            shown(first, point.bound),
            percent(point.gap(first)),
            point.run,
        )
    out.print(table)
    for number, point in enumerate(front.points, start=1):
        if point.knee:
            out.print(say("cli-front.knee", number=number))


def _write(front: Front, instance: Instance, policy: Policy, options: Options) -> None:
    """Write tables, chart and page."""
    from hubopt.formats.exports.workbook import write_table
    from hubopt.study.pareto.store import FRONT, content_of, csv_of, table_of, write_json
    from hubopt.viz.front_page import front_html, front_svg

    folder = options.out
    write_json(folder, content_of(front, instance, policy))
    (folder / "front.csv").write_text(csv_of(front), encoding="utf-8")
    head, rows = table_of(front)
    write_table(folder / "front.xlsx", "front", head, rows, options.lang)
    content = _content(front, instance, policy)
    (folder / "front.html").write_text(front_html(content, options.lang), encoding="utf-8")
    (folder / "front.svg").write_bytes(front_svg(content, options.lang))
    for name in (FRONT, "front.csv", "front.xlsx", "front.html", "front.svg"):
        out.print(say("cli-frame.written", path=folder / name), markup=False)


def _ended(search: FrontSearch, instance: Instance, policy: Policy, options: Options) -> None:
    front = search.front()
    if front.points:
        _print(front)
        _write(front, instance, policy, options)


def run(instance_path: Path, policy_path: Path | None, options: Options) -> int:
    """Search the front, print it, write its folder; the exit code.

    Raises
    ------
    InputError
        For mistakes in the instance, the policy, the objectives or the output folder; nothing is solved.
    """
    from hubopt.study.pareto import FrontSearch, NoPlanError, RunStore, measures_of
    from hubopt.study.pareto.store import content_of, open_folder, write_json
    from hubopt.study.prices import Run

    instance = read_instance(instance_path)
    policy = Policy() if policy_path is None else read_policy(policy_path)
    apply(instance, policy)
    measures = measures_of(options.objectives, instance, policy)
    start = None
    if options.warm_start is not None:
        start = read_solution(options.warm_start)
        plan_of(start, options.warm_start)
    open_folder(options.out, resume=options.resume, force=options.force)
    how = Run(seconds=options.time_limit, gap=options.gap, threads=options.threads, seed=options.seed)
    store = RunStore(options.out, instance, instance_path, how)

    def listen(step: str, number: int, most: int) -> None:
        if search.lines:
            write_json(options.out, content_of(search.front(), instance, policy))
        err.print(say("cli-front.solving", number=number, most=most, step=told(step, spoken())), markup=False)

    search = FrontSearch(instance, policy, measures, options.points, store, listen, start)
    write_json(options.out, content_of(search.front(), instance, policy))
    try:
        search.run()
    except NoPlanError as error:
        if error.status == "infeasible":
            complain(say("cli-front.infeasible"))
            return INFEASIBLE
        complain(say("cli-front.no-plan"))
        return NO_SOLUTION
    except KeyboardInterrupt:
        _ended(search, instance, policy, options)
        err.print(say("cli-front.interrupted" if search.lines else "cli-front.nothing"))
        return INTERRUPTED
    _ended(search, instance, policy, options)
    if store.kept:
        out.print(say("cli-front.kept", count=store.kept))
    return DONE


def command(
    instance: InstanceDir,
    output: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write.", show_default=False)],
    objectives: Annotated[
        str,
        typer.Option(
            metavar="A,B[,C]",
            help="Two or three of cost, carbon, land, service (service:TARGET), resilience; the first is minimised.",
        ),
    ] = "cost,carbon",
    policy: PolicyFile = None,
    points: Annotated[
        int, typer.Option(min=2, max=100, help="Limits on each measure but the first, both ends included.")
    ] = 6,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=finite, metavar="SECONDS", help="Time for each run.")
    ] = 60.0,
    gap: Annotated[float, typer.Option(min=0.0, callback=finite, help="Relative gap at which a run is done.")] = 0.001,
    threads: Threads = 2,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Random seed of the solver.")] = 0,
    warm_start: Annotated[
        Path | None, typer.Option(metavar="RESULT", help="Result folder whose plan the first run starts from.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the front in DIR: runs that are there are not made again.")
    ] = False,
    force: Force = False,
    lang: LangOption = Lang.EN,
) -> None:
    """Trade two or three measures against each other: plans that none other beats, each checked and with its bound.

    Ctrl-C keeps the finished points; --resume goes on.
    """
    with guarded():
        if resume and force:
            message = "is given with --resume, which keeps what is there"
            raise InputError([Problem("--force", message, "give one of the two")])
        names = tuple(name.strip() for name in objectives.split(",") if name.strip())
        options = Options(names, points, time_limit, gap, threads, seed, warm_start, output, force, resume, spoken())
        code = run(instance, policy, options)
    raise typer.Exit(code)
