"""Commands on instances: validate, build."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape

from hubopt.cli.exits import out
from hubopt.instance import InputError, Instance, Problem, read_instance, sha256
from hubopt.instance.folder import refuse_unless_free
from hubopt.instance.write import FOLDER_MARKERS


def _print_size(instance: Instance) -> None:
    levels = instance.sites["level"].value_counts()
    counts = [
        f"{len(instance.gateways)} gateways",
        *(f"{levels.get(level, 0)} {level} sites" for level in ("hub", "utc", "station")),
        f"{len(instance.zones)} zones",
        f"{len(instance.structure.commodities)} commodities",
        f"{len(instance.arcs)} arcs",
        f"{instance.demand['t_d'].sum():,.0f} t/d",
    ]
    out.print(escape(f"{instance.info.id}: {', '.join(counts)}"))
    out.print(f"sha256 {sha256(instance)}")


def validate(folder: Path) -> None:
    """Read the instance in ``folder`` and print its size; raises InputError with every problem."""
    instance = read_instance(folder)
    _print_size(instance)
    out.print("no problems")


def build(recipe: Path, folder: Path, *, force: bool) -> None:
    """Build an instance from ``recipe`` into ``folder``; raises InputError for mistakes in the recipe."""
    if not recipe.is_file():
        raise InputError([Problem(str(recipe), "there is no such file", "give the path of a recipe (TOML)")])
    if recipe.parent.resolve() != folder.resolve():  # a recipe in the folder asks for its instance to be built there
        refuse_unless_free(folder, force, FOLDER_MARKERS)
    from hubopt.data import build as build_instance  # geography libraries take a second to load

    instance = build_instance(recipe, folder)
    _print_size(instance)
    out.print(escape(f"written to {folder}"))
