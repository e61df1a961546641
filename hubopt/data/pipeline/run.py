"""The whole build: recipe to instance, with its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hubopt.data import layers, tables
from hubopt.data.pipeline.anchors import make_anchors, snapping
from hubopt.data.pipeline.ground import Ground, Notes, distinct_names, read_ground
from hubopt.data.pipeline.places import make_gateways, make_zones
from hubopt.data.pipeline.sites import make_sites
from hubopt.data.pipeline.ways import Progress, make_arcs, make_roads, trips
from hubopt.data.recipe import Recipe, missing_files, read_recipe, strays
from hubopt.data.report import Section, report_text, shortened
from hubopt.data.roads.build import RoadNetwork
from hubopt.data.structure import figure
from hubopt.data.travel.spec import calibrated
from hubopt.data.travel.weights import Speeds, speeds_of
from hubopt.data.zones.demand import DemandRule, Figures, demand_table, reconciliation_notes
from hubopt.instance import InputError, Instance, Problem, write_instance
from hubopt.instance.schema import TABLES

CRITERIA = "site_criteria.csv"
REPORT = "BUILD.md"
NOTES = "README.md"


@dataclass(frozen=True)
class Built:
    """An instance, the sections of its build report, its recipe, and what every candidate for a site was judged by."""

    instance: Instance
    sections: tuple[Section, ...]
    recipe: Recipe
    criteria: pd.DataFrame


def _checked(recipe_path: Path, trusted: bool) -> Recipe:
    recipe = read_recipe(recipe_path)
    if not trusted and (outside := strays(recipe, recipe_path)):
        raise InputError(outside)
    if missing := missing_files(recipe, recipe_path):
        raise InputError(missing)
    return recipe


def roads_of(recipe_path: Path, *, trusted: bool = False) -> tuple[RoadNetwork, Speeds]:
    """The road network of a recipe and how fast it is driven; ``trusted`` as in :func:`build`.

    Raises:
        InputError: with every mistake in the recipe, or every missing file.
    """
    ground = read_ground(_checked(recipe_path, trusted), recipe_path)
    roads = make_roads(ground)
    return roads, _speeds(ground, roads)[0]


def _speeds(ground: Ground, roads: RoadNetwork) -> tuple[Speeds, Notes]:
    """How fast the roads are driven: as the figures say, and fitted to observed trips if the recipe names any."""
    speeds = speeds_of(ground.parameters)
    if ground.recipe.calibration is None:
        return speeds, []
    return calibrated(ground.recipe.calibration, ground.root, roads.graph, speeds)


def _figures(ground: Ground) -> Figures:
    """What drives demand beside the residents: columns of the districts, and parameters ``trade.CITY.t_year``."""
    regions = ground.regions.set_index("district")
    jobs = regions["employed_share"].astype(float).dropna().to_dict() if "employed_share" in regions else {}
    trade = {
        name.removeprefix("trade.").removesuffix(".t_year"): float(value)
        for name, value in ground.parameters[["name", "value"]].itertuples(index=False)
        if name.startswith("trade.") and name.endswith(".t_year")
    }
    return Figures(regions["industry_weight"].astype(float).to_dict(), jobs, trade)


def _demand(ground: Ground, zones: pd.DataFrame) -> tuple[pd.DataFrame, Notes]:
    drivers = dict(ground.recipe.drivers)
    commodities = ground.structure.commodities
    if without := sorted({item.id for item in commodities} - set(drivers)):
        mend = "say what spreads its demand: population, industry, jobs or trade"
        raise InputError([Problem("recipe", "a commodity has no driver", mend, column=f"drivers.{x}") for x in without])
    delivered_as = {item.exchange_with: item.id for item in commodities if item.exchange_with}
    rules = []
    for item in commodities:
        name = f"demand.{delivered_as.get(item.id, item.id)}.kg_person_day"
        rules.append(DemandRule(item.id, drivers[item.id], figure(ground.parameters, name), name))
    made, reconciliation = demand_table(zones, rules, _figures(ground), ground.structure.periods[-1].id)
    return tables.table("demand", made), reconciliation_notes(reconciliation)


def _exchange(ground: Ground, zones: pd.DataFrame) -> pd.DataFrame:
    """In-city goods come from the zone's own city, where the recipe says so."""
    if ground.recipe.area.exchange == "everywhere":
        return tables.table("exchange", pd.DataFrame())
    crowd = zones.groupby("group")["city"].nunique()
    if (crowd > 1).any():
        mend = "give each city groups of its own in the table of districts"
        raise InputError(
            [Problem("districts", "a group lies in several cities", mend, value=list(crowd[crowd > 1].index))]
        )
    rows = []
    for item in ground.structure.commodities:
        if item.exchange_with:
            people = zones.groupby(["city", "group"])["population"].sum()
            share = (people / people.groupby("city").transform("sum")).rename("share").reset_index()
            joined = zones[["id", "city"]].rename(columns={"id": "zone"}).merge(share, on="city")
            rows.append(joined.assign(commodity=item.id))
    return tables.table("exchange", pd.concat(rows, ignore_index=True) if rows else pd.DataFrame())


def make(recipe_path: Path, progress: Progress | None = None, *, trusted: bool = False) -> Built:
    """The instance of a recipe and the sections of its build report; ``trusted`` as in :func:`build`.

    Raises:
        InputError: with every mistake in the recipe, or every missing file.
    """
    recipe = _checked(recipe_path, trusted)
    ground = read_ground(recipe, recipe_path)
    gateways, gateway_notes = make_gateways(ground)
    roads = make_roads(ground)
    speeds, fit = _speeds(ground, roads)
    peopled = make_zones(ground, gateways)
    zones = peopled.zones
    demand, demand_notes = _demand(ground, zones)
    judged = make_sites(ground, roads, speeds, zones, peopled.fabric, gateways, demand)
    sites = distinct_names(judged.sites)

    ends = {"gateway": gateways, "zone": zones}
    ends |= {level: sites[sites["level"] == level] for level in ("hub", "utc", "station")}
    anchors = make_anchors(ground, roads.graph, speeds, ends)
    instance = Instance(
        structure=ground.structure,
        gateways=tables.table("gateways", gateways.round({"lon": 5, "lat": 5})),
        admissions=tables.table("admissions", ground.tables["admissions"]),
        sites=tables.table("sites", sites.round({"lon": 5, "lat": 5})),
        existing=tables.table("existing", ground.tables.get("existing", pd.DataFrame())),
        terminals=tables.table("terminals", ground.tables.get("terminals", pd.DataFrame())),
        zones=tables.table("zones", pd.DataFrame(zones).round({"lon": 5, "lat": 5, "area_km2": 3})),
        demand=demand,
        exchange=_exchange(ground, zones),
        land=tables.land_limits(ground.regions, ground.parameters, sites, ground.tables.get("land")),
        arcs=make_arcs(ground, roads.graph, speeds, ends, anchors, progress),
        parameters=tables.table("parameters", ground.parameters),
        geometry={
            **layers.base_map(zones, ground.regions, ground.cities, ground.expressways, roads.graph, recipe.layers),
            **layers.candidates(judged.outlines),
        },
    )
    sections = (
        Section("Ground", ground.notes),
        Section("Roads", roads.report),
        Section("Residents", tuple(peopled.notes)),
        Section("Demand", tuple(demand_notes)),
        Section("Candidate sites", tuple(shortened(judged.notes))),
        Section("Places on the roads", (*gateway_notes, *snapping(ends, anchors))),
        Section("Trips", (*fit, *trips(ground, roads.graph, speeds, zones))),
    )
    return Built(instance, sections, recipe, judged.criteria)


def build(
    recipe_path: Path, out: Path, progress: Progress | None = None,
    more: Callable[[Built], Mapping[str, bytes | str]] | None = None, *, trusted: bool = False,
) -> Instance:  # fmt: skip
    """Build the instance of a recipe and write it, with the recipe's own files and a build report, to ``out``.

    Args:
        recipe_path: the recipe TOML file.
        out: folder to write; an instance there is replaced.
        progress: what to tell of the rows of each leg.
        more: given what was built, further files to write beside the instance.
        trusted: whether the recipe may read files anywhere, not only those that
            :func:`~hubopt.data.recipe.strays` lets pass.

    Returns:
        The instance.

    Raises:
        InputError: with every mistake in the recipe, its tables or the raw data.
    """
    built = make(recipe_path, progress, trusted=trusted)
    made = {f"{name}.csv" for name in TABLES}
    passed_on = [recipe_path.name, NOTES, *(name for _, name in built.recipe.inputs.files())]
    extra: dict[str, bytes | str] = {
        name: (recipe_path.parent / name).read_bytes()
        for name in passed_on
        if name not in made and ".." not in Path(name).parts and (recipe_path.parent / name).is_file()
    }
    extra[REPORT] = report_text(built.instance, built.sections)
    extra[CRITERIA] = built.criteria.round(3).to_csv(index=False, lineterminator="\n")
    write_instance(built.instance, out, force=True, extra_files={**extra, **(more(built) if more else {})})
    return built.instance
