"""Two stages: plants, depots, customers; one product (Fernandes et al.) or several (Mauri et al.).

One product: ``I J K``; K demands; for each plant capacity and fixed cost; I x J unit costs; for each depot capacity and
fixed cost; J x K unit costs. Several: ``I J K L``; K x L demands; for each plant its L capacities and fixed cost; L
matrices of I x J unit costs; for each depot likewise; L matrices of J x K unit costs. Flows may come from several ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hubopt.formats.imports import parts
from hubopt.formats.imports.options import Options
from hubopt.formats.imports.parts import Origin
from hubopt.formats.imports.tokens import Tokens, Vector
from hubopt.instance import Instance, Level

PLANT: Level = "hub"
DEPOT: Level = "utc"
UPPER_LEG, LOWER_LEG = f"{PLANT}-{DEPOT}", f"{DEPOT}-zone"

_FERNANDES = (
    "Fernandes et al.: A simple and effective genetic algorithm for the two-stage capacitated facility location"
)
_MAURI = "Mauri et al.: The multi-product two-stage capacitated facility location problem, EJOR 295 (2021)"


@dataclass(frozen=True)
class Stage:
    """One stage: ``capacity`` (sites, products), ``fixed`` cost, unit ``cost`` (products, sites, lower ends)."""

    capacity: Vector
    fixed: Vector
    cost: Vector


def _capacities(tokens: Tokens, count: int, products: int, what: str) -> tuple[Vector, Vector]:
    block = tokens.numbers(count * (products + 1), f"a capacity or fixed cost of a {what}").reshape(count, products + 1)
    return block[:, :-1], block[:, -1]


def _stage(tokens: Tokens, count: int, below: int, products: int, what: str) -> Stage:
    capacity, fixed = _capacities(tokens, count, products, what)
    cost = tokens.numbers(products * count * below, f"a unit cost from a {what}")
    return Stage(capacity, fixed, cost.reshape(products, count, below))


def read(tokens: Tokens, *, several: bool) -> tuple[Vector, Stage, Stage]:
    """Demands (customers, products), plants and depots; ``several``: the layout with a number of products."""
    plants = tokens.whole("the number of plants", most=100_000)
    depots = tokens.whole("the number of depots", most=100_000)
    customers = tokens.whole("the number of customers", most=1_000_000)
    products = tokens.whole("the number of products", most=1_000) if several else 1
    demand = tokens.numbers(customers * products, "a demand").reshape(customers, products)
    upper = _stage(tokens, plants, depots, products, "plant")
    lower = _stage(tokens, depots, customers, products, "depot")
    tokens.end(lambda: f"{plants} plants, {depots} depots, {customers} customers and {products} products are all read")
    for product, asked in enumerate(demand.sum(axis=0)):
        tokens.enough(upper.capacity[:, product].sum(), asked, "capacities of plants")
        tokens.enough(lower.capacity[:, product].sum(), asked, "capacities of depots")
    return demand, upper, lower


def to_instance(demand: Vector, upper: Stage, lower: Stage, origin: Origin) -> Instance:
    """The instance; with several products each is a class of handling, and has its own mode with its unit costs."""
    customers, products = parts.ids("c", len(demand)), parts.ids("k", demand.shape[1])
    several = len(products) > 1
    goods = [
        parts.commodity(name, "import.product", (PLANT, DEPOT), requirement=name if several else "ambient")
        for name in products
    ]
    places, ways = [], []
    for level, prefix, stage in ((PLANT, "i", upper), (DEPOT, "j", lower)):
        classes = {name: stage.capacity[:, at] for at, name in enumerate(products)} if several else None
        places.append(parts.sites(level, prefix, stage.capacity.sum(axis=1), stage.fixed, classes))
    plants, depots = (list(item.rows["id"]) for item in places)
    shared = not several or all((stage.cost == stage.cost[0]).all() for stage in (upper, lower))
    modes = [parts.mode()] if shared else [parts.mode(name, commodities=(name,)) for name in products]
    for at, mode in enumerate(modes):
        ways.append(parts.arcs(UPPER_LEG, plants, depots, upper.cost[at], mode.id))
        ways.append(parts.arcs(LOWER_LEG, depots, customers, lower.cost[at], mode.id))
    return parts.instance(
        origin,
        description=f"{len(plants)} plants, {len(depots)} depots, {len(customers)} customers, {len(products)} goods.",
        commodities=goods,
        designs=[design for item in places for design in item.designs],
        modes=modes,
        tables={
            "sites": pd.concat([item.rows for item in places], ignore_index=True),
            "zones": parts.zones(customers),
            "demand": parts.demand({name: (customers, demand[:, at]) for at, name in enumerate(products)}),
            "arcs": pd.concat(ways, ignore_index=True),
        },
    )


def tscflp(path: Path, options: Options) -> Instance:
    """A file in the layout of Fernandes et al.: one product."""
    origin = Origin(
        options.name_of(path), "import.kind-tscflp", _FERNANDES, 2014,
        "Fernandes layout: I J K",
    )  # fmt: skip
    return to_instance(*read(Tokens.of(path), several=False), origin)


def mptscflp(path: Path, options: Options) -> Instance:
    """A file in the layout of Mauri et al.: several products, each with its own capacities."""
    origin = Origin(
        options.name_of(path), "import.kind-mptscflp",
        _MAURI, 2021, "Mauri layout: I J K L",
    )  # fmt: skip
    return to_instance(*read(Tokens.of(path), several=True), origin)
