"""Commands on instances: validate."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape

from hubopt.cli.exits import out
from hubopt.instance import Instance, read_instance, sha256


def print_size(instance: Instance) -> None:
    """Print how large an instance is, and its digest."""
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
    print_size(instance)
    out.print("no problems")
