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

from hubopt.data.ground.coordinates import METRIC, WGS84, to_degrees, wgs84_to_gcj02
from hubopt.data.recipe import read_recipe

from .conftest import RECIPE

SIZE = 12_000.0
"""Edge of the town in metres; its western half is one district, its eastern half another."""

BLOCK = 500.0


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
        ("深圳市", None): _square(-100, -100, SIZE + 100, SIZE + 100),
        ("深圳市", "西区"): _square(-100, -100, half, SIZE + 100),
        ("深圳市", "东区"): _square(half, -100, SIZE + 100, SIZE + 100),
        ("香港特别行政区", None): _square(-100, -9000, SIZE + 100, -200),
    }
    outlines = gpd.GeoDataFrame(
        {"city": [city for city, _ in shapes], "district": [district for _, district in shapes]},
        geometry=[shapely.transform(shape, wgs84_to_gcj02) for shape in shapes.values()],
        crs=WGS84,
    )
    outlines.to_file(folder / "outlines.gpkg", driver="GPKG")
    pd.DataFrame({"city": "Shenzhen", "district": ["West", "East"], "population": [100_001, 200_003]}).to_csv(
        folder / "population.csv", index=False
    )
    vertices = to_degrees(np.random.default_rng(5).uniform(0, SIZE, (5000, 2)))
    text = "# made up\n" + "\n".join(f"{lat:.6f} {lon:.6f}" for lon, lat in vertices)
    (folder / "vertices.txt").write_text(text, encoding="utf-8")
    lon, lat = to_degrees(np.array([(3000.0, 6000.0)]))[0]
    places = {"name": ["Oldtown"], "longitude": [lon], "latitude": [lat], "alternatenames": ["['Oldtown', '老街街道']"]}
    pd.DataFrame(places).to_csv(folder / "places.csv", index=False)
    lon, lat = to_degrees(np.array([(0.0, 4000.0)]))[0]
    pd.DataFrame({"id": ["harbour"], "lon": [lon], "lat": [lat], "precision_m": [500]}).to_csv(
        folder / "gateways.csv", index=False
    )
    route = shapely.LineString([(6000, 6000), (6000, 20_000)])
    gpd.GeoDataFrame({"route": ["g1"]}, geometry=[route], crs=METRIC).to_crs(WGS84).to_file(
        folder / "expressways.gpkg", driver="GPKG"
    )


def _gateway(name: str, kind: str, **place: object) -> dict[str, object]:
    return {
        "id": name, "name_en": name, "name_zh": "口岸", "kind": kind, "city": "Shenzhen", "district": "West",
        "lon": None, "lat": None, "precision_m": 500, "route": None, "side": None, "volume_year": 3.65e6,
        "t_per_unit": 1, "city_share": 1, "beyond_cny_t": 10, "border_cny_t": 0, "border_minutes": 0,
        "source": "made up", "reliability": "assumption", **place,
    }  # fmt: skip


def write_inputs(folder: Path) -> None:
    """The tables of the case: two districts, three gateways, a hub of each type."""
    (folder / "recipe").mkdir()
    shutil.copy(RECIPE.parent / "recipe" / "structure.toml", folder / "recipe" / "structure.toml")
    parameters = pd.read_csv(RECIPE.parent / "parameters.csv")
    parameters.loc[parameters["name"].str.endswith("min_open"), ["value", "low", "high"]] = 0
    parameters.to_csv(folder / "parameters.csv", index=False)
    common = {"source": "made up", "reliability": "assumption"}
    districts = pd.DataFrame(
        {
            "district": ["West", "East"],
            "district_zh": ["西区", "东区"],
            "outline_zh": ["西区", "东区"],
            "east_of": [None, None],
            "land_price_cny_m2": [1000, 3000],
            "land_limit_ha": [40, 60],
            "industry_weight": [2, 1],
            **common,
        }
    )
    districts.to_csv(folder / "recipe" / "districts.csv", index=False)
    lon, lat = to_degrees(np.array([(6000.0, 0.0)]))[0]
    gateways = [
        _gateway("harbour", "port"),
        _gateway("bridge", "border", lon=lon, lat=lat, border_minutes=30),
        _gateway("motorway-north", "expressway", route="g1", side="north"),
    ]
    pd.DataFrame(gateways).to_csv(folder / "recipe" / "gateways.csv", index=False)
    admitted = [("consumer_in", "harbour"), ("consumer_in", "motorway-north"), ("bonded_in", "bridge")]
    pd.DataFrame(admitted, columns=["commodity", "gateway"]).assign(min_share=0, max_share=1).to_csv(
        folder / "admissions.csv", index=False
    )
    hubs = []
    for position, kind in enumerate(("port", "airport", "production", "trade")):
        lon, lat = to_degrees(np.array([(2000.0 + 2000 * position, 2000.0)]))[0]
        hubs.append(
            {
                "id": f"hub-{kind}", "name_en": f"Hub {kind}", "name_zh": f"枢纽{position}", "level": "hub",
                "hub_type": kind, "city": "Shenzhen", "district": "West" if position < 2 else "East", "lon": lon,
                "lat": lat, "precision_m": 100, "parcel": "", "land_ha": 10, "designs": "", "forced": "",
                "synthetic": True, **common,
            }
        )  # fmt: skip
    pd.DataFrame(hubs).to_csv(folder / "recipe" / "sites.csv", index=False)
    existing = {"site": ["hub-port"], "design": ["hub-traditional"], "modules": [3], "may_close": [True]}
    pd.DataFrame({**existing, "closure_cny": [0], **common}).to_csv(folder / "existing.csv", index=False)


def write_town(folder: Path) -> Path:
    """Everything, and the recipe; its path."""
    folder.mkdir()
    write_raw(folder / "raw")
    write_inputs(folder)
    content = read_recipe(RECIPE).model_dump(mode="json", exclude_none=True)
    content["data"] = {
        "root": "raw", "expressways": "expressways.gpkg", "outlines": "outlines.gpkg", "populations": "population.csv",
        "vertices": "vertices.txt", "places": "places.csv", "gateways": "gateways.csv",
    }  # fmt: skip
    content["area"]["neighbours_zh"] = ["香港特别行政区"]
    content["roads"] |= {"path": "roads.geojson"}
    content["zones"] |= {"count": 16, "span_km": 6}
    for rule, count in zip(content["sites"], (6, 16), strict=True):
        rule |= {"count": count, "apart_km": 0.4}
    recipe = folder / "recipe.toml"
    recipe.write_text(tomli_w.dumps(content), encoding="utf-8")
    return recipe
