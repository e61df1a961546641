"""The bench command: hubopt beside other solvers on a suite of instances."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from hubopt.cli.exits import BAD_INPUT, CHECK_FAILED, DONE, INTERRUPTED, complain, err, guarded, out
from hubopt.cli.options import finite_if_any
from hubopt.cli.speech import Lang, LangOption, say, spoken
from hubopt.instance import InputError, Problem
from hubopt.instance.errors import choose_from
from hubopt.texts import Texts

_SIZE = re.compile(r"(\d+)x(\d+)x(\d+)x(\d+)")
HUBOPT_METHODS = ("auto", "monolith", "staged", "phased", "decompose")
"""Methods that may be asked for; one that this version lacks is said to be missing in the table."""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _sizes(text: str) -> tuple[tuple[int, int, int, int], ...]:
    found = []
    for part in _listed(text):
        if (match := _SIZE.fullmatch(part)) is None or min(int(size) for size in match.groups()) < 1:
            mend = "give zones x stations x centres x hubs, such as 300x80x20x8"
            raise InputError([Problem("--sizes", "is no size", mend, value=part)])
        zones, stations, centres, hubs = (int(size) for size in match.groups())
        found.append((zones, stations, centres, hubs))
    return tuple(found)


def _seeds(text: str) -> tuple[int, ...]:
    parts = _listed(text)
    for part in parts:
        if not part.isdigit():
            raise InputError([Problem("--seeds", "is no seed", "give whole numbers from 0", value=part)])
    return tuple(int(part) for part in parts)


def _printer(texts: Texts) -> Callable[[Mapping[str, object]], None]:
    """What prints a run: called from threads, which do not know the language of the command."""
    return lambda run: _print_run(run, texts)


def _print_run(run: object, say: Texts) -> None:
    from hubopt.bench.figures import Run, gap_of
    from hubopt.bench.tables import amount, clock, percent

    assert isinstance(run, dict)
    record: Run = run
    if record["state"] == "skipped":
        text = say("bench.run-skipped", instance=record["instance"], solver=record["solver"], note=record["note"])
    else:
        text = say(
            "bench.run",
            instance=record["instance"],
            solver=record["solver"],
            state=record["state"],
            objective=amount(record["objective"]),
            bound=amount(record["bound"]),
            gap=percent(gap_of(record["objective"], record["bound"])) + " %",
            seconds=clock(record["seconds"]),
            memory=f"{record['peak_mb']:,.0f}",
        )
    out.print(escape(text), soft_wrap=True, highlight=False)


def command(
    suite: Annotated[
        str,
        typer.Argument(
            metavar="SUITE",
            help="orlib, orlib-single, orlib-uncapacitated, holmberg, tscflp, mptscflp, sslp, hub, scale, geo, smoke; "
            "page: write the pages of earlier runs in --out.",
            show_default=False,
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the published files, or of instances (geo); folders in it count."),
    ] = None,
    methods: Annotated[
        str | None,
        typer.Option(help="Methods of hubopt, with commas; rivals may stand among them.", show_default=False),
    ] = None,
    rivals: Annotated[
        str | None,
        typer.Option(help="Other solvers, with commas: highs, scip, cpsat, cbc; none.", show_default=False),
    ] = None,
    forms: Annotated[
        str, typer.Option(help="Formulations for the rivals: strong, weak, total; none: what is usual.")
    ] = "",
    time_limit: Annotated[
        float | None,
        typer.Option(min=0.1, callback=finite_if_any, metavar="SECONDS", help="Time for each run; none: the suite's."),
    ] = None,
    gap: Annotated[
        float | None,
        typer.Option(min=0.0, callback=finite_if_any, help="Relative gap at which a run stops; none: the suite's."),
    ] = None,
    threads: Annotated[int, typer.Option(min=1, max=1024, help="Threads of each solver.")] = 1,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Random seed of the solvers.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Runs at the same time.")] = 1,
    memory_limit: Annotated[
        float | None,
        typer.Option(min=0.1, callback=finite_if_any, metavar="GIB", help="End a run that takes more memory."),
    ] = None,
    instances: Annotated[
        str, typer.Option(help="Names of instances, with commas; * stands for anything. None: all.")
    ] = "",
    sizes: Annotated[str, typer.Option(help="Sizes of the synthetic cases (scale), with commas.")] = "300x80x20x8",
    seeds: Annotated[str, typer.Option(help="Seeds of the synthetic cases (scale), with commas.")] = "0,1,2",
    policy: Annotated[Path | None, typer.Option(metavar="FILE", help="Policy file (geo).")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder to write; none: results/bench/SUITE.", show_default=False),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="With page: folder of the pages; none: docs.", show_default=False),
    ] = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Run hubopt and other solvers on a suite of instances, each run in a process of its own, every answer checked.

    Runs that have ended are kept in DIR and not repeated: the same command goes on where it was stopped.
    """
    with guarded():
        if suite == "page":
            code = _write_pages(output or Path("results/bench"), page or Path("docs"))
        else:
            from hubopt.bench.answers import Limits
            from hubopt.bench.rivals import RIVALS
            from hubopt.bench.runner import Plan
            from hubopt.bench.suites import SUITES, Asked

            if suite not in SUITES:
                raise InputError([Problem(suite, "is no suite", choose_from(suite, [*SUITES, "page"]))])
            chosen = SUITES[suite]
            named = _listed(methods) if methods is not None else chosen.methods
            beside = () if rivals == "none" else _listed(rivals) if rivals is not None else ()
            if rivals is None and methods is None:
                beside = chosen.rivals
            beside = tuple(dict.fromkeys([*(name for name in named if name in RIVALS), *beside]))
            own = tuple(name for name in named if name not in RIVALS)
            _known("--methods", own, (*HUBOPT_METHODS, *RIVALS))
            _known("--rivals", beside, tuple(RIVALS))
            _known("--forms", _listed(forms), ("strong", "weak", "total", "whole"))
            folder = output or Path("results/bench") / suite
            if folder.exists() and not folder.is_dir():
                raise InputError([Problem(str(folder), "is not a folder", "give another place")])
            if data is not None and not data.is_dir():
                raise InputError([Problem(str(data), "is not a folder", "give the folder of the files")])
            limits = Limits(
                chosen.time_limit if time_limit is None else time_limit,
                chosen.gap if gap is None else gap,
                threads,
                seed,
            )
            plan = Plan(suite, own, beside, limits, _listed(forms), jobs, memory_limit)
            asked = Asked(data, folder, _listed(instances), _sizes(sizes), _seeds(seeds), policy)
            code = _run(plan, asked, folder)
    raise typer.Exit(code)


def _known(option: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            raise InputError([Problem(option, f"{name!r} is not known", choose_from(name, known))])


def _run(plan: object, asked: object, folder: Path) -> int:
    from hubopt.bench.figures import latest, read_runs
    from hubopt.bench.output import write_output
    from hubopt.bench.runner import Plan, Runner
    from hubopt.bench.suites import Asked, cases_of
    from hubopt.bench.tables import run_lines, summary_table

    assert isinstance(plan, Plan) and isinstance(asked, Asked)
    found = cases_of(plan.suite, asked)
    for sentence in found.missing:
        err.print(escape(sentence), soft_wrap=True)
    if not found.cases:
        complain(say("bench.nothing"))
        return BAD_INPUT
    names = ", ".join([*plan.methods, *plan.rivals])
    out.print(
        escape(
            say(
                "bench.starting",
                suite=plan.suite,
                cases=len(found.cases),
                solvers=names,
                seconds=f"{plan.limits.seconds:g}",
                folder=folder,
            )
        ),
        soft_wrap=True,
    )
    try:
        runs = Runner(plan, folder, _printer(Texts(spoken()))).run(found.cases)
    except KeyboardInterrupt:
        complain(say("bench.interrupted"))
        kept = latest(read_runs(folder))
        if kept:
            write_output(kept, folder, Texts(spoken()), found.missing, scale=plan.suite in ("scale", "geo"))
        return INTERRUPTED
    by_run = plan.suite in ("scale", "geo")
    out.print(escape("\n".join(["", *(run_lines(runs) if by_run else summary_table(runs)), ""])), soft_wrap=True)
    for path in write_output(runs, folder, Texts(spoken()), found.missing, scale=by_run):
        out.print(escape(say("cli-frame.written", path=path)), soft_wrap=True)
    failed = sum(run["objective"] is not None and not run["checked"] for run in runs if run["kind"] == "hubopt")
    if failed:
        complain(say("bench.failed", count=failed))
        return CHECK_FAILED
    return DONE


def _write_pages(folder: Path, target: Path) -> int:
    from hubopt.bench.pages import write_pages

    for path in write_pages(folder, target):
        out.print(escape(say("cli-frame.written", path=path)), soft_wrap=True)
    return DONE
