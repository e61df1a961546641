"""The study commands: run scenarios, show and query what came out, and find the sites that are robust."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from hubopt.cli import robust_sites
from hubopt.cli.exits import CHECK_FAILED, DONE, INFEASIBLE, INTERRUPTED, NO_SOLUTION, complain, err, guarded, out
from hubopt.cli.progress import percent
from hubopt.cli.results import write_whole
from hubopt.cli.sitting import warn
from hubopt.cli.speech import Lang, LangOption, say, spoken, word
from hubopt.cli.study_options import (
    Csv,
    Gap,
    Markdown,
    NodeLimit,
    Scheduler,
    StudyDir,
    StudyFile,
    TimeLimit,
    Workers,
    Xlsx,
    given,
    watching_workers,
)
from hubopt.cli.study_progress import StudyProgress
from hubopt.cli.tabling import chosen, print_table, print_upright, write_tables
from hubopt.texts import told

study_app = typer.Typer(
    help="Many scenarios of one case: run, show, query, robust sites.", no_args_is_help=True, rich_markup_mode=None
)

_SHORT = {
    "scenario", "status", "gap", "objective", "objective, more than in the first", "land", "emission", "demand served",
    "open, hub", "open, utc", "open, station",
}  # fmt: skip
"""Columns of the overview that are printed when not all are asked for."""

_MOST_SITES = 30
_WIDE = 140
"""Columns of text that a terminal has room for from which names are printed too."""


def _short() -> set[str]:
    """Those columns; in a wide terminal with the scenarios' names in the language of this run."""
    from hubopt.study.scenarios.tables import NAMES

    return _SHORT | ({NAMES[f"name_{spoken()}"]} if out.width >= _WIDE else set())


def _code_of(outcome: Any, statuses: list[str]) -> int:
    """The exit code of a study by how its runs ended."""
    if outcome.interrupted:
        return INTERRUPTED
    if outcome.failed or outcome.missing or "error" in statuses:
        return CHECK_FAILED
    if "no-solution" in statuses:
        return NO_SOLUTION
    return INFEASIBLE if statuses and set(statuses) == {"infeasible"} else DONE


def _say_outcome(outcome: Any) -> None:
    counts = {"kept": len(outcome.kept), "solved": len(outcome.solved), "failed": len(outcome.failed)}
    out.print(say("cli-study.over", **counts, missing=len(outcome.missing), path=escape(str(outcome.folder))))
    for name, message in outcome.failed.items():
        complain(say("cli-study.failed", name=name, message=told(message, spoken())))
    if outcome.stale:
        warn(escape(say("cli-study.stale", list=say("cli-frame.list").join(outcome.stale))))
    if outcome.interrupted:
        complain(say("cli-study.interrupted"))


@study_app.command()
def run(
    file: StudyFile,
    output: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder of the study, new or to go on with; none: results/NAME.",
            show_default=False,
        ),
    ] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    node_limit: NodeLimit = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Random seed of the solver.")] = None,
    deterministic: Annotated[
        bool | None,
        typer.Option(
            "--deterministic/--no-deterministic",
            help="Whether no clock but the time limit decides anything, so that the study can be repeated.",
        ),
    ] = None,
    warm_starts: Annotated[
        bool | None,
        typer.Option("--warm-starts/--no-warm-starts", help="Whether runs start from the plan of a near scenario."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Throw away what the folder holds of a study and begin anew.")
    ] = False,
    lang: LangOption = Lang.EN,
) -> None:
    """Run a study, or what is missing of it: every scenario in worker processes, each result as soon as it is there.

    Options in place of those of the file's [run]. Results whose instance, policy and code are unchanged are kept.
    """  # fmt: skip
    with guarded():
        from hubopt.study.scenarios.runner import Workers as Staff
        from hubopt.study.scenarios.runner import run_study
        from hubopt.study.scenarios.store import Store
        from hubopt.study.scenarios.tables import overview

        options = given(
            gap=gap, time_limit=time_limit, node_limit=node_limit, seed=seed, deterministic=deterministic,
            warm_starts=warm_starts,
        )  # fmt: skip
        staff = Staff(scheduler=scheduler) if workers is None else Staff(workers, scheduler)
        folder = output or Path("results") / file.stem
        with watching_workers(), StudyProgress(err) as progress:
            outcome = run_study(file, folder, options=options, workers=staff, force=force, told=progress)
        with Store(folder) as store:
            table = overview(store)
        print_table(chosen(table, _short()))
        out.print()
        _say_outcome(outcome)
        code = _code_of(outcome, [row[1] for row in table.rows])
    raise typer.Exit(code)


def _told_changes(changes: Mapping[str, Any]) -> str:
    """Changes in a line; lists without quotes and brackets."""
    told_values = {
        path: " ".join(map(str, value)) if isinstance(value, list | tuple) else value for path, value in changes.items()
    }
    return ", ".join(f"{path} = {value}" for path, value in told_values.items()) or say("cli-study.no-change")


@study_app.command()
def validate(file: StudyFile, lang: LangOption = Lang.EN) -> None:
    """Find every mistake in a study file at once, and list its scenarios; exit code 2 if there is any."""
    with guarded():
        from hubopt.study.scenarios.expand import read_study
        from hubopt.study.scenarios.neighbours import starts

        study, _ = read_study(file)
        names = [item.name for item in study.scenarios]
        order = starts([item.tree for item in study.scenarios], warm=study.run.warm_starts)
        from_which = {names[one]: None if start is None else names[start] for one, start in order}
        changes = {item.name: item.leaves for item in study.scenarios}
        common = [pair for pair in changes[names[0]].items() if all(pair in own.items() for own in changes.values())]
        if common and len(names) > 1:
            out.print(say("cli-study.in-all", changes=_told_changes(dict(common))), markup=False)
            out.print()
        for name in names:
            own = {
                path: value for path, value in changes[name].items() if len(names) == 1 or (path, value) not in common
            }
            start = from_which[name]
            shown = "" if start is None else say("cli-study.starts-from", name=start)
            out.print(f"[bold]{escape(name)}[/]  {escape(_told_changes(own))}{escape(shown)}")
        out.print("\n" + say("cli-study.sound", count=len(names)))


def _print_sets(store: Any) -> None:
    """Which sites are in every answer, and which only in some."""
    from hubopt.study.scenarios.tables import site_uses

    separator = say("cli-frame.list")
    uses = site_uses(store)
    for level in dict.fromkeys(use.level for use in uses):
        own = [use for use in uses if use.level == level]
        always = [use.site for use in own if use.always]
        some = [use for use in own if not use.always]
        if level == "station":
            out.print("\n" + say("cli-compare.stations", everywhere=len(always), sometimes=len(some)))
            continue
        everywhere = escape(separator.join(always)) or say("cli-compare.none")
        out.print("\n" + say("cli-compare.everywhere", level=word("node", level), list=everywhere))
        for use in some[:_MOST_SITES]:
            out.print(
                say("cli-study.sometimes", site=escape(use.site), share=percent(use.share), count=len(use.scenarios))
            )


@study_app.command()
def show(
    folder: StudyDir,
    whole: Annotated[bool, typer.Option("--all", help="Print every column, not only the most telling ones.")] = False,
    csv: Csv = None,
    xlsx: Xlsx = None,
    markdown: Markdown = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Show a study: indicators and cost parts of every scenario, site sets, changes by zone, effects of parameters."""
    with guarded():
        from hubopt.study.scenarios.effects import effects_table
        from hubopt.study.scenarios.store import Store
        from hubopt.study.scenarios.tables import overview, parameters_table, runs_table, sites_table, zones_table

        with Store(folder) as store:
            table = overview(store)
            effects = effects_table(store)
            others = [sites_table(store), zones_table(store), parameters_table(store), runs_table(store)]
            if whole:
                print_upright(table)
            else:
                print_table(chosen(table, _short()))
            _print_sets(store)
        if effects is not None:
            out.print("\n" + say("cli-study.effects"))
            print_table(effects)
            others.insert(0, effects)
        write_tables([table, *others], csv, xlsx, markdown)


@study_app.command()
def query(
    folder: StudyDir,
    sql: Annotated[
        str,
        typer.Argument(
            metavar="SQL", help="One SELECT; tables: scenarios, parameters, runs, costs, kpis, sites, zones."
        ),
    ],
    csv: Csv = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Ask the tables of a study in SQL (DuckDB), without access to files: DESCRIBE runs lists columns."""
    with guarded():
        from hubopt.study.scenarios.store import Store

        with Store(folder) as store:
            found = store.query(sql)
        if csv is not None:
            write_whole(csv, found.to_csv(index=False, lineterminator="\n"))
        else:
            out.print(found.to_string(index=False, max_rows=None), markup=False)


study_app.command()(robust_sites.robust)
study_app.command(name="map")(robust_sites.draw)
