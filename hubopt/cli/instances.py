"""Commands on instances: validate."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape

from hubopt.cli.exits import out, print_doubts
from hubopt.cli.speech import say, word
from hubopt.instance import LEVELS, Instance, Problem, doubts, read_instance, sha256


def print_size(instance: Instance) -> None:
    """Print how large an instance is, and its digest."""
    levels = instance.sites["level"].value_counts()
    counts = [
        say("cli-instance.gateways", count=len(instance.gateways)),
        *(say("cli-instance.sites", count=levels.get(level, 0), level=word("node", level)) for level in LEVELS),
        say("cli-instance.zones", count=len(instance.zones)),
        say("cli-instance.commodities", count=len(instance.structure.commodities)),
        say("cli-instance.arcs", count=len(instance.arcs)),
        say("unit.t_d", value=f"{instance.demand['t_d'].sum():,.0f}"),
    ]
    out.print(escape(say("cli-instance.size", id=instance.info.id, list=say("cli-frame.list").join(counts))))
    out.print(f"sha256 {sha256(instance)}")


def validate(folder: Path) -> None:
    """Read the instance in ``folder``, print its size and what is implausible; raises InputError with every problem."""
    notes: list[Problem] = []
    instance = read_instance(folder, notes=notes)
    print_size(instance)
    found = [*notes, *doubts(instance)]
    if found:
        print_doubts(found)
        out.print(say("cli-instance.sound-but", count=len(found)))
    else:
        out.print(say("cli-instance.sound"))
