"""Which formulations a published file has, by its format, and the program of one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.distance import cdist

from hubopt.bench.textbook import hubs, sites, twostage
from hubopt.formats.imports import Options, cflp, covering, medians
from hubopt.formats.imports import hubs as hub_files
from hubopt.formats.imports import twostage as twostage_files
from hubopt.formats.imports.tokens import Tokens
from hubopt.instance.types import Sense
from hubopt.solve.milp import Milp


@dataclass(frozen=True)
class Form:
    """A formulation: how a file of the format becomes a program."""

    program: Callable[[Path, Options], Milp]


def _orlib(path: Path, options: Options, *, strong: bool) -> Milp:
    problem = cflp.read_orlib(Tokens.of(path), options.capacity)
    single = options.single_source is True
    return sites.facility_location(
        problem.fixed, problem.cost, problem.capacity, problem.demand, single=single, strong=strong
    )


def _uncapacitated(path: Path, options: Options) -> Milp:
    problem = cflp.read_orlib(Tokens.of(path), 0.0)
    return sites.facility_location(problem.fixed, problem.cost, None, None, single=False)


def _holmberg(path: Path, options: Options, *, strong: bool) -> Milp:
    problem = cflp.read_holmberg(Tokens.of(path))
    single = options.single_source is not False
    return sites.facility_location(
        problem.fixed, problem.cost, problem.capacity, problem.demand, single=single, strong=strong
    )


def _two_stages(path: Path, options: Options, *, several: bool, strong: bool) -> Milp:
    return twostage.two_stages(*twostage_files.read(Tokens.of(path), several=several), strong=strong)


def _medians(path: Path, options: Options) -> Milp:
    ways, count = medians.read(Tokens.of(path))
    return sites.medians(ways, options.facilities or count)


def _covering(path: Path, options: Options) -> Milp:
    if not options.maximal:
        return sites.set_covering(*covering.read_rows(Tokens.of(path)))
    tokens = Tokens.of(path)
    count, opened = tokens.whole("the number of points"), tokens.whole("p")
    radius = tokens.number("the radius")
    points = tokens.numbers(3 * count, "a point", least=None).reshape(count, 3)
    within = cdist(points[:, :2], points[:, :2]) <= radius * (1 + 1e-12)
    return sites.maximal_covering(within, points[:, 2], options.facilities or opened)


def _hubs(path: Path, options: Options) -> Milp:
    given = hub_files.read(Tokens.of(path), matrices=options.matrices)
    count = len(given.flow)

    def figures(file: Path | None) -> np.ndarray | None:
        return None if file is None else Tokens.of(file).numbers(count, "a figure of a node")

    fixed, room = figures(options.fixed_costs), figures(options.capacities)
    number = options.facilities or (given.hubs if fixed is None else None)
    make = hubs.single_allocation if options.single_source is not False else hubs.multiple_allocation
    return make(given, number, fixed, room)


FORMS: Mapping[str, Mapping[str, Form]] = {
    "orlib-cflp": {
        "strong": Form(lambda path, options: _orlib(path, options, strong=True)),
        "weak": Form(lambda path, options: _orlib(path, options, strong=False)),
    },
    "orlib-uflp": {"strong": Form(_uncapacitated)},
    "sscflp": {
        "strong": Form(lambda path, options: _holmberg(path, options, strong=True)),
        "weak": Form(lambda path, options: _holmberg(path, options, strong=False)),
    },
    "tscflp": {
        "strong": Form(lambda path, options: _two_stages(path, options, several=False, strong=True)),
        "weak": Form(lambda path, options: _two_stages(path, options, several=False, strong=False)),
    },
    "mptscflp": {
        "strong": Form(lambda path, options: _two_stages(path, options, several=True, strong=True)),
        "weak": Form(lambda path, options: _two_stages(path, options, several=True, strong=False)),
    },
    "pmedian": {"strong": Form(_medians)},
    "covering": {"strong": Form(_covering)},
    "hub": {"strong": Form(_hubs)},
}
"""Formulations by format and name: ``strong`` has a row for each arc, ``weak`` has only rows of capacity."""


def sense_of(format: str, options: Options) -> Sense:
    """Whether the published number is to be small or large; programs are minimised, a large one as its negative."""
    return "max" if format == "covering" and options.maximal else "min"


def program_of(format: str, path: Path, options: Options, form: str) -> Milp:
    """The program of a published file; KeyError if the format has no such formulation."""
    return FORMS[format][form].program(path, options)
