"""A small case with everything that the review map shows: judged and excluded candidates, mapped land, prices."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from hubopt.instance import Instance, Policy
from hubopt.solution import Solution
from hubopt.solution.site_prices import LandPrice, SitePrice, SitePrices
from tests.viz.cases import HOSTILE, mapped
from tests.viz.greedy import greedy_plan, greedy_solution

OUT = "field-9"
"""A candidate that was ruled out."""


def criteria(case: Instance, why: str = "lies in water") -> pd.DataFrame:
    """How the sites of ``case`` were judged, in two criteria, and a candidate that is out."""
    rows = [
        {
            "candidate": row.id, "sites": row.id, "in": True, "levels": row.level, "name_en": row.name_en,
            "name_zh": row.name_zh, "kind": "industrial", "lon": row.lon, "lat": row.lat, "area_ha": 9.0,
            "usable_ha": row.land_ha, "expressway": 1.5, "expressway_points": 80.0, "demand": 50.0,
            "demand_points": 40.0, "score": 60.0, "codes": "", "reasons_en": "in: strong in expressway access",
            "reasons_zh": "入选：高速公路可达性好",
        }
        for row in case.sites.itertuples()
    ]  # fmt: skip
    out = {
        **rows[0], "candidate": OUT, "sites": "", "in": False, "levels": "", "name_en": "Field 9", "name_zh": "九号地",
        "lon": 114.01, "lat": 22.53, "codes": "water;too small", "reasons_en": why, "reasons_zh": "位于水域",
    }  # fmt: skip
    return pd.DataFrame([*rows, out])


def with_land(case: Instance) -> Instance:
    """``case`` with the outlines of two candidates, one of them out."""
    at = case.sites.set_index("id").loc["h-north"]
    shapes = [
        {"id": "h-north", "geometry": box(at.lon - 0.003, at.lat - 0.002, at.lon + 0.003, at.lat + 0.002)},
        {"id": OUT, "geometry": box(114.008, 22.528, 114.012, 22.532)},
    ]
    return replace(case, geometry={**case.geometry, "candidates": gpd.GeoDataFrame(shapes, crs=4326)})


def prices_of(solution: Solution) -> SitePrices:
    """Prices of every kind."""
    objective = solution.proof.objective
    assert objective is not None
    return SitePrices(
        instance_sha256=solution.proof.instance_sha256,
        objective=objective,
        bound=solution.proof.bound,
        asked=5,
        sites=(
            SitePrice(site="h-port", action="out", kind="re-solve", estimate=3e6, least=1e6, most=4e6, possible=True),
            SitePrice(site="u-west", action="out", kind="rest-stays", estimate=2e6),
            SitePrice(site="s1", action="out", kind="rest-stays", estimate=-2e5),
            SitePrice(site="s2", action="in", kind="rest-stays", status="rest must change"),
            SitePrice(site="h-north", action="in", kind="re-solve", possible=False, status="infeasible"),
        ),
        land=(LandPrice(scope="total", id="total", period="base", price=5e5),),
    )


@cache
def reviewed() -> tuple[Instance, Solution]:
    """A case with a plan that leaves out one site of each level."""
    case = with_land(mapped())
    plan = greedy_plan(case, {"hub": 0.5, "utc": 0.5, "station": 0.5})
    return case, greedy_solution(case, plan)


@cache
def attacked() -> tuple[Instance, Solution, pd.DataFrame]:
    """``reviewed`` with an attack in every text of sites, land and judgement."""
    case, solution = reviewed()
    texts = [f"{HOSTILE[i % len(HOSTILE)]} {i}" for i in range(len(case.sites))]
    sites = case.sites.assign(**dict.fromkeys(("name_en", "name_zh", "source", "operator"), texts))
    judged = criteria(case, HOSTILE[1]).assign(kind=HOSTILE[2], codes=HOSTILE[0], reasons_zh=HOSTILE[2])
    policy = Policy(name_en=HOSTILE[1], name_zh=HOSTILE[2])
    return case.with_tables(sites=sites), replace(solution, policy=policy), judged
