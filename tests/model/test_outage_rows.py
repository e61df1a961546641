"""The rows of outages, which add up like goods and like nodes, against a linear program over every node and arc."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from hubopt.instance import Instance, Policy
from hubopt.instance.types import Resilience
from hubopt.model import Scale, add_constraint, empty_model, make_network, outages
from hubopt.solve.compile import compile_model
from tests.model.paper import design, draft, goods
from tests.model.rich import Dice

HUBS, GATEWAYS, CENTRES, ZONES = ("h1", "h2", "h3"), ("g1", "g2", "g3"), ("u1", "u2"), ("z1", "z2", "z3")
ROOM = {"ambient": 10, "cold": 4, "bonded": 3}
"""t/d of a module of a hub."""
Sizes = Mapping[str, int]
Inflow = Mapping[tuple[str, str, str], float]
"""t/d by (hub, lower node, commodity)."""


def town(dice: Dice) -> Instance:
    """Goods of several kinds, some alike, one without gateways; hubs and nodes of which not all reach each other."""
    needs = dice.of("ambient", "cold", "bonded")
    items = (
        goods("a", "hub", "utc"), goods("b", "hub", "utc"), goods("c", "hub", requirement=needs),
        goods("d", "hub", requirement=dice.of(needs, "cold")), goods("e", "hub"), goods("x", "utc"),
    )  # fmt: skip
    admitted = [f"{k} {g}" for k in "ab" for g in GATEWAYS]
    for g in GATEWAYS:
        if g == "g1" or dice.random() < 0.6:
            admitted += [f"{k} {g}" for k in ("cd" if dice.random() < 0.8 else "c")]
    often = dice.of(0.5, 0.8, 1.0)
    pairs = [(g, h) for g in GATEWAYS for h in HUBS] + [(h, j) for h in HUBS for j in (*CENTRES, *ZONES)]
    ways = {f"{i} {j}": 1.0 for i, j in pairs if dice.random() < often}
    ways |= {f"{u} {z}": 1.0 for u in CENTRES for z in ZONES}
    types = [{"id": "t", "name_en": "t", "name_zh": "某", "commodities": dice.of(None, ("a", "c", "e"))}]
    kinds = {"g1": "port", "g2": "rail", "g3": "port"}
    types[0]["gateway_kinds"] = dice.of(None, ("port",))
    return draft(
        items,
        {f"{z} {item.id}": 5.0 for z in ZONES for item in items},
        ways,
        {h: {"hub_type": "t" if h == "h3" else ""} for h in HUBS} | {u: {} for u in CENTRES},
        (design("d", "hub", cold_t_d=4, bonded_t_d=3), design("e", "utc")),
        gateways={g: {"capacity_t_d": dice.of(6, 15, float("nan")), "kind": kinds[g]} for g in GATEWAYS},
        admissions=tuple(admitted),
        hub_types=types,
        resilience=Resilience(hub_outage_share=0.1, gateway_outage_share=0.1),
    )


def served_by_the_model(instance: Instance, sizes: Sizes, inflow: Inflow) -> dict[str, float]:
    """Most that can be served in each outage by the model's rows, with the plan's hubs and flows fixed."""
    model = empty_model(make_network(instance, Policy(), Scale()))
    for constraint in outages.CONSTRAINTS:
        if constraint.rule is not outages.outage_share_served:
            add_constraint(model, constraint)
    terms = {w: [model.rerouted[x] for x in model.rerouted if x[0] == w] for w in (*HUBS, *GATEWAYS)}
    model.cost = pyo.Objective(expr=-sum(sum(items) for items in terms.values()))
    program = compile_model(model)
    lower, upper = program.lower.copy(), program.upper.copy()
    for (h, _, _), column in program.groups.get("modules", {}).items():
        lower[column] = upper[column] = sizes.get(h, 0)
    for (_, i, j, _, k, _), column in program.groups.get("flow", {}).items():
        lower[column] = upper[column] = inflow.get((i, j, k), 0.0)
    found = _solved(program.cost, program.matrix, program.row_lower, program.row_upper, lower, upper)
    groups = program.groups.get("rerouted", {})
    return {w: sum(found[column] for index, column in groups.items() if index[0] == w) for w in terms}


def _solved(cost: Any, matrix: Any, row_lower: Any, row_upper: Any, lower: Any, upper: Any) -> Any:
    same = row_lower == row_upper
    above, below = np.isfinite(row_upper) & ~same, np.isfinite(row_lower) & ~same
    dense = matrix.toarray()
    result = linprog(
        cost,
        np.vstack([dense[above], -dense[below]]),
        np.concatenate([row_upper[above], -row_lower[below]]),
        dense[same] if same.any() else None,
        row_upper[same] if same.any() else None,
        np.column_stack([lower, upper]),
    )
    assert result.status == 0, result.message
    return result.x


def served_by_hand(instance: Instance, sizes: Sizes, inflow: Inflow, out: str) -> float:
    """The same for one outage from the tables alone: a flow on every arc for every commodity that passes a hub."""
    kind = instance.structure.hub_types[0]
    items = {item.id: item for item in instance.structure.commodities if item.chain[0] == "hub"}
    admitted = set(zip(instance.admissions["commodity"], instance.admissions["gateway"], strict=True))
    fed = {k for k, _ in admitted}
    gateways = {row.id: row for row in instance.gateways.itertuples()}

    def allowed(arc: Any, k: str, hub: str) -> bool:
        typed = hub == "h3"
        handled = not typed or kind.commodities is None or k in kind.commodities
        if arc.leg != "gateway-hub":
            return handled and arc.leg == items[k].legs[0]
        serves = not typed or kind.gateway_kinds is None or gateways[arc.origin].kind in kind.gateway_kinds
        return handled and serves and (k, arc.origin) in admitted

    flows = [
        (arc, k, arc.destination if arc.leg == "gateway-hub" else arc.origin)
        for arc in instance.arcs.itertuples()
        for k in items
        if out not in (arc.origin, arc.destination) and arc.leg.split("-")[0] in ("gateway", "hub")
        if allowed(arc, k, arc.destination if arc.leg == "gateway-hub" else arc.origin)
    ]
    if not flows:
        return 0.0
    most: dict[tuple[str, ...], tuple[list[int], float]] = {}
    equal: dict[tuple[str, str], dict[int, float]] = {}
    gain = np.zeros(len(flows))

    def limit(key: tuple[str, ...], column: int, amount: float) -> None:
        most.setdefault(key, ([], amount))[0].append(column)

    for column, (arc, k, hub) in enumerate(flows):
        enters = arc.leg == "gateway-hub"
        if k in fed:
            equal.setdefault((hub, k), {})[column] = 1.0 if enters else -1.0
        if enters:
            if not np.isnan(gateways[arc.origin].capacity_t_d):
                limit(("gateway", arc.origin), column, gateways[arc.origin].capacity_t_d)
            continue
        gain[column] = 1.0
        limit(("hub", hub), column, ROOM["ambient"] * sizes[hub])
        need = items[k].requirement
        if need != "ambient":
            limit(("hub", hub, need), column, ROOM[need] * sizes[hub])
        planned = sum(t_d for (_, j, c), t_d in inflow.items() if (j, c) == (arc.destination, k))
        limit(("node", arc.destination, k), column, planned)
    rows = np.zeros((len(most), len(flows)))
    for number, (columns, _) in enumerate(most.values()):
        rows[number, columns] = 1.0
    balance = np.zeros((len(equal), len(flows)))
    for number, terms in enumerate(equal.values()):
        balance[number, list(terms)] = list(terms.values())
    result = linprog(
        -gain, rows if most else None, [amount for _, amount in most.values()] if most else None,
        balance if equal else None, np.zeros(len(equal)) if equal else None,
    )  # fmt: skip
    assert result.status == 0, result.message
    return -float(result.fun)


@settings(
    max_examples=12, deadline=None, derandomize=True, phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(seed=st.integers(0, 10_000))
def test_added_up_outages_serve_what_single_ones_serve(seed: int) -> None:
    """For any sizes and flows of a plan, the most that each outage leaves served is that of a program of its own.

    So the rows accept a plan at just those shares at which every node and commodity can be followed by itself.
    """
    dice = Dice(seed)
    instance = town(dice)
    network = make_network(instance, Policy(), Scale())
    sizes = {h: dice.randint(0, 3) for h in HUBS}
    below = [(arc[1], arc[2], k) for arc, k in network.passable if arc[1] in HUBS]
    inflow = {index: float(dice.of(0, dice.randint(0, 8))) for index in below if sizes[index[0]]}
    model = served_by_the_model(instance, sizes, inflow)
    for out in (*HUBS, *GATEWAYS):
        assert model[out] == pytest.approx(served_by_hand(instance, sizes, inflow, out), abs=1e-6), out
