"""The export command: a result, or the program of an instance, in other tools' formats."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from hubopt.cli.exits import guarded, out
from hubopt.cli.results import instance_of, plan_of
from hubopt.cli.speech import Lang, LangOption, say
from hubopt.instance import InputError, Instance, Policy, Problem, read_instance, read_policy
from hubopt.instance.folder import whole_folder
from hubopt.solution import read_solution
from hubopt.solution.write import RESULT

FormatName = Literal["xlsx", "gpkg", "geojson", "gmns", "mps", "lp"]

INSTANCE_FILE = "instance.toml"


class Format(StrEnum):
    """What can be written."""

    XLSX = "xlsx"
    GPKG = "gpkg"
    GEOJSON = "geojson"
    GMNS = "gmns"
    MPS = "mps"
    LP = "lp"


@dataclass(frozen=True)
class Options:
    """Options of the export command; ``instance`` is where the result's instance lies if it has been moved."""

    format: FormatName
    out: Path
    lang: str
    policy: Path | None
    instance: Path | None
    force: bool


def run(folder: Path, options: Options) -> None:
    """Export the result, or for ``mps`` and ``lp`` the result or instance, in ``folder``.

    Raises
    ------
    InputError
        For mistakes in the folder, the options or the place to write to; nothing is written.
    """
    if options.format == "mps" or options.format == "lp":
        _export_program(folder, options, options.format)
    else:
        _export_plan(folder, options, options.format)
    out.print(say("cli-export.written", path=escape(str(options.out))))


def _export_program(folder: Path, options: Options, kind: Literal["mps", "lp"]) -> None:
    from hubopt.formats.exports.place import refuse_unless_free, whole_file

    refuse_unless_free(options.out, options.force)
    instance, policy = _asked(folder, options)
    from hubopt.formats.exports.program import write_program

    with whole_file(options.out, force=options.force) as path:
        size = write_program(instance, policy, path, kind)
    out.print(say("cli-export.program", rows=size.rows, columns=size.columns, integer=size.integer))


def _asked(folder: Path, options: Options) -> tuple[Instance, Policy]:
    """The instance and the policy that a result, or an instance with a policy file, stands for."""
    if (folder / RESULT).is_file():
        if options.policy is not None:
            message = "is given with a result, which has a policy of its own"
            raise InputError([Problem("--policy", message, "leave it out, or give the instance")])
        solution = read_solution(folder)
        return instance_of(solution, folder, options.instance), solution.policy
    instance = read_instance(folder, geometry=False)
    return instance, Policy() if options.policy is None else read_policy(options.policy)


def _export_plan(folder: Path, options: Options, kind: Literal["xlsx", "gpkg", "geojson", "gmns"]) -> None:
    from hubopt.formats.exports.place import refuse_unless_free, whole_file

    if options.policy is not None:
        message = f"has no meaning with the format {kind}"
        raise InputError([Problem("--policy", message, "leave it out: a result has a policy of its own")])
    if not (folder / RESULT).is_file() and (folder / INSTANCE_FILE).is_file():
        message = f"is an instance, of which only mps and lp can be written, not {kind}"
        raise InputError([Problem(str(folder), message, "solve it first, and give the result")])
    if kind != "gmns":
        refuse_unless_free(options.out, options.force)
    solution = read_solution(folder)
    plan = plan_of(solution, folder)
    instance = instance_of(solution, folder, options.instance)
    from hubopt.formats.exports.case import case_of

    case = case_of(instance, solution, plan)
    if kind == "gmns":
        from hubopt.formats.exports import gmns

        with whole_folder(options.out, markers=gmns.MARKERS, force=options.force) as target:
            gmns.write_gmns(case, target, options.lang)
        return
    with whole_file(options.out, force=options.force) as path:
        if kind == "xlsx":
            from hubopt.formats.exports.workbook import write_workbook

            write_workbook(case, path, options.lang)
        elif kind == "geojson":
            from hubopt.formats.exports.geojson import write_geojson

            write_geojson(case, path, options.lang)
        else:
            from hubopt.formats.exports.geopackage import write_geopackage

            names = write_geopackage(case, path, options.lang)
            out.print(say("cli-export.layers", list=say("cli-frame.list").join(names)))


def command(
    result: Annotated[
        Path,
        typer.Argument(
            metavar="RESULT", help="Folder of the result; for mps and lp of the result or instance.", show_default=False
        ),
    ],
    format: Annotated[Format, typer.Option("--format", help="What to write.", show_default=False)],
    output: Annotated[
        Path, typer.Option("--out", metavar="PATH", help="File to write; for gmns a folder.", show_default=False)
    ],
    policy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Policy file, with an instance and mps or lp only.")
    ] = None,
    instance: Annotated[
        Path | None, typer.Option("--instance", metavar="DIR", help="The instance, if it has been moved since.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the output if it exists.")] = False,
    lang: LangOption = Lang.EN,
) -> None:
    """Write a result for other tools: spreadsheet, GeoPackage with styles, GeoJSON, GMNS network; or the program.

    The formats mps and lp write the mixed-integer program that a result solves, or that of an instance under a policy.
    """
    options = Options(format.value, output, lang.value, policy, instance, force)
    with guarded():
        run(result, options)
