"""The study commands: run scenarios, show and query what came out, and find the sites that are robust."""

from __future__ import annotations

import math
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from hubopt.cli.exits import CHECK_FAILED, DONE, INFEASIBLE, INTERRUPTED, NO_SOLUTION, complain, err, guarded, out
from hubopt.cli.progress import amount, percent
from hubopt.cli.results import write_whole
from hubopt.cli.sitting import warn
from hubopt.cli.speech import Lang, LangOption, say, spoken, word
from hubopt.cli.tabling import chosen, print_table, print_upright, status_word, write_tables
from hubopt.texts import told

study_app = typer.Typer(
    help="Many scenarios of one case: run, show, query, robust sites.", no_args_is_help=True, rich_markup_mode=None
)

StudyDir = Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of a study that was run.", show_default=False)]
StudyFile = Annotated[Path, typer.Argument(metavar="FILE", help="Study file (TOML).", show_default=False)]
Workers = Annotated[
    int | None, typer.Option(min=0, max=1024, help="Worker processes; none: one a core; 0: none, solve here.")
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="A dask scheduler that runs already, such as tcp://127.0.0.1:8786."),
]
Csv = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the table as CSV.")]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="Write all tables as a spreadsheet.")]
Markdown = Annotated[Path | None, typer.Option(metavar="FILE", help="Write all tables as Markdown.")]
OtherInstance = Annotated[
    Path | None, typer.Option("--instance", metavar="DIR", help="The base instance, if it has been moved since.")
]

_SHORT = {
    "scenario", "status", "gap", "objective", "objective, more than in the first", "land", "emission", "demand served",
    "open, hub", "open, utc", "open, station",
}  # fmt: skip
"""Columns of the overview that are printed when not all are asked for."""

_MOST_SITES = 30
_MOST_RUNNING = 12


def _finite_if_any(value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter("give a finite number")
    return value


Gap = Annotated[float | None, typer.Option(min=0.0, callback=_finite_if_any, help="Relative gap at which a run ends.")]
TimeLimit = Annotated[
    float | None, typer.Option(min=0.1, callback=_finite_if_any, metavar="SECONDS", help="Longest time of a run.")
]
NodeLimit = Annotated[
    int | None, typer.Option(min=1, metavar="NODES", help="Nodes of branch and bound after which a run ends.")
]


class StudyProgress:
    """Shows how a study stands: a bar for all of it and a line for each run under way, or a line for each that ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
        )
        self._task = self._bar.add_task("", total=None)
        self._running: dict[str, str] = {}
        self._live = Live(console=console, refresh_per_second=4, transient=True) if console.is_terminal else None

    def __enter__(self) -> StudyProgress:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, now: Any) -> None:
        """Take in how the study stands (:class:`hubopt.study.scenarios.runner.Standing`)."""
        from hubopt.study.scenarios.work import Answer, News

        event = now.event
        over = now.kept + now.done + now.failed
        if event is None:
            self._say(say("cli-study.begins", total=now.total, kept=now.kept, workers=now.workers))
        elif isinstance(event, News):
            phase = word("progress", event.phase.partition(": ")[0])
            self._running[event.name] = say(
                "cli-study.running", name=event.name, phase=phase, seconds=f"{event.seconds:.0f}",
                best=amount(event.incumbent), gap=percent(event.gap),
            )  # fmt: skip
        else:
            self._running.pop(event.name, None)
            place = {"number": over, "total": now.total, "name": event.name}
            if isinstance(event, Answer):
                shown = {"objective": amount(event.objective), "gap": percent(event.gap)}
                status, seconds = status_word(event.status), f"{event.seconds:.1f}"
                self._say(say("cli-study.answer", **place, **shown, status=status, seconds=seconds))
            else:
                self._say(say("cli-study.failure", **place, message=told(event.message, spoken())))
        if self._live is not None:
            workers = say("cli-study.workers", count=now.workers)
            self._bar.update(self._task, completed=over, total=now.total, description=workers)
            lines = [Text(line) for line in list(self._running.values())[:_MOST_RUNNING]]
            self._live.update(Group(self._bar, *lines))

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False)


def _notice(kind: str) -> None:
    """Nothing: what is kept is said at the end."""


def _options(**given: object) -> dict[str, object]:
    return {name: value for name, value in given.items() if value is not None}


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


def _watching() -> Any:
    from hubopt.solve.watchdog import watching

    return watching(None, _notice)


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

        options = _options(
            gap=gap, time_limit=time_limit, node_limit=node_limit, seed=seed, deterministic=deterministic,
            warm_starts=warm_starts,
        )  # fmt: skip
        staff = Staff(scheduler=scheduler) if workers is None else Staff(workers, scheduler)
        folder = output or Path("results") / file.stem
        with _watching(), StudyProgress(err) as progress:
            outcome = run_study(file, folder, options=options, workers=staff, force=force, told=progress)
        with Store(folder) as store:
            table = overview(store)
        print_table(chosen(table, _SHORT))
        out.print()
        _say_outcome(outcome)
        code = _code_of(outcome, [row[1] for row in table.rows])
    raise typer.Exit(code)


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
        for scenario in study.scenarios:
            told_changes = ", ".join(f"{path} = {value}" for path, value in scenario.leaves.items())
            start = from_which[scenario.name]
            shown = "" if start is None else say("cli-study.starts-from", name=start)
            out.print(f"[bold]{escape(scenario.name)}[/]  {escape(told_changes)}{escape(shown)}")
        out.print("\n" + say("cli-study.sound", count=len(names)))


def _print_sets(store: Any) -> None:
    """Which sites are in every answer, and which only in some."""
    from hubopt.study.scenarios.tables import site_uses

    separator = say("cli-frame.list")
    uses = site_uses(store)
    for level in dict.fromkeys(use.level for use in uses):
        own = [use for use in uses if use.level == level]
        always = [use.site for use in own if use.share == 1.0]
        some = [use for use in own if use.share < 1.0]
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
                print_table(chosen(table, _SHORT))
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


@study_app.command()
def robust(
    folder: StudyDir,
    regret: Annotated[
        bool, typer.Option("--regret", help="Find what fixing a site now would cost: solve again with it forced in.")
    ] = False,
    site: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SITE", help="Site whose regret is wanted; may be repeated; none: the most frequent ones."
        ),
    ] = None,
    share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Without --site: sites that at least this share of plans have.")
    ] = 0.5,
    stations: Annotated[bool, typer.Option("--stations", help="Look at stations too.")] = False,
    workers: Workers = None,
    scheduler: Scheduler = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    node_limit: NodeLimit = None,
    instance: OtherInstance = None,
    csv: Csv = None,
    xlsx: Xlsx = None,
    markdown: Markdown = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Tell the robust sites: how often each site and size is chosen, no-regret sites, the regret of fixing one now."""
    with guarded():
        from hubopt.study.scenarios import robust as sites_of
        from hubopt.study.scenarios.runner import Workers as Staff
        from hubopt.study.scenarios.store import Store
        from hubopt.study.scenarios.tables import planned, site_uses

        levels = ("hub", "utc", "station") if stations else ("hub", "utc")
        with Store(folder) as store:
            plans = len(planned(store))
            uses = [use for use in site_uses(store) if use.level in levels]
            wanted = list(site or sites_of.candidates(store, levels, share))
        tables = [sites_of.use_table(uses, plans)]
        print_table(tables[0])
        separator = say("cli-frame.list")
        for level in levels:
            always = [use.site for use in uses if use.share == 1.0 and use.level == level]
            listed = escape(separator.join(always)) or say("cli-compare.none")
            out.print("\n" + say("cli-study.no-regret", level=word("node", level), plans=plans, list=listed))
        code = DONE
        if regret or site:
            staff = Staff(scheduler=scheduler) if workers is None else Staff(workers, scheduler)
            options = _options(gap=gap, time_limit=time_limit, node_limit=node_limit)
            with _watching(), StudyProgress(err) as progress:
                found, outcome = sites_of.regrets(
                    folder, wanted, options=options, workers=staff, instance_path=instance, told=progress
                )
            tables += [sites_of.regret_table(found), sites_of.cases_table(found)]
            out.print("\n" + say("cli-study.regret"))
            print_table(tables[1])
            code = INTERRUPTED if outcome.interrupted else CHECK_FAILED if outcome.failed else DONE
        write_tables(tables, csv, xlsx, markdown)
    raise typer.Exit(code)


@study_app.command(name="map")
def draw(
    folder: StudyDir,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write; none: map.html in STUDY.", show_default=False),
    ] = None,
    instance: OtherInstance = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Draw how often each site is chosen across a study: one HTML file that opens without a network."""
    with guarded():
        from hubopt.instance import read_instance
        from hubopt.study.scenarios.store import Store
        from hubopt.study.scenarios.tables import planned, site_uses
        from hubopt.viz.frequency import Use, frequency_map

        with Store(folder) as store:
            record, plans, uses = store.record, planned(store), site_uses(store)
        case = read_instance(instance or (folder / record.instance_path).resolve())
        drawn = {
            use.site: Use(
                len(use.scenarios),
                [f"{design} x {modules} ({count})" for (design, modules), count in use.sizes.items()],
                [name for name in plans if name not in use.scenarios],
            )
            for use in uses
        }
        names = {"en": record.name_en, "zh": record.name_zh or record.name_en}
        write_whole(output or folder / "map.html", frequency_map(case, drawn, len(plans), names, lang.value))
