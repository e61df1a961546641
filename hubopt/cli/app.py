"""The command line: what solves, checks and shows; the other commands stand in modules of their own."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import hubopt
from hubopt.cli import (
    benching,
    demonstrating,
    doctoring,
    exporting,
    fronting,
    importing,
    instance_comparing,
    instances,
    questions,
    results,
    solving,
    uncertain,
    views,
)
from hubopt.cli.data_commands import data_app
from hubopt.cli.exits import guarded, out
from hubopt.cli.options import (
    Force,
    Gap,
    InstanceDir,
    PolicyFile,
    ResultDir,
    Threads,
    TimeLimit,
    finite_if_any,
    instance_or_shipped,
)
from hubopt.cli.speech import Lang, LangOption, speak_as_environment_says
from hubopt.cli.studying import study_app

app = typer.Typer(
    name="hubopt",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(data_app, name="data")
app.add_typer(study_app, name="study")


class Method(StrEnum):
    """How to solve."""

    AUTO = "auto"
    MONOLITH = "monolith"
    STAGED = "staged"
    DECOMPOSE = "decompose"
    PHASED = "phased"


def _is_given(context: typer.Context, name: str) -> bool:
    """Whether a parameter was given on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


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
            help="Folder of the instance, or the name of one that comes with hubopt (tiny, shenzhen) if no such folder "
            "exists; may be left out with --resume and --rerun.",
            callback=instance_or_shipped,
            show_default=False,
        ),
    ] = None,
    policy: PolicyFile = None,
    decisions: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Marks of the review map: accepted sites are forced in, rejected out."),
    ] = None,
    method: Annotated[Method, typer.Option(help="How to solve; auto chooses by size.")] = Method.AUTO,
    gap: Gap = 0.01,
    time_limit: TimeLimit = 300.0,
    node_limit: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="NODES", help="Stop after so many nodes of branch and bound; such a run is deterministic."
        ),
    ] = None,
    memory_limit: Annotated[
        float | None,
        typer.Option(
            min=0.1, callback=finite_if_any, metavar="GIB", help="Stop with the best plan when more memory is in use."
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


app.command(name="map")(views.map_command)
app.command()(views.report)
app.command()(views.charts)
app.command()(views.review)
app.command()(questions.explain)
app.command(name="land-curve")(questions.land_curve)
app.command()(questions.diagnose)
app.command()(questions.compare)
app.command(name="import")(importing.command)
app.command(name="bench")(benching.command)
app.command(name="compare-instances")(instance_comparing.command)
app.command(name="export")(exporting.command)
app.command(name="pareto")(fronting.command)
app.command(name="stochastic")(uncertain.command)
app.command(name="demo")(demonstrating.command)
app.command(name="doctor")(doctoring.command)


def main() -> None:
    """Run the command line."""
    app()
