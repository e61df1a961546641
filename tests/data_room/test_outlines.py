"""Outlines of mapped candidates: a layer of the instance that the review map draws."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely

from hubopt.data import layers
from hubopt.instance.geometry import read_layers, write_layers


def test_outlines_of_mapped_land_become_a_layer(tmp_path: Path) -> None:
    """Every candidate keeps its id and, but for two metres, its land; what comes back from the folder is the same."""
    ring = shapely.Point(114.0, 22.5).buffer(0.002, quad_segs=64)
    given = gpd.GeoDataFrame(
        {"id": ["a", "b"], "in": [True, False]}, geometry=[ring, shapely.box(114, 22, 114.01, 22.01)], crs=4326
    )
    made = layers.candidates(given)
    assert list(made) == ["candidates"] and list(made["candidates"]["id"]) == ["a", "b"]
    drawn = made["candidates"].geometry.iloc[0]
    assert shapely.get_num_coordinates(drawn) < shapely.get_num_coordinates(ring)
    assert drawn.symmetric_difference(ring).area < 0.03 * ring.area
    write_layers(made, tmp_path)
    problems: list[object] = []
    again = read_layers(tmp_path, problems)["candidates"]  # type: ignore[arg-type]
    assert problems == [] and again.geometry.geom_equals_exact(made["candidates"].geometry, 1e-6).all()


def test_points_have_no_outline() -> None:
    """Where no candidate is mapped land the instance has no such layer."""
    assert layers.candidates(gpd.GeoDataFrame({"id": []}, geometry=[], crs=4326)) == {}
