"""Commands that ask why: explanations, the land curve, diagnoses, comparisons."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hubopt.cli import comparing, curves, diagnosing, explaining
from hubopt.cli.exits import guarded
from hubopt.cli.options import (
    Force,
    InstanceDir,
    PolicyFile,
    ResultDir,
    Threads,
    finite,
    policy_or_shipped,
)
from hubopt.cli.speech import Lang, LangOption


def explain(
    instance: InstanceDir,
    result: ResultDir,
    alternatives: Annotated[int, typer.Option(min=0, max=50, help="Other site sets to seek.")] = 3,
    within: Annotated[
        float, typer.Option(min=0.0, callback=finite, help="How much worse they may be, as a share of the objective.")
    ] = 0.02,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=finite, metavar="SECONDS", help="Time for each run.")
    ] = 30.0,
    gap: Annotated[float, typer.Option(min=0.0, callback=finite, help="Relative gap at which a run stops.")] = 0.001,
    threads: Threads = 2,
    price_of: Annotated[
        list[str] | None,
        typer.Option(metavar="FAMILY", help="Price a family of requirements, such as resilience; may be repeated."),
    ] = None,
    standards: Annotated[
        bool, typer.Option("--standards/--no-standards", help="Price service targets and counts, a run for each.")
    ] = True,
    output: Annotated[Path | None, typer.Option("--out", metavar="FILE.json", help="Write everything as JSON.")] = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Explain a result: what its limits and standards cost, and which other sites would do nearly as well."""
    options = explaining.Options(
        alternatives=alternatives,
        within=within,
        time_limit=time_limit,
        gap=gap,
        threads=threads,
        families=price_of or [],
        standards=standards,
        out=output,
    )
    with guarded():
        explaining.run(instance, result, options)


def land_curve(
    instance: InstanceDir,
    output: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write.", show_default=False)],
    policy: PolicyFile = None,
    points: Annotated[int, typer.Option(min=2, max=100, help="Points from least land to least cost.")] = 6,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=finite, metavar="SECONDS", help="Time for each point.")
    ] = 60.0,
    gap: Annotated[
        float, typer.Option(min=0.0, callback=finite, help="Relative gap at which a point is done.")
    ] = 0.001,
    threads: Threads = 2,
    force: Force = False,
    lang: LangOption = Lang.EN,
) -> None:
    """Trade land against cost: the cheapest plans from the least land to no limit, each checked, with its bound."""
    options = curves.Options(
        points=points, time_limit=time_limit, gap=gap, threads=threads, out=output, force=force, lang=lang.value
    )
    with guarded():
        code = curves.run(instance, policy, options)
    raise typer.Exit(code)


def diagnose(
    instance: InstanceDir,
    policy: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Policy file, or the name of a policy that comes with hubopt; none: that of RESULT, or as the "
            "instance stands.",
            callback=policy_or_shipped,
        ),
    ] = None,
    result: Annotated[
        Path | None, typer.Option(metavar="RESULT", help="Result folder: look at what it holds, too.")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="LIMIT", help="Limit, or family of limits, not to be changed; may be repeated."),
    ] = None,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=finite, metavar="SECONDS", help="Time for solving.")
    ] = 300.0,
    threads: Threads = 1,
    suggest: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the mended policy here.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write the instance here, if the mend has to change its tables."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    force: Force = False,
    lang: LangOption = Lang.EN,
) -> None:
    """Say why an instance has no plan under a policy and what would mend it, or what looks odd; exit code 3 if none."""
    options = diagnosing.Options(
        instance=instance,
        policy=policy,
        result=result,
        keep=tuple(keep or ()),
        time_limit=time_limit,
        threads=threads,
        suggest=suggest,
        out=output,
        json=as_json,
        force=force,
        lang=lang.value,
    )
    with guarded():
        code = diagnosing.run(options)
    raise typer.Exit(code)


def compare(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="RESULT...",
            help="Folders of two or more results, or of studies, whose results count.",
            show_default=False,
        ),
    ],
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the comparison as Markdown too.")] = None,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the comparison as CSV too.")] = None,
    xlsx: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a spreadsheet too: figures, sites, changes by zone.")
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="Draw two results side by side and their difference as HTML."),
    ] = None,
    instances: Annotated[
        list[Path] | None,
        typer.Option(
            "--instance", metavar="DIR", help="The instance, if it has been moved since; once, or once for each result."
        ),
    ] = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Compare results: indicators, cost parts, the sites in every answer or only in some; with --map, on a map."""
    with guarded():
        comparing.run(folders, comparing.Files(markdown, csv, xlsx), instances or [])
        if target is not None:
            comparing.draw(folders, target, instances or [], lang.value)
