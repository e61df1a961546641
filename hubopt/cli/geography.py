"""Commands on what the data step makes: build an instance, draw its check map, compare instances."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from hubopt.cli.exits import out
from hubopt.cli.instances import print_size
from hubopt.cli.results import write_whole
from hubopt.cli.speech import say
from hubopt.instance import InputError, Problem, read_instance
from hubopt.instance.folder import refuse_unless_free
from hubopt.instance.write import FOLDER_MARKERS

if TYPE_CHECKING:
    from hubopt.data.pipeline import Built

CHECK_MAP = "check_map.html"
CRITERIA = "site_criteria.csv"
BEGIN, END = "<!-- table of instances -->", "<!-- end of the table -->"


def build(recipe: Path, folder: Path, *, force: bool, lang: str, trusted: bool = False) -> None:
    """Build an instance from ``recipe`` into ``folder``, with its report and check map.

    Raises:
        InputError: for mistakes in the recipe, its tables or the raw data.
    """
    if not recipe.is_file():
        raise InputError([Problem(str(recipe), "there is no such file", "give the path of a recipe (TOML)")])
    if recipe.parent.resolve() != folder.resolve():  # a recipe in the folder asks for its instance to be built there
        refuse_unless_free(folder, force, FOLDER_MARKERS)
    from hubopt.data import build as build_instance  # geography libraries take a second to load
    from hubopt.data.travel.progress import bar
    from hubopt.viz.check_map import check_map

    def drawn(built: Built) -> dict[str, bytes | str]:
        return {CHECK_MAP: check_map(built.instance, built.criteria, lang)}

    instance = build_instance(recipe, folder, bar, drawn, trusted=trusted)
    print_size(instance)
    out.print(escape(say("cli-instance.built", folder=folder, report=folder / "BUILD.md", map=folder / CHECK_MAP)))


def draw(folder: Path, file: Path | None, lang: str) -> None:
    """Draw the check map of the instance in ``folder`` to ``file``.

    Raises:
        InputError: for an instance that is not sound or has no coordinates.
    """
    from hubopt.viz.check_map import check_map

    instance = read_instance(folder)
    judged = folder / CRITERIA
    criteria = None
    if judged.is_file():
        from hubopt.data.files import read_table  # geography libraries take a second to load

        criteria = read_table(judged)
    try:
        page = check_map(instance, criteria, lang)
    except ValueError as error:
        raise InputError([Problem(str(folder), str(error), "draw an instance with coordinates")]) from None
    write_whole(file or folder / CHECK_MAP, page)


def table(folder: Path, *, write: bool) -> None:
    """Print the table of the instances in the folders of ``folder``; with ``write`` put it into its README.

    Raises:
        InputError: if there is no instance, or no place for the table in the README.
    """
    from hubopt.data.overview import overview

    text = overview(folder)
    if not write:
        out.print(text, markup=False, highlight=False, soft_wrap=True)
        return
    readme = folder / "README.md"
    content = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    head, begin, rest = content.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        mend = f"put the lines {BEGIN} and {END} where the table shall stand"
        raise InputError([Problem(str(readme), "has no place for the table", mend)])
    write_whole(readme, f"{head}{BEGIN}\n{text}\n{END}{tail}")
