"""Which formulations a published file has, by its format, and the program of one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from scipy.spatial.distance import cdist

from hubopt.bench.textbook import hubs, sites, stochastic, twostage
from hubopt.formats.imports import Options, cflp, covering, medians
from hubopt.formats.imports import hubs as hub_files
from hubopt.formats.imports import twostage as twostage_files
from hubopt.formats.imports.tokens import Tokens
from hubopt.instance.types import Sense
from hubopt.solve.milp import Milp

Form = Callable[[Path, Options], Milp]
"""How a file of a format becomes a program."""


def _orlib(path: Path, options: Options, *, strong: bool, total: bool = False) -> Milp:
    problem = cflp.read_orlib(Tokens.of(path), options.capacity)
    single = options.single_source is True
    return sites.facility_location(
        problem.fixed, problem.cost, problem.capacity, problem.demand, single=single, strong=strong, total=total
    )


def _in_units(path: Path, options: Options) -> Milp:
    if options.single_source is True:
        return _orlib(path, options, strong=True)
    problem = cflp.read_orlib(Tokens.of(path), options.capacity)
    return sites.facility_location_in_units(problem.fixed, problem.cost, problem.capacity, problem.demand)


def _uncapacitated(path: Path, options: Options, *, whole: bool = False) -> Milp:
    problem = cflp.read_orlib(Tokens.of(path), 0.0)
    return sites.facility_location(problem.fixed, problem.cost, None, None, single=whole)


def _holmberg(path: Path, options: Options, *, strong: bool, total: bool = False) -> Milp:
    problem = cflp.read_holmberg(Tokens.of(path))
    single = options.single_source is not False
    return sites.facility_location(
        problem.fixed, problem.cost, problem.capacity, problem.demand, single=single, strong=strong, total=total
    )


def _two_stages(path: Path, options: Options, *, several: bool, strong: bool, total: bool = False) -> Milp:
    return twostage.two_stages(*twostage_files.read(Tokens.of(path), several=several), strong=strong, total=total)


def _two_stages_in_units(path: Path, options: Options, *, several: bool) -> Milp:
    return twostage.two_stages_in_units(*twostage_files.read(Tokens.of(path), several=several))


def _medians(path: Path, options: Options, *, whole: bool = False) -> Milp:
    ways, count = medians.read(Tokens.of(path))
    return sites.medians(ways, options.facilities or count, whole=whole)


def _covering(path: Path, options: Options, *, whole: bool = False) -> Milp:
    if not options.maximal:
        return sites.set_covering(*covering.read_rows(Tokens.of(path)))
    tokens = Tokens.of(path)
    count, opened = tokens.whole("the number of points"), tokens.whole("p")
    radius = tokens.number("the radius")
    points = tokens.numbers(3 * count, "a point", least=None).reshape(count, 3)
    within = cdist(points[:, :2], points[:, :2]) <= radius * (1 + 1e-12)
    return sites.maximal_covering(within, points[:, 2], options.facilities or opened, whole=whole)


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
        "strong": partial(_orlib, strong=True),
        "weak": partial(_orlib, strong=False),
        "total": partial(_orlib, strong=True, total=True),
        "whole": _in_units,
    },
    "orlib-uflp": {"strong": _uncapacitated, "whole": partial(_uncapacitated, whole=True)},
    "sscflp": {
        "strong": partial(_holmberg, strong=True),
        "weak": partial(_holmberg, strong=False),
        "total": partial(_holmberg, strong=True, total=True),
    },
    **{
        format: {
            "strong": partial(_two_stages, several=several, strong=True),
            "weak": partial(_two_stages, several=several, strong=False),
            "total": partial(_two_stages, several=several, strong=False, total=True),
            "whole": partial(_two_stages_in_units, several=several),
        }
        for format, several in (("tscflp", False), ("mptscflp", True))
    },
    "pmedian": {"strong": _medians, "whole": partial(_medians, whole=True)},
    "covering": {"strong": _covering, "whole": partial(_covering, whole=True)},
    "hub": {"strong": _hubs},
    "smps": {"strong": lambda path, options: stochastic.extensive_form(path)},
}
"""Formulations by format and name: ``strong`` has a row for each arc, ``weak`` has only rows of capacity, ``total`` has
rows of total demand besides (of the strong form; with two stages of the weak one), ``whole`` is the strong one with
whole flows (for solvers of whole numbers), where that loses nothing."""


TWO_STAGES = ("tscflp", "mptscflp")
"""Formats of two stages: there the weak form is quicker in most runs of every rival."""


def sense_of(format: str, options: Options) -> Sense:
    """Whether the published number is to be small or large; programs are minimised, a large one as its negative."""
    return "max" if format == "covering" and options.maximal else "min"


def program_of(format: str, path: Path, options: Options, form: str) -> Milp:
    """The program of a published file; KeyError if the format has no such formulation."""
    return FORMS[format][form](path, options)


def form_for(format: str, rival: str) -> str:
    """The formulation that a rival is given unless another is asked for: the usual one of the textbooks."""
    forms = FORMS[format]
    if rival == "cpsat" and "whole" in forms:
        return "whole"
    return "weak" if format in TWO_STAGES else "strong"
