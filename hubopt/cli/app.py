"""The commands and their options."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import hubopt
from hubopt.cli import (
    benching,
    comparing,
    curves,
    diagnosing,
    explaining,
    exporting,
    fronting,
    geography,
    importing,
    instance_comparing,
    instances,
    reporting,
    results,
    reviewing,
    solving,
    uncertain,
)
from hubopt.cli import trips as observed
from hubopt.cli.exits import guarded, out
from hubopt.cli.speech import Lang, LangOption, speak_as_environment_says
from hubopt.cli.studying import study_app

app = typer.Typer(
    name="hubopt",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Trust = Annotated[
    bool, typer.Option("--trust", help="Let the recipe read files anywhere, not only beside it and in HUBOPT_DATA.")
]
data_app = typer.Typer(help="Make instances from geography.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(data_app, name="data")
app.add_typer(study_app, name="study")


class Method(StrEnum):
    """How to solve."""

    AUTO = "auto"
    MONOLITH = "monolith"
    STAGED = "staged"
    DECOMPOSE = "decompose"
    PHASED = "phased"


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise typer.BadParameter("give a finite number")
    return value


def _finite_if_any(value: float | None) -> float | None:
    return None if value is None else _finite(value)


def _is_given(context: typer.Context, name: str) -> bool:
    """Whether a parameter was given on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


InstanceDir = Annotated[Path, typer.Argument(metavar="INSTANCE", help="Folder of the instance.", show_default=False)]
ResultDir = Annotated[Path, typer.Argument(metavar="RESULT", help="Folder of the result.", show_default=False)]
Threads = Annotated[int, typer.Option(min=1, max=1024, help="Threads that the solver may use.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the output if it exists.")]
OtherInstance = Annotated[
    Path | None, typer.Option("--instance", metavar="DIR", help="The instance, if it has been moved since.")
]


def _version(asked: bool) -> None:
    if asked:
        out.print(f"hubopt {hubopt.__version__}")
        raise typer.Exit


@app.callback()
def _hubopt(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Sizes and places a three-level logistics network: hubs, transfer centres and community stations.

    Exit codes: 0 done; 1 the check failed; 2 bad usage or input; 3 infeasible; 4 no solution within the limit; 130
    interrupted (the best checked result is saved).
    """
    speak_as_environment_says()


@app.command()
def solve(
    context: typer.Context,
    instance: Annotated[
        Path | None,
        typer.Argument(
            metavar="INSTANCE",
            help="Folder of the instance; may be left out with --resume and --rerun.",
            show_default=False,
        ),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Policy file; none: as the instance stands.")
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Marks of the review map: accepted sites are forced in, rejected out."),
    ] = None,
    method: Annotated[Method, typer.Option(help="How to solve; auto chooses by size.")] = Method.AUTO,
    gap: Annotated[
        float, typer.Option(min=0.0, callback=_finite, help="Relative gap at which a solution counts as optimal.")
    ] = 0.01,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=_finite, metavar="SECONDS", help="Time for solving.")
    ] = 300.0,
    node_limit: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="NODES", help="Stop after so many nodes of branch and bound; such a run is deterministic."
        ),
    ] = None,
    memory_limit: Annotated[
        float | None,
        typer.Option(
            min=0.1, callback=_finite_if_any, metavar="GIB", help="Stop with the best plan when more memory is in use."
        ),
    ] = None,
    threads: Threads = 2,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Random seed of the solver.")] = 0,
    deterministic: Annotated[
        bool,
        typer.Option(
            "--deterministic", help="Let no clock but the time limit decide anything, so that a run can be repeated."
        ),
    ] = False,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Go on with the run that wrote, or was to write, this result folder."),
    ] = None,
    rerun: Annotated[
        Path | None,
        typer.Option(metavar="RESULT", help="Repeat the run of this result as it was asked and say what differs."),
    ] = None,
    warm_start: Annotated[
        Path | None, typer.Option(metavar="RESULT", help="Result folder whose plan the search starts from.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Result folder to write; none: results/INSTANCE[-POLICY].", show_default=False
        ),
    ] = None,
    force: Force = False,
    lang: LangOption = Lang.EN,
    log: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the solver's log here while it runs.")] = None,
) -> None:
    """Solve an instance, check the solution and write a result folder with map and report.

    While it runs, the best checked plan is kept in DIR.partial; --resume goes on from it.
    """
    if resume is not None and rerun is not None:
        raise typer.BadParameter("give either --resume or --rerun", param_hint="--rerun")
    if (resume is not None or rerun is not None) and decisions is not None:
        raise typer.BadParameter("the earlier run's policy holds its decisions", param_hint="--decisions")
    if rerun is not None and policy is not None:
        raise typer.BadParameter("a run is repeated with its own policy", param_hint="--policy")
    if resume is None and rerun is None and instance is None:
        raise typer.BadParameter("Missing argument.", param_hint="INSTANCE")
    options = solving.Options(
        method=method.value,
        gap=gap,
        time_limit=time_limit,
        threads=threads,
        seed=seed,
        warm_start=warm_start,
        out=output,
        force=force,
        lang=lang.value,
        log=log,
        decisions=decisions,
        node_limit=node_limit,
        memory_limit=memory_limit,
        deterministic=deterministic,
    )
    with guarded():
        if resume is not None:
            given = [name for name in context.params if _is_given(context, name)]
            code = solving.resume(resume, instance, policy, options, given)
        elif rerun is not None:
            code = solving.repeat(rerun, instance, options)
        else:
            assert instance is not None
            code = solving.run(instance, policy, options)
    raise typer.Exit(code)


@app.command()
def validate(instance: InstanceDir, lang: LangOption = Lang.EN) -> None:
    """Find every mistake in an instance at once; exit code 2 if there is any."""
    with guarded():
        instances.validate(instance)


@app.command()
def check(instance: InstanceDir, result: ResultDir, lang: LangOption = Lang.EN) -> None:
    """Check a result against its instance with the independent checker; exit code 1 if anything is wrong."""
    with guarded():
        code = results.check(instance, result)
    raise typer.Exit(code)


@app.command()
def show(result: ResultDir, lang: LangOption = Lang.EN) -> None:
    """Print the summary of a result."""
    with guarded():
        results.show(result)


@app.command(name="map")
def map_command(
    result: ResultDir,
    instance: OtherInstance = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write; none: map.html in RESULT.", show_default=False),
    ] = None,
    tiles: Annotated[
        str | None,
        typer.Option(metavar="SERVICE", help="Online tiles under the map: osm, or an address with {z}, {x} and {y}."),
    ] = None,
    tiles_credit: Annotated[
        str, typer.Option("--tiles-credit", metavar="TEXT", help="Whose tiles they are; the map says so.")
    ] = "",
    lang: LangOption = Lang.EN,
) -> None:
    """Draw the map of a result: one HTML file that opens without a network, unless online tiles are asked for."""
    with guarded():
        results.draw_map(result, instance, output, lang.value, tiles, tiles_credit)


@app.command()
def report(
    result: ResultDir,
    instance: OtherInstance = None,
    form: Annotated[
        reporting.ReportFormat, typer.Option("--format", help="A page for the screen, or a dossier to print.")
    ] = reporting.ReportFormat.HTML,
    against: Annotated[
        Path | None,
        typer.Option(metavar="RESULT", help="A result to compare with: the report names what the decisions cost."),
    ] = None,
    explained: Annotated[
        Path | None,
        typer.Option(metavar="FILE.json", help="What hubopt explain wrote; none: explained.json in RESULT, if there."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write; none: report.FORMAT in RESULT.", show_default=False),
    ] = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Write the report on a result: an HTML page that opens without a network, or a PDF with a page for each site."""
    options = reporting.Options(instance, output, lang.value, form, against, explained)
    with guarded():
        reporting.write_report(result, options)


@app.command()
def charts(
    result: ResultDir,
    instance: OtherInstance = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder to write to; none: charts in RESULT.", show_default=False),
    ] = None,
    form: Annotated[
        reporting.ChartFormat, typer.Option("--format", help="Kind of the files.")
    ] = reporting.ChartFormat.SVG,
    lang: LangOption = Lang.EN,
) -> None:
    """Draw the charts of a result, each as a file of its own: cost, land, use, service, flows, proof and gap."""
    with guarded():
        reporting.write_charts(result, instance, output, lang.value, form)


@app.command()
def review(
    result: ResultDir,
    instance: OtherInstance = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write; none: review.html in RESULT.", show_default=False),
    ] = None,
    prices: Annotated[
        bool, typer.Option("--prices", help="Estimate what it costs to force each site in or out; kept in RESULT.")
    ] = False,
    price_site: Annotated[
        list[str] | None,
        typer.Option(metavar="SITE", help="Solve again with this site forced the other way; may be repeated."),
    ] = None,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=_finite, metavar="SECONDS", help="Time for the estimates and each run.")
    ] = 120.0,
    gap: Annotated[float, typer.Option(min=0.0, callback=_finite, help="Relative gap at which a run stops.")] = 0.001,
    threads: Threads = 2,
    lang: LangOption = Lang.EN,
) -> None:
    """Draw the review map of a result: every candidate site, why it is in or out, and marks that solve takes back."""
    options = reviewing.Options(
        instance=instance,
        out=output,
        lang=lang.value,
        prices=prices,
        price_sites=price_site or [],
        time_limit=time_limit,
        gap=gap,
        threads=threads,
    )
    with guarded():
        reviewing.run(result, options)


@app.command()
def explain(
    instance: InstanceDir,
    result: ResultDir,
    alternatives: Annotated[int, typer.Option(min=0, max=50, help="Other site sets to seek.")] = 3,
    within: Annotated[
        float, typer.Option(min=0.0, callback=_finite, help="How much worse they may be, as a share of the objective.")
    ] = 0.02,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=_finite, metavar="SECONDS", help="Time for each run.")
    ] = 30.0,
    gap: Annotated[float, typer.Option(min=0.0, callback=_finite, help="Relative gap at which a run stops.")] = 0.001,
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


@app.command(name="land-curve")
def land_curve(
    instance: InstanceDir,
    output: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write.", show_default=False)],
    policy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Policy file; none: as the instance stands.")
    ] = None,
    points: Annotated[int, typer.Option(min=2, max=100, help="Points from least land to least cost.")] = 6,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=_finite, metavar="SECONDS", help="Time for each point.")
    ] = 60.0,
    gap: Annotated[
        float, typer.Option(min=0.0, callback=_finite, help="Relative gap at which a point is done.")
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


@app.command()
def diagnose(
    instance: InstanceDir,
    policy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Policy file; none: that of RESULT, or as the instance stands.")
    ] = None,
    result: Annotated[
        Path | None, typer.Option(metavar="RESULT", help="Result folder: look at what it holds, too.")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="LIMIT", help="Limit, or family of limits, not to be changed; may be repeated."),
    ] = None,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=_finite, metavar="SECONDS", help="Time for solving.")
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


@app.command()
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


app.command(name="import")(importing.command)
app.command(name="bench")(benching.command)
app.command(name="compare-instances")(instance_comparing.command)
app.command(name="export")(exporting.command)
app.command(name="pareto")(fronting.command)
app.command(name="stochastic")(uncertain.command)


@data_app.command()
def build(
    recipe: Annotated[
        Path, typer.Argument(metavar="RECIPE", help="Recipe (TOML) that states every source.", show_default=False)
    ],
    output: Annotated[Path, typer.Option("--out", metavar="DIR", help="Instance folder to write.", show_default=False)],
    force: Force = False,
    lang: LangOption = Lang.EN,
    trust: Trust = False,
) -> None:
    """Make an instance from geography as a recipe says, with a build report and a check map."""
    with guarded():
        geography.build(recipe, output, force=force, lang=lang.value, trusted=trust)


@data_app.command(name="map")
def data_map(
    instance: InstanceDir,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write; none: check_map.html in INSTANCE."),
    ] = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Draw the check map of an instance: its places and links before anything is solved."""
    with guarded():
        geography.draw(instance, output, lang.value)


@data_app.command()
def table(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder that holds instances.", file_okay=False, exists=True)
    ] = Path("instances"),
    write: Annotated[bool, typer.Option("--write", help="Put the table into the README of DIR.")] = False,
) -> None:
    """Compare the instances of a folder in one table."""
    with guarded():
        geography.table(folder, write=write)


@data_app.command()
def trips(
    where: Annotated[
        Path, typer.Argument(metavar="RECIPE_OR_INSTANCE", help="Whose road network is checked.", show_default=False)
    ],
    table: Annotated[
        Path,
        typer.Argument(
            metavar="TRIPS.csv", help="Trips: from_lon, from_lat, to_lon, to_lat, km, minutes.", show_default=False
        ),
    ],
    sample: Annotated[int | None, typer.Option(min=1, help="Use this many of the trips; none: all.")] = None,
    trust: Trust = False,
) -> None:
    """Hold the travel times of a recipe against observed trips: errors in km and minutes by distance."""
    with guarded():
        observed.check_trips(where, table, sample, trusted=trust)


def main() -> None:
    """Run the command line."""
    app()
