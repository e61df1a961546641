"""The command that holds a road network against observed trips."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape

from hubopt.cli.exits import out
from hubopt.instance import InputError, Problem

RECIPE = "recipe.toml"


def check_trips(where: Path, table: Path, sample: int | None, *, trusted: bool = False) -> None:
    """Print the errors of the network of a recipe (or of an instance folder with its recipe) on observed trips."""
    recipe = where / RECIPE if where.is_dir() else where
    if not recipe.is_file():
        raise InputError([Problem(str(recipe), "there is no such file", "give a recipe, or an instance that has one")])
    from hubopt.data.pipeline.run import roads_of  # geography libraries take a second to load
    from hubopt.data.travel.spec import lines_of
    from hubopt.data.travel.trips import evaluate, read_trips

    trips = read_trips(table)
    if sample is not None and sample < len(trips):
        trips = trips.sample(sample, random_state=0)
    network, speeds = roads_of(recipe, trusted=trusted)
    for name, text in lines_of(evaluate(trips, network.graph, speeds)):
        out.print(escape(f"{name}: {text}"))
