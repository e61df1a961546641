"""Commands that make instances from geography and look at them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hubopt.cli import geography
from hubopt.cli import trips as observed
from hubopt.cli.exits import guarded
from hubopt.cli.options import Force, InstanceDir
from hubopt.cli.speech import Lang, LangOption

Trust = Annotated[
    bool, typer.Option("--trust", help="Let the recipe read files anywhere, not only beside it and in HUBOPT_DATA.")
]
data_app = typer.Typer(help="Make instances from geography.", no_args_is_help=True, rich_markup_mode=None)


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
