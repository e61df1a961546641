"""Random cases with what the plain ones lack: hub types, forced sites, counts, parcels, two modes and two periods."""

from __future__ import annotations

import random
from dataclasses import replace

import pandas as pd

from hubopt.instance import Instance
from hubopt.instance.frames import frame, in_order
from hubopt.instance.types import HubType, LevelRule, Mode, Period, ServiceLimit
from tests.cases import random_case


def varied_case(seed: int) -> Instance:
    """A case like :func:`random_case` with what that lacks: hub types, forced sites, counts, parcels, a second mode,
    a second period, limits in minutes, smallest sizes and no target.
    """
    rng = random.Random(f"varied {seed}")
    case = random_case(rng.randrange(10_000))
    structure = case.structure
    designs = tuple(
        item.model_copy(update={"max_modules": 3, "min_modules": rng.choice([1, 2])}) if "utc" in item.levels else item
        for item in structure.designs
    )
    kinds = (
        HubType(id="a", name_en="a", name_zh="甲", gateway_kinds=rng.choice([None, ("port",), ("rail",)])),
        HubType(
            id="b",
            name_en="b",
            name_zh="乙",
            commodities=rng.choice([None, ("k1",)]),
            max_open=rng.choice([None, 1]),
            min_open=rng.choice([0, 0, 1]),
        ),
    )
    van = Mode(id="van", name_en="Van", name_zh="货车", cny_t_km=rng.randint(1, 9), cny_t=5, kgco2e_t_km=0.3)
    single = structure.service.single_sourcing
    service = structure.service.model_copy(
        update={
            "targets": structure.service.targets if rng.random() < 0.2 else (),
            "limits": (ServiceLimit(leg="utc-station", max_minutes=rng.choice([20, 40])),),
            "single_sourcing": rng.choice([single, ("station-zone",), ("hub-utc", "station-zone"), ("utc-station",)]),
        }
    )
    if service.targets:
        service = service.model_copy(update={"single_sourcing": single})
    structure = structure.model_copy(
        update={
            "designs": designs,
            "hub_types": kinds,
            "modes": (*structure.modes, van),
            "periods": (Period(id="p"), Period(id="q", years=5, weight=2.5)),
            "levels": {"utc": LevelRule(min_open=rng.choice([0, 1])), "hub": LevelRule(max_open=rng.choice([1, 2]))},
            "service": service,
        }
    )
    sites = case.sites.copy()
    sites["land_ha"] *= 2
    hubs = sites["level"] == "hub"
    sites.loc[hubs, "hub_type"] = [rng.choice("ab") for _ in range(int(hubs.sum()))]
    sites.loc[~hubs, "parcel"] = "yard"
    sites.loc[hubs.idxmax(), "district"] = "A"
    sites.loc[rng.randrange(len(sites)), "forced"] = rng.choice(["", "open"])
    sites.loc[hubs.idxmax(), "hub_type"] = "b"
    later = case.demand.assign(period="q", t_d=case.demand["t_d"] * 1.5)
    quick = case.arcs.assign(mode="van", km=case.arcs["km"] * 0.8, minutes=case.arcs["minutes"] * 0.8)
    arcs = pd.concat([case.arcs, quick[quick["leg"] != "gateway-hub"]], ignore_index=True)
    rows = [("district", "A", rng.choice([0.1, 0.4])), ("parcel", "yard", rng.choice([0.2, 0.5]))]
    limits = [dict(zip(("scope", "id", "limit_ha"), row, strict=True)) for row in rows]
    land = in_order("land", frame("land", limits)) if rng.random() < 0.7 else case.land
    return replace(
        case.with_tables(sites=sites, demand=pd.concat([case.demand, later], ignore_index=True), arcs=arcs, land=land),
        structure=structure,
    )
