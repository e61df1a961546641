"""The instances of a folder, compared in one table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from hubopt.instance import InputError, Instance, Problem, read_instance
from hubopt.instance.trees import read_toml
from hubopt.instance.write import FOLDER_MARKERS

HEADS = (
    "Instance", "What", "Cities", "Zones", "Stations", "Transfer centres", "Hubs", "Gateways", "Commodities", "Modes",
    "Arcs", "estimated", "Residents, million", "Goods, t/d", "Made-up sites", "Size, MB",
)  # fmt: skip


def _megabytes(folder: Path) -> float:
    """Size of the instance's own files; maps that are drawn on demand are left out."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and file.suffix != ".html") / 1e6


def _row(folder: Path, instance: Instance) -> list[str]:
    levels = instance.sites["level"].value_counts()
    people = instance.zones["population"].sum(min_count=1)
    made_up = 100 * float(instance.sites["synthetic"].mean())
    return [
        f"[`{folder.name}`]({folder.name}/README.md)" if (folder / "README.md").is_file() else f"`{folder.name}`",
        instance.info.name_en,
        str(instance.zones["city"].replace("", "-").nunique()),
        *(f"{count:,}" for count in (len(instance.zones), *(int(levels.get(x, 0)) for x in ("station", "utc", "hub")))),
        str(len(instance.gateways)),
        str(len(instance.structure.commodities)),
        str(len(instance.structure.modes)),
        f"{len(instance.arcs):,}",
        f"{100 * float(instance.arcs['estimated'].mean()):.0f} %",
        "-" if pd.isna(people) else f"{people / 1e6:.2f}",
        f"{instance.demand['t_d'].sum():,.0f}",
        f"{made_up:.0f} %",
        f"{_megabytes(folder):.1f}",
    ]


def _only_recipe(folder: Path) -> list[str] | None:
    """A row for a case that is built on demand; None if the folder has no recipe."""
    recipe = folder / "recipe.toml"
    if not recipe.is_file():
        return None
    words = read_toml(recipe, "a recipe")
    cities = len(words.get("area", {}).get("cities", ()))
    name = f"[`{folder.name}`]({folder.name}/README.md)" if (folder / "README.md").is_file() else f"`{folder.name}`"
    return [
        name,
        "built on demand from its recipe",
        str(cities),
        *["-"] * (len(HEADS) - 4),
        f"{_megabytes(folder):.1f}",
    ]


def overview(folder: Path) -> str:
    """A Markdown table of the instances in the folders of ``folder``, in the order of their names.

    Folders with a recipe but no instance are listed as built on demand.

    Raises:
        InputError: if a folder's instance is not sound, or there is none at all.
    """
    rows = []
    for path in sorted(item for item in folder.iterdir() if item.is_dir()):
        if any((path / marker).is_file() for marker in FOLDER_MARKERS if marker != "recipe.toml"):
            rows.append(_row(path, read_instance(path, geometry=False)))
        elif (row := _only_recipe(path)) is not None:
            rows.append(row)
    if not rows:
        raise InputError([Problem(str(folder), "has no instances", "give the folder that holds their folders")])
    rule = ["---", "---", *["---:"] * (len(HEADS) - 2)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (HEADS, rule, *rows))
