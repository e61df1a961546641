"""Geography to instance: the steps of a recipe, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data import layers, tables
from hubopt.data.gateways.positions import capacities, place_gateways
from hubopt.data.ground import names
from hubopt.data.ground.coordinates import Floats, to_metric
from hubopt.data.ground.districts import CITIES, city_outline, districts, populations, read_outlines
from hubopt.data.ground.fabric import Fabric, fabric_of, read_vertices
from hubopt.data.goods import balance
from hubopt.data.inputs import read_inputs
from hubopt.data.links import all_links
from hubopt.data.recipe import Recipe, data_root, missing_files, read_recipe
from hubopt.data.report import report_text
from hubopt.data.roads.network import Network, network
from hubopt.data.sites.generated import Exclusion, SiteRule, place_sites
from hubopt.data.structure import figure, read_structure
from hubopt.data.travel import Places, Speeds, straight_km, tie, travel
from hubopt.data.zones import demand as demands
from hubopt.data.zones.hexagons import ZoneRule, make_zones
from hubopt.instance import InputError, Instance, Problem, Structure, write_instance
from hubopt.instance.schema import TABLES

REPORT = "BUILD.md"
NOTES = "README.md"


@dataclass(frozen=True)
class Ground:
    """What every later step stands on: tables of the case, outlines, fabric."""

    recipe: Recipe
    root: Path
    tables: Mapping[str, pd.DataFrame]
    districts: gpd.GeoDataFrame
    city: shapely.Geometry
    cities: gpd.GeoDataFrame
    expressways: gpd.GeoDataFrame
    fabric: Fabric

    @property
    def parameters(self) -> pd.DataFrame:
        """The figures of the case."""
        return self.tables["parameters"]


def _ground(recipe: Recipe, path: Path) -> Ground:
    root, own = data_root(recipe, path), read_inputs(recipe, path.parent)
    outlines = read_outlines(root / recipe.data.outlines, recipe.area.city_zh, recipe.area.neighbours_zh)
    shapes = districts(outlines, own["districts"])
    shapes["population"] = populations(root / recipe.data.populations, recipe.area.city, shapes["district"]).to_numpy()
    shapes = shapes.assign(id=shapes["district"], name_en=shapes["district"], name_zh=shapes["district_zh"])
    around = [recipe.area.city_zh, *recipe.area.neighbours_zh]
    cities = gpd.GeoDataFrame(
        {
            "id": [CITIES[name] for name in around],
            "name_en": [CITIES[name] for name in around],
            "name_zh": around,
        },
        geometry=[city_outline(outlines, name) for name in around],
        crs=outlines.crs,
    )
    vertices = read_vertices(root / recipe.data.vertices)
    return Ground(
        recipe=recipe,
        root=root,
        tables=own,
        districts=shapes,
        city=cities.geometry.iloc[0],
        cities=cities,
        expressways=gpd.read_file(root / recipe.data.expressways),
        fabric=fabric_of(vertices, shapes, recipe.zones.resolution, recipe.zones.continuity_exponent),
    )


def _gateways(ground: Ground) -> pd.DataFrame:
    known = pd.read_csv(ground.root / ground.recipe.data.gateways)
    placed = place_gateways(ground.tables["gateways"], known, ground.expressways, ground.city)
    return placed.assign(capacity_t_d=capacities(placed))


def _network(ground: Ground, gateways: pd.DataFrame) -> Network:
    across = ground.cities["name_zh"].isin(ground.recipe.area.border_zh).to_numpy()
    shapes = ground.cities.geometry.to_numpy()
    sides = [shapely.union_all(shapes[~across]), *shapes[across]]
    territories = gpd.GeoDataFrame(geometry=sides, crs=ground.cities.crs)
    crossings = gateways[gateways["kind"] == "border"]
    return network(ground.recipe, ground.root, ground.expressways, territories, crossings)


def _speeds(parameters: pd.DataFrame) -> Speeds:
    prefix = "travel.speed."
    rows = parameters[parameters["name"].str.startswith(prefix)]
    return Speeds(
        km_h={
            name.removeprefix(prefix): float(value) for name, value in rows[["name", "value"]].itertuples(index=False)
        },
        junction_seconds=figure(parameters, "travel.junction_seconds"),
        access_km_h=figure(parameters, "travel.access_km_h"),
        access_detour=figure(parameters, "travel.access_detour"),
        terminal_minutes=figure(parameters, "travel.terminal_minutes"),
    )


def _with_chinese(places: pd.DataFrame, ground: Ground) -> pd.DataFrame:
    chinese = ground.districts.set_index("district")["district_zh"].str.removesuffix("区").str.removesuffix("新")
    return places.assign(district_zh=places["district"].map(chinese))


def _zones(ground: Ground, gazetteer: pd.DataFrame) -> gpd.GeoDataFrame:
    rule = ground.recipe.zones
    zones = make_zones(ground.fabric, ground.districts, ZoneRule(rule.resolution, rule.count, rule.span_km))
    zones = names.name_places(_with_chinese(zones, ground), gazetteer, "zone", "片区")
    return zones.assign(
        id=[f"zone-{number:03d}" for number in range(1, len(zones) + 1)],
        city=ground.recipe.area.city,
        group=zones["district"].map(ground.districts.set_index("district")["group"]),
        synthetic=False,
        source="census population of the district, spread over the road fabric",
        reliability="derived",
    )


def _sites(
    ground: Ground, roads: Network, zones: pd.DataFrame, gazetteer: pd.DataFrame
) -> tuple[pd.DataFrame, list[Exclusion]]:
    price = dict(zip(ground.districts["district"], ground.districts["land_price_cny_m2"].astype(float), strict=True))
    known = ground.tables["known_sites"]
    parts, thrown_out = [known], []
    for rule in ground.recipe.sites:
        own = known.loc[known["level"] == rule.level, ["lon", "lat"]].to_numpy(dtype=float)
        placing = SiteRule(**rule.model_dump(include=set(SiteRule.__dataclass_fields__)))
        places, excluded = place_sites(
            roads.graph,
            ground.fabric,
            ground.districts,
            zones,
            roads.junctions,
            to_metric(own),
            placing,
            ground.recipe.seed,
        )
        named = names.name_places(_with_chinese(places, ground), gazetteer, rule.word_en, rule.word_zh)
        parts.append(tables.made_up_sites(named, rule, price))
        thrown_out += excluded
    sites = pd.concat(parts, ignore_index=True)
    return sites.assign(city=ground.recipe.area.city, land_price_cny_m2=sites["district"].map(price)), thrown_out


def _snapping(places: pd.DataFrame, tied: Places) -> list[tuple[str, str]]:
    """How far places lie from the network, and those further than the precision of their position."""
    far = places[tied.metres > places["precision_m"].fillna(np.inf).to_numpy(dtype=float)]
    lines = [(f"{row.id} beyond its precision", f"{tied.metres[position]:.0f} m from the network")
             for position, row in zip(far.index, far.itertuples(), strict=True)]  # fmt: skip
    return [
        ("metres to the network, median and most", f"{np.median(tied.metres):.0f}, {tied.metres.max():.0f}"),
        *lines,
    ]


def _trips(ground: Ground, roads: Network, speeds: Speeds) -> list[tuple[str, str]]:
    """Circuity and speed of car trips between places drawn from the fabric, to hold against observed ones."""
    places = ground.fabric.lonlat[
        np.random.default_rng(ground.recipe.seed).integers(len(ground.fabric.lonlat), size=60)
    ]
    ends = tie(roads.graph, places, speeds)
    km, minutes = travel(roads.graph, speeds, ends, ends)
    table = pd.DataFrame(places, columns=["lon", "lat"])
    straight = straight_km(table, table)
    lines = []
    for low, high in ((2, 5), (5, 10), (10, 20), (20, 40)):
        chosen = (straight >= low) & (straight < high) & np.isfinite(km)
        if chosen.any():
            circuity, speed = np.median(km[chosen] / straight[chosen]), np.median(km[chosen] / minutes[chosen] * 60)
            lines.append((f"random car trips of {low} to {high} km", f"circuity {circuity:.2f}, {speed:.1f} km/h"))
    return lines


def _reconciliation(ground: Ground, zones: pd.DataFrame) -> list[tuple[str, str]]:
    """Residents of the zones against the census, in total and by district."""
    made = zones.groupby("district")["population"].sum()
    census = ground.districts.set_index("district")["population"]
    by_district = ", ".join(f"{name} {made[name]} of {census[name]}" for name in census.index)
    return [
        ("population", f"{int(made.sum())}, census of the districts {int(census.sum())}"),
        ("population by district, zones and census", by_district),
    ]


def _demand(ground: Ground, structure: Structure, zones: pd.DataFrame) -> pd.DataFrame:
    drivers = dict(ground.recipe.drivers)
    if without := sorted({commodity.id for commodity in structure.commodities} - set(drivers)):
        mend = "say what spreads its demand: population or industry"
        raise InputError([Problem("recipe", "a commodity has no driver", mend, column=f"drivers.{x}") for x in without])
    industry = ground.districts.set_index("district")["industry_weight"]
    pairs = {item.exchange_with: item.id for item in structure.commodities if item.exchange_with}
    coefficients = {name: figure(ground.parameters, f"demand.{pairs.get(name, name)}.kg_person_day") for name in drivers}
    made = demands.demand(zones, coefficients, drivers, industry, structure.periods[-1].id)
    for collected, delivered in pairs.items():
        made = balance(made, delivered, collected, zones.set_index("id")["city"])
    return tables.table("demand", made)


def _lonlat(places: pd.DataFrame) -> Floats:
    return places[["lon", "lat"]].to_numpy(dtype=float)


def _roads_for_map(ground: Ground) -> gpd.GeoDataFrame | None:
    roads = ground.recipe.roads
    if roads.kind != "lines":
        return None
    return gpd.read_file(ground.root / roads.path).rename(columns={roads.class_column: "road_class"})


def make(recipe_path: Path) -> tuple[Instance, list[tuple[str, str]]]:
    """The instance of a recipe and notes for the build report.

    Raises:
        InputError: with every mistake in the recipe, or every missing file.
    """
    recipe = read_recipe(recipe_path)
    if missing := missing_files(recipe, recipe_path):
        raise InputError(missing)
    ground = _ground(recipe, recipe_path)
    structure = read_structure(
        [recipe_path.parent / name for name in recipe.inputs.structure], ground.parameters, recipe.sources
    )
    speeds = _speeds(ground.parameters)
    gateways = _gateways(ground)
    roads = _network(ground, gateways)
    gazetteer = names.read_gazetteer(ground.root / recipe.data.places, ground.districts)
    zones = _zones(ground, gazetteer)
    sites, excluded = _sites(ground, roads, zones, gazetteer)
    demand = _demand(ground, structure, zones)

    ends = {"gateway": gateways, "zone": zones}
    ends |= {level: sites[sites["level"] == level] for level in ("hub", "utc", "station")}
    tied = {name: tie(roads.graph, _lonlat(places), speeds) for name, places in ends.items()}
    border_minutes = gateways["border_minutes"].to_numpy(dtype=float)
    driven = tables.all_arcs(roads.graph, speeds, ends, tied, border_minutes, recipe.legs)
    arcs = tables.table("arcs", pd.concat([driven, all_links(recipe.links, ends, ground.parameters)]))
    all_sites = tie(roads.graph, _lonlat(sites), speeds)
    _, to_gateway = travel(roads.graph, speeds, tied["gateway"], all_sites)
    scored = sites.assign(
        score=tables.site_scores(sites, zones, demand, roads.junctions, to_gateway.min(axis=0), recipe.suitability)
    )
    instance = Instance(
        structure=structure,
        gateways=tables.table("gateways", gateways.round({"lon": 5, "lat": 5})),
        admissions=tables.table("admissions", ground.tables["admissions"]),
        sites=tables.table("sites", scored.round({"lon": 5, "lat": 5})),
        existing=tables.table("existing", ground.tables["existing"]),
        terminals=tables.table("terminals", ground.tables.get("terminals", pd.DataFrame())),
        zones=tables.table("zones", pd.DataFrame(zones).round({"lon": 5, "lat": 5, "area_km2": 3})),
        demand=demand,
        land=tables.land_limits(ground.districts, ground.parameters, recipe.area.city, ground.tables.get("land")),
        arcs=arcs,
        parameters=tables.table("parameters", ground.parameters),
        geometry=layers.base_map(
            zones,
            ground.districts,
            ground.cities,
            ground.expressways,
            _roads_for_map(ground),
            ground.city,
            recipe.layers,
        ),
    )
    notes = [
        *roads.notes,
        *_snapping(gateways, tied["gateway"]),
        *_snapping(sites.assign(precision_m=sites["precision_m"]), all_sites),
        *_trips(ground, roads, speeds),
        *_reconciliation(ground, zones),
        ("candidates thrown out", str(len(excluded))),
        *((f"thrown out at {item.lon:.4f} {item.lat:.4f}", item.reason) for item in excluded),
    ]
    return instance, notes


def build(recipe_path: Path, out: Path) -> Instance:
    """Build the instance of a recipe and write it, with the recipe's own files and a build report, to ``out``.

    Args:
        recipe_path: the recipe TOML file.
        out: folder to write; an instance there is replaced.

    Returns:
        The instance.

    Raises:
        InputError: with every mistake in the recipe, its tables or the raw data.
    """
    instance, notes = make(recipe_path)
    recipe = read_recipe(recipe_path)
    passed_on = [recipe_path.name, NOTES, *(name for _, name in recipe.inputs.files())]
    made = {f"{name}.csv" for name in TABLES}
    extra: dict[str, bytes | str] = {
        name: (recipe_path.parent / name).read_bytes()
        for name in passed_on
        if name not in made and ".." not in Path(name).parts and (recipe_path.parent / name).is_file()
    }
    extra[REPORT] = report_text(instance, notes)
    write_instance(instance, out, force=True, extra_files=extra)
    return instance
