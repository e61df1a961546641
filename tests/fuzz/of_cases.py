"""Readers of instances, policies and results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import shapely

from hubopt.instance import (
    Problem,
    apply,
    doubts,
    policy_toml,
    read_instance,
    read_policy,
    sha256,
    validate,
    write_instance,
)
from hubopt.instance.criteria import read_criteria
from hubopt.solution import instance_folder, read_solution, write_solution
from tests.cases import tiny
from tests.fuzz.reader import Reader, single, written
from tests.instance.whole_city import whole
from tests.solution.whole_plan import whole_solution


def _tiny(folder: Path) -> None:
    case = tiny()
    boxes = [shapely.box(x - 0.01, y - 0.01, x + 0.01, y + 0.01) for x, y in case.zones[["lon", "lat"]].to_numpy()]
    zones = gpd.GeoDataFrame({"id": list(case.zones["id"])}, geometry=boxes, crs=4326)
    write_instance(replace(case, geometry={"zones": zones}), folder, arcs="csv")


def _whole(folder: Path) -> None:
    write_instance(whole(), folder)


def _instance(folder: Path) -> None:
    notes: list[Problem] = []
    instance = read_instance(folder, notes=notes)
    assert validate(instance) == []
    assert all(problem.warning for problem in [*notes, *doubts(instance)])
    assert len(sha256(instance)) == 64


def _policy(file: Path) -> None:
    policy = read_policy(file)
    policy_toml(policy)
    apply(tiny(), policy)


_POLICY = b"""
name_en = "A"
off = ["land"]
force_open = ["s1"]
demand_factor = 1.2
weights = {capital = 2.0}
carbon_cap_t_year = 1e6
[levels.hub]
min_open = 1
[land_ha]
"total:total" = 12.0
[demand_factors]
parcel = 1.5
[targets.utc-access]
share = 0.5
[[phases]]
id = "a"
year = 2026
years = 4
demand_factor = 1.1
target_shares = {utc-access = 0.4}
[[phases]]
id = "b"
year = 2030
"""


def _result(folder: Path) -> None:
    write_solution(whole_solution(), tiny(), folder, {})


def _solution(folder: Path) -> None:
    instance_folder(folder)
    read_solution(folder)


_JUDGED = (
    "candidate,sites,levels,name_en,name_zh,kind,city,district,lon,lat,score,in,reasons_en,slope,slope_points\n"
    "c1,s1,hub,A,甲,industrial,X,Y,114.0,22.5,60,True,,3,50\nc2,,,B,乙,port,X,Y,114.1,22.5,,False,water,4,20\n"
).encode()

_OF_INSTANCES = (
    "hubopt.instance.read.read_instance",
    "hubopt.instance.geometry.read_layers",
    "hubopt.instance.tables.read_csv",
    "hubopt.instance.tables.read_parquet",
    "hubopt.instance.parquet.bounded_parquet",
    "hubopt.instance.text.read_text",
)

READERS = (
    Reader("instance", written(_tiny), _instance, _OF_INSTANCES, share=0.1),
    Reader("whole instance", written(_whole), _instance, _OF_INSTANCES, share=0.1),
    single(
        "policy",
        "policy.toml",
        _POLICY,
        _policy,
        "hubopt.instance.policy.read_policy",
        "hubopt.instance.trees.read_toml",
        share=0.3,
    ),
    single(
        "site criteria",
        "site_criteria.csv",
        _JUDGED,
        lambda file: read_criteria(file.parent),
        "hubopt.instance.criteria.read_criteria",
        share=5,
    ),
    Reader(
        "result",
        written(_result),
        _solution,
        ("hubopt.solution.read.read_solution", "hubopt.solution.read.instance_folder"),
        (".json", ".csv", ".parquet"),
        share=0.3,
    ),
)
"""Readers of what a planner passes around."""
