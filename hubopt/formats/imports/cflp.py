"""Facility location with one level of facilities: OR-Library's warehouse files and the layout of Holmberg's.

OR-Library: ``m n``; for each site its capacity and fixed cost; for each customer its demand and the m costs of serving
all of it. Holmberg: ``m n``; for each site its capacity and fixed cost; n demands; for each site the n costs of serving
all of a customer's demand. In both a cost is for the whole demand, so that a unit costs that part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hubopt.formats.imports import parts
from hubopt.formats.imports.options import Options
from hubopt.formats.imports.parts import Origin
from hubopt.formats.imports.tokens import Tokens, Vector
from hubopt.instance import InputError, Instance, Level
from hubopt.instance import Problem as Mistake

LEVEL: Level = "station"
LEG = f"{LEVEL}-zone"

GOODS, VISITS = "goods", "visits"

_BEASLEY = "Beasley, OR-Library: capacitated and uncapacitated warehouse location"
_HOLMBERG = (
    "Holmberg, Ronnqvist, Yuan: An exact algorithm for the capacitated facility location problem, EJOR 113 (1999)"
)


@dataclass(frozen=True)
class Problem:
    """Sites and customers as read: ``cost`` of serving all of a customer's demand, shape (sites, customers)."""

    capacity: Vector
    fixed: Vector
    demand: Vector
    cost: Vector


def _sites_of(tokens: Tokens, capacity: float | None) -> tuple[int, Vector, Vector]:
    """Number of customers, capacities and fixed costs."""
    count = tokens.whole("the number of sites", most=100_000)
    customers = tokens.whole("the number of customers", most=1_000_000)
    mend = "give the capacity with --capacity"
    capacities, fixed, words = np.empty(count), np.empty(count), 0
    for site in range(count):
        what = f"the capacity of site {site + 1}"
        words += tokens.at_word("capacity")
        capacities[site] = tokens.word_or_number("capacity", capacity, what, mend)
        fixed[site] = tokens.number(f"the fixed cost of site {site + 1}")
    if capacity and not words:
        message = f"has capacities of its own, so that --capacity {capacity:g} says nothing"
        raise InputError([Mistake(tokens.file, message, "leave it out: it stands for the word 'capacity'")])
    return customers, capacities, fixed


def read_orlib(tokens: Tokens, capacity: float | None) -> Problem:
    """Read a file in OR-Library's layout; ``capacity`` stands for the word ``capacity`` (0: none count)."""
    customers, capacities, fixed = _sites_of(tokens, capacity)
    count = len(fixed)
    tokens.need(customers * (count + 1), "a demand or cost")
    demand, cost = np.empty(customers), np.empty((count, customers))
    for customer in range(customers):
        demand[customer] = tokens.number(f"the demand of customer {customer + 1}")
        cost[:, customer] = tokens.numbers(count, f"a cost of serving customer {customer + 1}")
    tokens.end(lambda: f"{count} sites and {customers} customers are all read")
    if capacity != 0:
        tokens.enough(capacities.sum(), demand.sum(), "capacities")
    return Problem(capacities, fixed, demand, cost)


def read_holmberg(tokens: Tokens) -> Problem:
    """Read a file in Holmberg's layout; what follows the last cost is ignored: some files end in garbage."""
    customers, capacities, fixed = _sites_of(tokens, None)
    demand = tokens.numbers(customers, "a demand")
    cost = tokens.numbers(len(fixed) * customers, "a cost of serving a customer from a site")
    tokens.enough(capacities.sum(), demand.sum(), "capacities")
    return Problem(capacities, fixed, demand, cost.reshape(len(fixed), customers))


def _one_source_each(problem: Problem, file: str) -> None:
    """Raise if a demand fits no site: then there is no answer, or the numbers are of another layout of as many."""
    if len(problem.demand) and problem.demand.max() > problem.capacity.max() * (1 + 1e-9):
        message = (
            f"has a demand of {problem.demand.max():g}, which must have one source, but no capacity above "
            f"{problem.capacity.max():g}"
        )
        raise InputError([Mistake(file, message, "give the format that the file has, or --multi-source")])


def to_instance(problem: Problem, origin: Origin, *, single: bool, uncapacitated: bool = False) -> Instance:
    """The instance of a problem; with ``uncapacitated`` demands and capacities do not matter, only the costs do.

    A customer without demand that still costs something to serve asks for one visit, which takes no capacity.
    """
    customers = parts.ids("c", len(problem.demand))
    asked = np.ones_like(problem.demand) if uncapacitated else problem.demand
    visited = (asked == 0) & (problem.cost > 0).any(axis=0)
    units = np.where(visited, 1.0, asked)
    capacity = np.full_like(problem.fixed, asked.sum()) if uncapacitated else problem.capacity
    goods = parts.commodity(GOODS, "import.goods", (LEVEL,), requirement=GOODS if visited.any() else "ambient")
    commodities = [goods]
    classes = None
    if visited.any():
        commodities.append(parts.commodity(VISITS, "import.visits", (LEVEL,)))
        classes, capacity = {GOODS: capacity}, capacity + visited.sum()
    places = parts.sites(LEVEL, "s", capacity, problem.fixed, classes)
    names = list(places.rows["id"])
    served = units > 0
    amounts = {GOODS: (customers, np.where(visited, 0.0, asked))}
    if visited.any():
        amounts[VISITS] = (customers, visited.astype(float))
    tables = {
        "sites": places.rows,
        "zones": parts.zones(customers),
        "demand": parts.demand(amounts),
        "arcs": parts.arcs(
            LEG, names, list(np.array(customers, dtype=object)[served]), problem.cost[:, served] / units[served]
        ),
    }
    return parts.instance(
        origin,
        description=f"{len(names)} sites, {len(customers)} customers.",
        commodities=commodities,
        designs=places.designs,
        tables=tables,
        single_sourcing=(LEG,) if single else (),
    )


def orlib_cflp(path: Path, options: Options) -> Instance:
    """An OR-Library warehouse file, capacitated; customers have several sources unless ``single_source``."""
    if options.capacity is not None and options.capacity <= 0:
        raise InputError([Mistake("--capacity", "is not above 0", "give the capacity that each site has")])
    problem = read_orlib(Tokens.of(path), options.capacity)
    single = options.single_source is True
    if single:
        _one_source_each(problem, path.name)
    origin = Origin(
        options.name_of(path),
        "import.kind-sscflp" if single else "import.kind-cflp",
        _BEASLEY, 1988, "OR-Library cap layout",
    )  # fmt: skip
    return to_instance(problem, origin, single=single)


def orlib_uflp(path: Path, options: Options) -> Instance:
    """An OR-Library warehouse file without its capacities (and so without its demands)."""
    problem = read_orlib(Tokens.of(path), 0.0)
    origin = Origin(
        options.name_of(path), "import.kind-uflp", _BEASLEY, 1988,
        "OR-Library cap layout; capacities and demands ignored",
    )  # fmt: skip
    return to_instance(problem, origin, single=False, uncapacitated=True)


def sscflp(path: Path, options: Options) -> Instance:
    """A file in Holmberg's layout; each customer has one source unless ``single_source`` is False."""
    problem = read_holmberg(Tokens.of(path))
    single = options.single_source is not False
    if single:
        _one_source_each(problem, path.name)
    origin = Origin(
        options.name_of(path),
        "import.kind-sscflp" if single else "import.kind-cflp",
        _HOLMBERG, 1999, "Holmberg layout",
    )  # fmt: skip
    return to_instance(problem, origin, single=single)
