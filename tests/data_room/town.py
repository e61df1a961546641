"""A made-up town with all the raw data of a recipe, so that a whole build is tested without the real data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import tomli_w

from hubopt.data.ground.coordinates import METRIC, WGS84, Floats, from_wgs84, to_degrees
from hubopt.data.recipe import read_recipe

from .conftest import RECIPE, ROOT

SIZE = 12_000.0
"""Edge of the town in metres; its western half is one district, the quarters of its eastern half are two more."""

BLOCK = 500.0

CENSUS = {"Xiangzhou": 100_001, "Doumen": 120_002, "Jinwan": 80_001}
"""Residents by district: the town poses as a known city of three."""


def _to_gcj02(lonlat: Floats) -> Floats:
    return from_wgs84(lonlat, "GCJ-02")


def _square(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.transform(shapely.box(west, south, east, north), to_degrees)


def _street_lines() -> list[tuple[str, list[tuple[float, float]]]]:
    """A grid of tertiary roads with a primary one every 2 km."""
    steps = np.arange(0, SIZE + 1, BLOCK)
    names = ["primary" if step % 2000 == 0 else "tertiary" for step in steps]
    rows = [(name, [(float(x), float(y)) for x in steps]) for name, y in zip(names, steps, strict=True)]
    columns = [(name, [(float(x), float(y)) for y in steps]) for name, x in zip(names, steps, strict=True)]
    return rows + columns


def write_roads(folder: Path) -> None:
    """The streets as GeoJSON lines and as a recorded Overpass answer."""
    streets = _street_lines()
    lines = [shapely.LineString(to_degrees(np.array(points))) for _, points in streets]
    frame = gpd.GeoDataFrame({"highway": [name for name, _ in streets]}, geometry=lines, crs=WGS84)
    frame.to_file(folder / "roads.geojson", driver="GeoJSON")
    places = sorted({point for _, points in streets for point in points})
    number = {point: position + 1 for position, point in enumerate(places)}
    lonlat = to_degrees(np.array(places)).tolist()
    elements: list[dict[str, object]] = [
        {"type": "node", "id": position + 1, "lon": lon, "lat": lat} for position, (lon, lat) in enumerate(lonlat)
    ]
    elements += [
        {"type": "way", "id": 10_000 + position, "nodes": [number[p] for p in points], "tags": {"highway": name}}
        for position, (name, points) in enumerate(streets)
    ]
    (folder / "overpass").mkdir()
    (folder / "overpass" / f"{1:040x}.json").write_text(json.dumps({"elements": elements}), encoding="utf-8")


def write_raw(folder: Path) -> None:
    """All raw data of the town."""
    folder.mkdir()
    write_roads(folder)
    half = SIZE / 2
    shapes = {
        "香洲区": _square(-100, -100, half, SIZE + 100),
        "斗门区": _square(half, -100, SIZE + 100, half),
        "金湾区": _square(half, half, SIZE + 100, SIZE + 100),
    }
    outlines = gpd.GeoDataFrame(
        {"city": "珠海市", "district": list(shapes)},
        geometry=[shapely.transform(shape, _to_gcj02) for shape in shapes.values()],
        crs=WGS84,
    )
    outlines.to_file(folder / "outlines.gpkg", driver="GPKG")
    census = {"city": "Zhuhai", "district": list(CENSUS), "population": list(CENSUS.values())}
    pd.DataFrame(census).to_csv(folder / "population.csv", index=False)
    vertices = to_degrees(np.random.default_rng(5).uniform(0, SIZE, (5000, 2)))
    text = "# made up\n" + "\n".join(f"{lat:.6f} {lon:.6f}" for lon, lat in vertices)
    (folder / "vertices.txt").write_text(text, encoding="utf-8")
    lon, lat = to_degrees(np.array([(3000.0, 6000.0)]))[0]
    places = {"name": ["Oldtown"], "longitude": [lon], "latitude": [lat], "alternatenames": ["['Oldtown', '老街街道']"]}
    pd.DataFrame(places).to_csv(folder / "places.csv", index=False)
    route = shapely.LineString([(6000, 6000), (6000, 20_000)])
    gpd.GeoDataFrame({"route": ["g1"]}, geometry=[route], crs=METRIC).to_crs(WGS84).to_file(
        folder / "expressways.gpkg", driver="GPKG"
    )


def _gateway(name: str, kind: str, x: float | None = None, y: float | None = None, **more: object) -> dict[str, object]:
    lon, lat = (None, None) if x is None or y is None else to_degrees(np.array([(x, y)]))[0].tolist()
    return {
        "id": name, "name_en": name, "name_zh": f"口岸{name}", "kind": kind, "city": "Zhuhai", "district": "Xiangzhou",
        "lon": lon, "lat": lat, "precision_m": 500, "route": None, "side": None, "volume_year": 3.65e6,
        "t_per_unit": 1, "city_share": 1, "beyond_cny_t": 10, "border_cny_t": 0, "border_minutes": 0,
        "beyond_minutes": 30, "beyond_kgco2e_t": 1, "access": "", "source": "made up",
        "reliability": "assumption", **more,
    }  # fmt: skip


def _structure() -> str:
    """The structure of the shared case, with a name and texts of its own."""
    words = {
        "instance": {"id": "town", "name_en": "Town", "name_zh": "小城", "currency": "CNY", "synthetic": True},
        "periods": [{"id": "base"}],
    }
    return tomli_w.dumps(words)


def write_inputs(folder: Path) -> None:
    """The tables of the case: three districts, three gateways, a hub of each type."""
    (folder / "recipe").mkdir()
    shutil.copy(ROOT / "instances" / "common" / "structure.toml", folder / "recipe" / "common.toml")
    (folder / "recipe" / "structure.toml").write_text(_structure(), encoding="utf-8")
    parameters = pd.read_csv(RECIPE.parent / "parameters.csv")
    elsewhere = parameters["name"].str.startswith(("presence.", "service.targets.gba-4h", "budget.gba-4h"))
    parameters = parameters[~elsewhere]
    parameters.loc[parameters["name"].str.endswith("min_open"), ["value", "low", "high"]] = 0
    parameters.to_csv(folder / "recipe" / "parameters.csv", index=False)
    common = {"source": "made up", "reliability": "assumption"}
    districts = {
        "district": list(CENSUS), "group": ["west", "east", "east"], "land_price_cny_m2": [1000, 3000, 2000],
        "land_limit_ha": [40, 60, 30], "industry_weight": [2, 1, 1], **common,
    }  # fmt: skip
    pd.DataFrame(districts).to_csv(folder / "recipe" / "districts.csv", index=False)
    gateways = [
        _gateway("harbour", "port", 0, 4000, access="quay"),
        _gateway("bridge", "border", 6000, 0, border_minutes=30),
        _gateway("motorway-north", "expressway", route="g1", side="north"),
    ]
    pd.DataFrame(gateways).to_csv(folder / "recipe" / "gateways.csv", index=False)
    admitted = [("consumer_in", "harbour"), ("consumer_in", "motorway-north"), ("bonded_in", "bridge")]
    pd.DataFrame(admitted, columns=["commodity", "gateway"]).assign(min_share=0, max_share=1).to_csv(
        folder / "recipe" / "admissions.csv", index=False
    )
    hubs = []
    for position, kind in enumerate(("port", "airport", "production", "trade")):
        lon, lat = to_degrees(np.array([(2000.0 + 2000 * position, 2000.0)]))[0]
        hubs.append(
            {
                "id": f"hub-{kind}", "name_en": f"Hub {kind}", "name_zh": f"枢纽{position}", "level": "hub",
                "hub_type": kind, "city": "Zhuhai", "district": "Xiangzhou" if position < 2 else "Doumen", "lon": lon,
                "lat": lat, "precision_m": 100, "parcel": "", "land_ha": 10, "designs": "", "forced": "",
                "access": "quay" if kind == "port" else "", "operator": "Port group" if kind == "port" else "",
                "synthetic": False, **common,
            }
        )  # fmt: skip
    pd.DataFrame(hubs).to_csv(folder / "recipe" / "sites.csv", index=False)
    existing = {"site": ["hub-port"], "design": ["hub-traditional"], "modules": [3], "may_close": [True]}
    pd.DataFrame({**existing, "closure_cny": [0], **common}).to_csv(folder / "recipe" / "existing.csv", index=False)
    terminals = {"node": ["hub-port"], "mode": ["barge"], "capacity_t_d": [100], **common}
    pd.DataFrame(terminals).to_csv(folder / "recipe" / "terminals.csv", index=False)


def write_town(folder: Path) -> Path:
    """Everything, and the recipe; its path."""
    folder.mkdir()
    write_raw(folder / "raw")
    write_inputs(folder)
    content = read_recipe(RECIPE).model_dump(mode="json", exclude_none=True)
    content["data"] = {
        "root": "raw", "expressways": "expressways.gpkg", "outlines": "outlines.gpkg", "outlines_datum": "GCJ-02",
        "populations": "population.csv", "places": "places.csv",
        "vertices": [{"city": "Zhuhai", "path": "vertices.txt"}],
    }  # fmt: skip
    content["inputs"] = {
        "structure": ["recipe/common.toml", "recipe/structure.toml"], "parameters": ["recipe/parameters.csv"],
        **{name: [f"recipe/{name}.csv"] for name in ("districts", "gateways", "admissions", "existing", "terminals")},
        "known_sites": ["recipe/sites.csv"],
    }  # fmt: skip
    content["area"] = {"cities": ["Zhuhai"]}
    layers = [
        {"name": "streets", "kind": "lines", "path": "roads.geojson"},
        {"name": "motorways", "kind": "expressways", "path": "expressways.gpkg"},
    ]
    content["roads"] = {"layers": layers}
    content["zones"] |= {"count": 16, "span_km": 6}
    for rule, count in zip(content["sites"], (6, 16), strict=True):
        rule |= {"count": count, "apart_km": 0.4}
    recipe = folder / "recipe.toml"
    recipe.write_text(tomli_w.dumps(content), encoding="utf-8")
    return recipe
