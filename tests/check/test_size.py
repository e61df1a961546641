"""The checker keeps up with a city: 1,000 zones, 1,000 stations, 100,000 arcs."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd

from hubopt.check import check, complete_plan
from hubopt.instance import Policy, frame
from hubopt.solution.types import ASSIGNMENT_COLUMNS, FLOW_COLUMNS
from tests.check.hand import hand_case

ZONES = STATIONS = 1000
CENTRES = 40
NEAR = 60
SECONDS = 12.0
"""About one is needed on a free core; the rest is room for a busy machine."""


def _table(name: str, **columns: object) -> pd.DataFrame:
    length = max(len(column) for column in columns.values() if isinstance(column, list | np.ndarray))
    full = pd.DataFrame(
        {key: value if isinstance(value, list | np.ndarray) else [value] * length for key, value in columns.items()}
    )
    return frame(name, full.to_dict("records"))


def test_a_city_is_checked_in_seconds() -> None:
    """A valid plan with 2,000 flows over 100,000 arcs is checked, without a finding, in a few seconds."""
    case = hand_case()
    stations = [f"s{i}" for i in range(STATIONS)]
    centres = [f"u{i}" for i in range(CENTRES)]
    zones = [f"z{i}" for i in range(ZONES)]
    feed = {"leg": "utc-station", "mode": "truck", "km": 5.0, "minutes": 10.0}
    last = {"leg": "station-zone", "mode": "trike", "km": 1.0, "minutes": 4.0}
    arcs = [
        _table("arcs", leg="gateway-hub", origin="g1", destination=["h1"], mode="truck", km=20.0, minutes=30.0),
        _table("arcs", leg="hub-utc", origin="h1", destination=centres, mode="truck", km=10.0, minutes=15.0),
        _table("arcs", origin=centres * STATIONS, destination=list(np.repeat(stations, CENTRES)), **feed),
        _table("arcs", origin=[stations[(z + i) % STATIONS] for z in range(ZONES) for i in range(NEAR)],
               destination=list(np.repeat(zones, NEAR)), **last),
        _table("arcs", leg="utc-zone", origin="u0", destination=zones, mode="truck", km=4.0, minutes=8.0),
    ]  # fmt: skip
    levels = ["hub"] + ["utc"] * CENTRES + ["station"] * STATIONS
    big = case.with_tables(
        sites=_table("sites", id=["h1", *centres, *stations], name_en="x", level=levels,
                     hub_type=["sea"] + [""] * (CENTRES + STATIONS), land_ha=9.0),
        zones=_table("zones", id=zones, name_en="x"),
        demand=_table("demand", zone=zones, commodity="parcel", period="p", t_d=0.01),
        existing=case.existing.iloc[:0],
        land=case.land.iloc[:0],
        arcs=pd.concat(arcs, ignore_index=True),
    )  # fmt: skip
    levels_off = {**case.structure.levels, "station": case.structure.levels["hub"]}
    big = replace(big, structure=case.structure.model_copy(update={"levels": levels_off}))
    designs = ["big"] + ["new"] * CENTRES + ["stn"] * STATIONS
    decisions = pd.DataFrame({"period": "p", "site": ["h1", *centres, *stations], "design": designs, "modules": 1})
    fed_by = [centres[i % CENTRES] for i in range(STATIONS)]
    pairs = [
        *(("p", "utc-station", u, s) for u, s in zip(fed_by, stations, strict=True)),
        *(("p", "station-zone", s, z) for s, z in zip(stations, zones, strict=True)),
    ]
    per_centre = 0.01 * STATIONS / CENTRES
    flows = [
        ("p", "gateway-hub", "g1", "h1", "truck", "parcel", 0.01 * ZONES),
        *(("p", "hub-utc", "h1", u, "truck", "parcel", per_centre) for u in centres),
        *((*pair, "truck" if pair[1] == "utc-station" else "trike", "parcel", 0.01) for pair in pairs),
    ]
    links, used = pd.DataFrame(pairs, columns=ASSIGNMENT_COLUMNS), pd.DataFrame(flows, columns=FLOW_COLUMNS)
    plan = complete_plan(big, Policy(), decisions, links, used)
    assert len(big.arcs) > 100_000
    started = time.perf_counter()
    report = check(big, Policy(), plan)
    seconds = time.perf_counter() - started
    assert report.findings == ()
    assert report.kpi["served_share"] == 1
    assert seconds < SECONDS
