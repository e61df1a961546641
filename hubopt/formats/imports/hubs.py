"""Hub location: flows between all pairs of nodes go by one or two hubs, cheaper between hubs.

AP layout (Ernst, Krishnamoorthy): ``n``; n coordinates x y; n x n flows from each node (rows) to all others; p; the
cost of collection, transfer and distribution per unit of flow and distance. Distances are straight lines over 1,000, as
in the published values. Layout of matrices (CAB data as they are usually printed): ``n``; n x n distances; n x n flows;
p; the three costs. Beside it a file of fixed costs (then p does not count) and one of capacities, a number for each
node; a capacity is of what is collected, the node's own flow included.

With single allocation all goods are one pair of commodities, collected and delivered; each zone is a group of its own,
so that the mix of what a node receives is followed to where it comes from. With multiple allocation the goods of each
node are a pair of commodities, as what goes to different nodes may go different ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from hubopt.formats.imports import parts
from hubopt.formats.imports.options import Options
from hubopt.formats.imports.parts import Origin
from hubopt.formats.imports.tokens import Tokens, Vector
from hubopt.instance import Commodity, InputError, Instance, Level, LevelRule, Problem

LEVEL: Level = "hub"
LEG, TRANSFER_LEG = f"{LEVEL}-zone", f"{LEVEL}-{LEVEL}"

COLLECTION = "collection"
"""Class of handling of what is collected: capacities are for that alone."""

_AP = "Ernst, Krishnamoorthy: Efficient algorithms for the uncapacitated single allocation p-hub median problem (1996)"
_DISTANCE = 1e-3


@dataclass(frozen=True)
class Flows:
    """Nodes as read: ``distance`` and ``flow`` (from, to) of shape (n, n), p, and the three costs."""

    distance: Vector
    flow: Vector
    hubs: int
    collection: float
    transfer: float
    distribution: float


def read(tokens: Tokens, *, matrices: bool) -> Flows:
    """Read a file of nodes; ``matrices``: distances in place of coordinates."""
    count = tokens.whole("the number of nodes", most=2_000)
    if matrices:
        distance = tokens.numbers(count * count, "a distance").reshape(count, count)
    else:
        points = tokens.numbers(2 * count, "a coordinate", least=None).reshape(count, 2)
        distance = cdist(points, points) * _DISTANCE
    flow = tokens.numbers(count * count, "a flow").reshape(count, count)
    hubs = tokens.whole("p, the number of hubs", most=count)
    rates = [tokens.number(f"the cost of {name}") for name in ("collection", "transfer", "distribution")]
    tokens.end(lambda: f"{count} nodes, p and the three costs are all read")
    if not np.allclose(distance, distance.T, rtol=1e-9, atol=0) or distance.diagonal().any():
        message = "has distances that differ by direction, or that are not 0 from a node to itself"
        mend = "give distances that are the same both ways: an arc serves both"
        raise InputError([Problem(tokens.file, message, mend)])
    return Flows(distance, flow, hubs, *rates)


def _figures(path: Path | None, count: int, what: str) -> Vector | None:
    if path is None:
        return None
    tokens = Tokens.of(path)
    figures = tokens.numbers(count, what)
    tokens.end(lambda: f"{count} nodes are all read")
    return figures


def _pair(prefix: str, **more: object) -> tuple[Commodity, Commodity]:
    """Goods as collected and as delivered."""
    sent, got = f"collected{prefix}", f"delivered{prefix}"
    return (
        parts.commodity(sent, "import.collected", (LEVEL,), direction="outbound", **more),
        parts.commodity(got, "import.delivered", (LEVEL,), exchange_with=sent),
    )


def _single(flow: Vector, names: list[str], **more: object) -> tuple[list[Commodity], pd.DataFrame, pd.DataFrame]:
    """Commodities, demand and exchange where each node is allocated to one hub."""
    pair = _pair("", **more)
    received = flow.sum(axis=0)
    demand = parts.demand({pair[0].id: (names, flow.sum(axis=1)), pair[1].id: (names, received)})
    from_, to = np.nonzero(flow)
    places = np.array(names, dtype=object)
    exchange = parts.table(
        "exchange", commodity=pair[1].id, zone=places[to], group=places[from_], share=flow[from_, to] / received[to]
    )
    return list(pair), demand, exchange


def _multiple(flow: Vector, names: list[str], **more: object) -> tuple[list[Commodity], pd.DataFrame, pd.DataFrame]:
    """Commodities, demand and exchange where each node may use several hubs."""
    goods: list[Commodity] = []
    amounts: dict[str, tuple[list[str], Vector]] = {}
    for node, name in enumerate(names):
        if flow[node].sum() > 0:
            sent, got = _pair(f"-{name}", **more)
            goods += [sent, got]
            amounts[sent.id] = ([name], np.array([flow[node].sum()]))
            amounts[got.id] = (names, flow[node])
    return goods, parts.demand(amounts), parts.table("exchange")


def hub(path: Path, options: Options) -> Instance:
    """A file of nodes, with those of fixed costs and capacities; one hub each unless ``single_source`` is False."""
    given = read(Tokens.of(path), matrices=options.matrices)
    count, single = len(given.flow), options.single_source is not False
    fixed = _figures(options.fixed_costs, count, "the fixed cost of a node")
    room = _figures(options.capacities, count, "the capacity of a node")
    hubs = options.facilities or (given.hubs if fixed is None else None)
    names, total = parts.ids("n", count), float(given.flow.sum())
    limits = {} if room is None else {COLLECTION: np.minimum(room, total)}
    places = parts.sites(LEVEL, "h", np.full(count, 2 * total), np.zeros(count) if fixed is None else fixed, limits)
    sites = list(places.rows["id"])
    make = _single if single else _multiple
    goods, demand, exchange = make(given.flow, names, **({"requirement": COLLECTION} if limits else {}))
    sent = [item.id for item in goods if item.exchange_with is None]
    got = [item.id for item in goods if item.exchange_with is not None]
    upper = np.where(np.triu(np.ones((count, count), dtype=bool), 1), given.distance, np.inf)
    kind = "import.kind-hub-single" if single else "import.kind-hub-multiple"
    layout = "n, distances and flows as matrices" if options.matrices else "AP layout"
    origin = Origin(options.name_of(path), kind, _AP, 1996, layout)
    return parts.instance(
        origin,
        description=f"{count} nodes, " + (f"{hubs} hubs." if hubs else "hubs at a fixed cost."),
        commodities=goods,
        designs=places.designs,
        modes=[
            parts.mode("collect", given.collection, sent),
            parts.mode("distribute", given.distribution, got),
            parts.mode("transfer", given.transfer, got),
        ],
        levels={LEVEL: LevelRule(min_open=hubs, max_open=hubs)} if hubs else {},
        single_sourcing=(LEG,) if single else (),
        tables={
            "sites": places.rows,
            "zones": parts.zones(names, group=names, own_site=sites if single else ""),
            "demand": demand,
            "exchange": exchange,
            "arcs": pd.concat(
                [
                    parts.arcs(LEG, sites, names, given.distance, "collect"),
                    parts.arcs(LEG, sites, names, given.distance, "distribute"),
                    parts.arcs(TRANSFER_LEG, sites, sites, upper, "transfer"),
                ],
                ignore_index=True,
            ),
        },
    )
