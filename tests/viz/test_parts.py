"""Colours, scales, packing, layout and charts on their own."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hubopt.viz.base import PACKING, base_layers, packed, region_names, thinned
from hubopt.viz.legend import demand_classes, scales
from hubopt.viz.places import layout
from hubopt.viz.style import (
    END_COLOURS,
    EXCHANGE_COLOUR,
    LEVEL_SHADES,
    ZONE_COLOURS,
    design_colours,
    round_steps,
)
from hubopt.viz.values import names_of, number, text, web_link
from tests.cases import tiny
from tests.viz.cases import mapped, unlocated

# Simulation of the two common kinds of colour blindness on linear RGB (Viénot, Brettel and Mollon 1999).
SIGHT = {
    "full": np.eye(3),
    "protanopia": np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]),
    "deuteranopia": np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]),
}


def lab(colour: str, sight: np.ndarray) -> np.ndarray:
    """CIE Lab of a hex colour as seen by an eye."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = to_xyz @ np.clip(sight @ linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(
    "palette",
    [
        {**END_COLOURS, "exchange": EXCHANGE_COLOUR},
        ZONE_COLOURS,
        {level: LEVEL_SHADES[level][1] for level in LEVEL_SHADES},
    ],
)
def test_colours_stay_apart_for_the_colour_blind(palette: dict[str, str], sight: str) -> None:
    """Any two colours of a legend differ clearly in Lab for full and for reduced colour sight."""
    for one, two in itertools.combinations(palette, 2):
        distance = float(np.linalg.norm(lab(palette[one], SIGHT[sight]) - lab(palette[two], SIGHT[sight])))
        assert distance > (3 if "none" in (one, two) else 12), f"{one} and {two} look alike"


def test_designs_of_a_level_take_its_shades() -> None:
    """Each level colours its own designs, no two the same."""
    colours = design_colours(tiny().structure.designs)
    assert {level: len(set(own.values())) for level, own in colours.items()} == {"hub": 2, "utc": 2, "station": 2}


@pytest.mark.parametrize(
    ("largest", "steps"), [(9400, [5000, 1000, 200]), (1000, [1000, 200, 20]), (0.7, [0.5, 0.1, 0.02]), (0, [])]
)
def test_legend_steps_are_round(largest: float, steps: list[float]) -> None:
    """Steps are 1, 2 or 5 times a power of ten, none above the largest."""
    assert round_steps(largest) == pytest.approx(steps)


def test_scales_cover_every_period() -> None:
    """The largest circle and line of any period have the largest size."""
    periods = [
        {"facilities": [{"throughput": 10.0}], "flows": [{"lines": [[0, 1, 2.0, 3.0]]}], "zones": [{"demand": [0.0]}]},
        {"facilities": [{"throughput": 40.0}], "flows": [], "zones": [{"demand": [5.0, 6.0]}]},
    ]
    found = scales(periods)
    assert found["radius"]["largest"] == 40 and found["width"]["largest"] == 5
    assert demand_classes(periods) == [11.0]
    assert demand_classes([]) == []


def test_packed_coordinates_come_back() -> None:
    """Sums of the packed steps are the coordinates, to a metre; repeated vertices are dropped."""
    line = np.array([[114.123456, 22.5], [114.123456, 22.5], [114.2, 22.61], [113.9, 22.4]])
    back = np.array(packed(line)).reshape(-1, 2).cumsum(axis=0) / PACKING
    assert back == pytest.approx(line[[0, 2, 3]], abs=1e-5)


def test_geometry_is_thinned_to_its_budget() -> None:
    """A detailed outline loses vertices until it fits; a simple one keeps its corners; empty ones go."""
    angles = np.linspace(0, 2 * np.pi, 5000)
    ring = shapely.Polygon(np.column_stack([114 + 0.2 * np.cos(angles), 22.5 + 0.2 * np.sin(angles)]))
    layer = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[ring, shapely.Polygon()], crs=4326)
    thin = thinned({"land": layer}, budget=200)["land"]
    assert len(thin) == 1 and shapely.get_num_coordinates(thin.geometry.iloc[0]) <= 200
    square = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(114, 22, 115, 23)], crs=4326)
    assert thinned({"land": square})["land"].geometry.iloc[0].equals(square.geometry.iloc[0])


def test_geometry_too_fine_for_any_budget_ends_thin() -> None:
    """Many tiny shapes cannot be thinned away; the map is made all the same."""
    shapes = [shapely.box(114 + i / 1000, 22, 114 + i / 1000 + 1e-4, 22.0001) for i in range(50)]
    layer = gpd.GeoDataFrame({"id": range(50)}, geometry=shapes, crs=4326)
    assert len(base_layers(thinned({"land": layer}, budget=10))["land"]) == 50


def test_positions_are_the_coordinates_where_there_are_any() -> None:
    """A located case keeps its coordinates, an unlocated one gets columns."""
    case = tiny()
    where = layout(case)
    first = case.zones.iloc[0]
    assert not where.schematic and where.positions["zone", first["id"]] == (first["lon"], first["lat"])
    assert layout(unlocated()).schematic
    assert layout(mapped()).unplaced == ()


def test_regions_are_named_in_both_languages() -> None:
    """Districts and cities of the base map lend their names to the tables; without geometry there are none."""
    assert region_names(mapped().geometry) == {
        "West": {"en": "West", "zh": "西区"},
        "East": {"en": "East", "zh": "东区"},
    }
    assert region_names({}) == {}


def test_missing_cells_are_none() -> None:
    """Missing and infinite numbers are None, missing texts are empty, names fall back on each other and the id."""
    assert [number(value) for value in (None, pd.NA, float("nan"), float("inf"), 2)] == [None, None, None, None, 2.0]
    assert [text(value) for value in (None, pd.NA, float("nan"), "x")] == ["", "", "", "x"]
    assert names_of({"id": "a", "name_en": "", "name_zh": "甲"}) == {"en": "甲", "zh": "甲"}
    assert names_of({"id": "a"}) == {"en": "a", "zh": "a"}


def test_only_web_addresses_become_links() -> None:
    """An address that would run a script is dropped."""
    assert web_link("https://example.org/a") == "https://example.org/a"
    assert web_link("javascript:alert(1)") == "" and web_link(None) == ""
