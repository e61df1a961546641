"""What a planner expects of a changed table or policy, on the exact optimum of the tiny city."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, get_args

import pandas as pd
import pytest

from hubopt.instance import Instance, Policy
from hubopt.instance.policy import Switch
from hubopt.instance.schema import TABLES
from tests.bruteforce import varied_case
from tests.cases import random_case, tiny
from tests.model.exact import Optimum, solved
from tests.model.small import small

CENT = 0.01
Change = Callable[[Instance], Instance]


@cache
def base() -> Optimum:
    """The optimum of the tiny city as it stands."""
    return solved(tiny())


def cost_of(optimum: Optimum) -> float:
    assert optimum.cost is not None
    return optimum.cost


def sizes(optimum: Optimum) -> dict[tuple[str, ...], float]:
    """Modules by site and design."""
    return {index: round(size) for index, size in optimum.chosen("modules").items()}


def cell(table: str, key: dict[str, str], column: str, value: float) -> Change:
    """One cell of a table changed."""

    def change(instance: Instance) -> Instance:
        frame = instance.table(table).copy()
        chosen = pd.Series(True, index=frame.index)
        for name, wanted in key.items():
            chosen &= frame[name] == wanted
        assert chosen.sum() == 1
        frame.loc[chosen, column] = value
        return instance.with_tables(**{table: frame})

    return change


DEARER: dict[str, tuple[Change | dict[str, Any], bool]] = {
    "less land at u-mid": (cell("sites", {"id": "u-mid"}, "land_ha", 0.1), True),
    "no room at u-mid": (cell("sites", {"id": "u-mid"}, "land_ha", 0.01), True),
    "less land in the depot": (cell("land", {"id": "depot"}, "limit_ha", 0.1), True),
    "less land in all": (cell("land", {"id": "total"}, "limit_ha", 3.0), True),
    "a smaller airport, still large enough": (cell("gateways", {"id": "airport"}, "capacity_t_d", 40.0), False),
    "a gate of 100 t/d": (cell("gateways", {"id": "gate"}, "capacity_t_d", 100.0), True),
    "more parcels for z3": (cell("demand", {"zone": "z3", "commodity": "parcel"}, "t_d", 60.0), True),
    "zones within 2 km of their station": ({"limits": {"station-zone": {"max_km": 2}}}, True),
    "all demand near a transfer centre": ({"targets": {"utc-access": {"share": 1}}}, True),
    "delivery in 45 minutes": ({"targets": {"in-city": {"limit": 45}}}, True),
    "at most three stations": ({"levels": {"station": {"max_open": 3}}}, True),
    "u-mid closed": ({"force_closed": ["u-mid"]}, True),
    "carbon ten times as dear": ({"carbon_price_cny_t": 1000}, True),
}
"""What makes the network dearer, and whether strictly so."""

CHEAPER: dict[str, tuple[Change | dict[str, Any], bool]] = {
    "fewer parcels for z3": (cell("demand", {"zone": "z3", "commodity": "parcel"}, "t_d", 20.0), True),
    "no standard of access": ({"targets": {"utc-access": {"share": 0}}}, True),
    "more land at h-port": (cell("sites", {"id": "h-port"}, "land_ha", 20.0), False),
    "free land at u-mid": (cell("sites", {"id": "u-mid"}, "land_price_cny_m2", 0.0), True),
}


@cache
def changed(name: str) -> Optimum:
    """The optimum after a change of a table or of the policy."""
    change = {**DEARER, **CHEAPER}[name][0]
    if isinstance(change, dict):
        return solved(tiny(), Policy.model_validate(change))
    return solved(change(tiny()))


@pytest.mark.parametrize("name", DEARER)
def test_tightening_never_lowers_the_cost(name: str) -> None:
    """Less room, capacity, reach or time, a higher share, more demand: the optimum does not get cheaper."""
    strictly = DEARER[name][1]
    risen = cost_of(changed(name)) - cost_of(base())
    assert risen > 1000 if strictly else abs(risen) < CENT


@pytest.mark.parametrize("name", CHEAPER)
def test_loosening_never_raises_the_cost(name: str) -> None:
    """Less demand, weaker standards, more or cheaper land: the optimum does not get dearer."""
    strictly = CHEAPER[name][1]
    fallen = cost_of(base()) - cost_of(changed(name))
    assert fallen > 1000 if strictly else abs(fallen) < CENT


def test_a_site_without_room_is_replaced() -> None:
    """When u-mid has no room, u-east takes its place: the access standard needs a second transfer centre."""
    before, after = sizes(base()), sizes(changed("no room at u-mid"))
    assert {site for site, _, _ in before} - {site for site, _, _ in after} == {"u-mid"}
    assert {site for site, _, _ in after} - {site for site, _, _ in before} == {"u-east"}


def test_fewer_stations_serve_the_same_demand() -> None:
    """With at most three stations the plan has exactly three."""
    after = sizes(changed("at most three stations"))
    assert sum(site.startswith("s") for site, _, _ in after) == 3


@pytest.mark.parametrize("case", [small(), random_case(6), random_case(18), varied_case(3)])
def test_switching_a_family_off_never_raises_the_cost(case: Instance) -> None:
    """Whatever the policy stops asking for, the optimum does not get dearer."""
    asked = cost_of(solved(case))
    for switch in get_args(Switch):
        off = (switch, "service_targets") if switch == "single_sourcing" else (switch,)
        assert cost_of(solved(case, Policy(off=off))) <= asked * (1 + 1e-8) + CENT, switch


def with_money(case: Instance, factor: float) -> Instance:
    """Every price of the case multiplied."""

    def dearer(record: Any) -> Any:
        fields = [name for name in type(record).model_fields if "cny" in name and getattr(record, name) is not None]
        return record.model_copy(update={name: getattr(record, name) * factor for name in fields})

    structure = case.structure
    parts = {name: tuple(map(dearer, getattr(structure, name))) for name in ("commodities", "designs", "modes")}
    structure = structure.model_copy(update={**parts, "instance": dearer(structure.instance)})
    tables = {}
    for name in ("gateways", "sites", "existing"):
        frame = case.table(name).copy()
        prices = [column for column in frame.columns if "cny" in column]
        frame[prices] = frame[prices] * factor
        tables[name] = frame
    return replace(case.with_tables(**tables), structure=structure)


@pytest.mark.parametrize("case", [tiny(), random_case(0), varied_case(3)])
def test_double_prices_double_the_cost(case: Instance) -> None:
    """The cost is proportional to money, and the plan does not depend on its unit."""
    before, after = solved(case), solved(with_money(case, 2))
    assert cost_of(after) == pytest.approx(2 * cost_of(before), rel=1e-8)
    assert sizes(after) == sizes(before)


def shuffled(case: Instance, seed: int) -> Instance:
    """The same case with the rows of every table in another order."""
    tables = {
        name: case.table(name).sample(frac=1, random_state=seed).reset_index(drop=True)
        for name in TABLES
        if len(case.table(name))
    }
    return case.with_tables(**tables)


def renamed(case: Instance, seed: int) -> Instance:
    """The same case with other names for its sites and zones."""
    names = [*case.sites["id"], *case.zones["id"]]
    others = [f"n{number}" for number in range(len(names))]
    random.Random(seed).shuffle(others)
    new = dict(zip(names, others, strict=True))
    columns = {
        "sites": ["id"], "zones": ["id", "own_site"], "existing": ["site"], "demand": ["zone"],
        "arcs": ["origin", "destination"],
    }  # fmt: skip
    tables = {}
    for name, keys in columns.items():
        frame = case.table(name).copy()
        for key in keys:
            frame[key] = frame[key].map(lambda x: new.get(x, x)).astype(frame[key].dtype)
        tables[name] = frame
    return case.with_tables(**tables)


@pytest.mark.parametrize("case", [small(), random_case(18), varied_case(3)])
def test_names_and_order_do_not_matter(case: Instance) -> None:
    """Rows in another order and other names leave the least cost as it was."""
    before = cost_of(solved(case))
    assert cost_of(solved(shuffled(case, 1))) == pytest.approx(before, rel=1e-8)
    assert cost_of(solved(renamed(case, 1))) == pytest.approx(before, rel=1e-8)
