"""The import command: a published benchmark file to an instance folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from hubopt.cli.exits import guarded, out
from hubopt.cli.instances import print_size
from hubopt.cli.options import Force, finite_if_any
from hubopt.cli.speech import Lang, LangOption, say
from hubopt.formats.imports import FORMATS, Options, import_file
from hubopt.instance import InputError, Problem, validate, write_instance
from hubopt.instance.errors import choose_from
from hubopt.instance.folder import refuse_unless_free
from hubopt.instance.write import FOLDER_MARKERS


def run(format: str, files: list[Path], folder: Path, options: Options, *, force: bool) -> None:
    """Import each of ``files``; several go into folders of their own in ``folder``, named after them.

    Raises
    ------
    InputError
        For mistakes in a file or the options; then nothing at all is written.
    """
    if format not in FORMATS:
        raise InputError([Problem(format, "is no format that can be imported", choose_from(format, FORMATS))])
    if len(files) > 1 and options.name is not None:
        raise InputError([Problem("--name", "is one name for several files", "leave it out, or give one file")])
    if format == "smps":
        files = list({options.name_of(path): path for path in files}.values())  # the three files of one name are one
    targets = {path: folder if len(files) == 1 else folder / options.name_of(path) for path in files}
    if len(set(targets.values())) < len(files):
        raise InputError([Problem("FILE", "gives two files of one name", "import them one by one")])
    for target in targets.values():
        refuse_unless_free(target, force, FOLDER_MARKERS)
    instances = {path: import_file(format, path, options) for path in files}
    beside = FORMATS[format].beside
    extra = {path: beside(path, options) if beside is not None else {} for path in files}
    problems = [problem for instance in instances.values() for problem in validate(instance) if not problem.warning]
    if problems:
        raise InputError(problems)
    for path, instance in instances.items():
        write_instance(instance, targets[path], force=force, extra_files=extra[path])
        print_size(instance)
        out.print(escape(say("import.written", folder=targets[path])))


def command(
    format: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="orlib-cflp, orlib-uflp, sscflp, tscflp, mptscflp, pmedian, covering, hub or smps.",
            show_default=False,
        ),
    ],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Published files, plain or gzipped.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Instance folder to write; for several files the folder that theirs are put in.",
            show_default=False,
        ),
    ],
    capacity: Annotated[
        float | None,
        typer.Option(min=0.0, callback=finite_if_any, help="Capacity where the file has the word (capa, capb, capc)."),
    ] = None,
    single_source: Annotated[
        bool | None,
        typer.Option(
            "--single-source/--multi-source",
            help="Each customer has one source (hub: one hub), or may have several; none: as the format has it.",
            show_default=False,
        ),
    ] = None,
    facilities: Annotated[
        int | None, typer.Option(min=1, help="Number of open sites in place of the file's p (pmedian, covering, hub).")
    ] = None,
    maximal: Annotated[
        bool, typer.Option("--maximal", help="Maximal in place of set covering: n p r, then x y demand of each point.")
    ] = False,
    matrices: Annotated[
        bool, typer.Option("--matrices", help="A hub file with a matrix of distances in place of coordinates.")
    ] = False,
    capacities: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Capacities of the nodes of a hub file.")
    ] = None,
    fixed_costs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Fixed costs of the nodes of a hub file, in place of p.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Id of the instance; none: the name of the file.")] = None,
    force: Force = False,
    lang: LangOption = Lang.EN,
) -> None:
    """Make an instance of a published benchmark file; solved, its objective is the published number."""
    options = Options(
        name=name,
        capacity=capacity,
        single_source=single_source,
        facilities=facilities,
        maximal=maximal,
        matrices=matrices,
        capacities=capacities,
        fixed_costs=fixed_costs,
    )
    with guarded():
        run(format, files, output, options, force=force)
