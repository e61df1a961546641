"""Bad geometry: named with file and row, mended where only one meaning is possible, refused otherwise."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.data.ground.coordinates import METRIC, WGS84
from hubopt.data.ground.geometry import hectares, sound_points, sound_shapes
from hubopt.instance.errors import InputError

GOOD = shapely.box(114.0, 22.5, 114.02, 22.52)
SPIKE = shapely.Polygon([(114, 22.5), (114.02, 22.5), (114.02, 22.52), (114.03, 22.53), (114.02, 22.52), (114, 22.52)])
BOW = shapely.Polygon([(114, 22.5), (114.02, 22.52), (114.02, 22.5), (114, 22.52)])
TWICE_ROUND = shapely.Polygon(
    [(114, 22.5), (114.04, 22.5), (114.04, 22.54), (114, 22.54), (114, 22.5),
     (114.01, 22.51), (114.03, 22.51), (114.03, 22.53), (114.01, 22.53), (114.01, 22.51), (114, 22.5)]
)  # fmt: skip
"""The inner ring runs the same way as the outer: a hole, or the same land twice?"""


def frame(*shapes: Any, ids: list[object] | None = None, crs: str | None = WGS84) -> gpd.GeoDataFrame:
    """Shapes with ids a, b, c ... unless given."""
    names = ids or [chr(97 + position) for position in range(len(shapes))]
    return gpd.GeoDataFrame({"id": names}, geometry=list(shapes), crs=crs)


def swapped(shape: Any) -> Any:
    """The shape with latitude first."""
    return shapely.transform(shape, lambda xy: xy[:, ::-1])


def test_sound_shapes_pass_untouched() -> None:
    """Nothing is mended and the frame comes back equal, index and all."""
    given_ = frame(GOOD, shapely.MultiPolygon([GOOD])).set_index(pd.Index([5, 9]))
    result, mended = sound_shapes(given_, "land.gpkg", id_column="id")
    assert mended == [] and result.index.equals(given_.index)
    assert result.geometry.geom_equals(given_.geometry).all()


@pytest.mark.parametrize("shape", [SPIKE, BOW])
def test_self_intersections_with_one_meaning_are_mended_and_reported(shape: Any) -> None:
    """A spike or a bow tie becomes valid; the report has file, row, id and the place of the fault."""
    result, (problem,) = sound_shapes(frame(GOOD, shape), "land.gpkg", id_column="id")
    assert result.geometry.is_valid.all()
    text = str(problem)
    assert "land.gpkg, row 2" in text and "'b'" in text and "114" in text and "made valid" in text


def test_a_shape_that_can_be_read_in_two_ways_is_refused() -> None:
    """Where the two ways of mending differ in area, nobody guesses."""
    with pytest.raises(InputError, match=r"row 1.*two ways.*draw it again"):
        sound_shapes(frame(TWICE_ROUND), "land.gpkg", id_column="id")


def test_swapped_latitude_and_longitude_are_turned_and_reported() -> None:
    """A shape that fits the region only the other way round is turned."""
    result, (problem,) = sound_shapes(frame(swapped(GOOD)), "land.gpkg")
    assert result.geometry.iloc[0].equals(GOOD) and "swapped" in str(problem)


def test_empty_shapes_are_left_out_or_refused_as_asked() -> None:
    """An empty candidate may go; where every row counts it is refused."""
    given_ = frame(GOOD, shapely.Polygon(), None)
    result, mended = sound_shapes(given_, "land.gpkg", id_column="id")
    assert list(result["id"]) == ["a"] and len(mended) == 2
    with pytest.raises(InputError) as caught:
        sound_shapes(given_, "people.gpkg", id_column="id", keep_all=True)
    assert [problem.row for problem in caught.value.problems] == [2, 3]


def test_duplicate_ids_with_one_shape_are_dropped_and_with_two_refused() -> None:
    """A feature listed twice goes once; two features of one id are named, the row of the first too."""
    result, (problem,) = sound_shapes(frame(GOOD, GOOD, ids=["a", "a"]), "land.gpkg", id_column="id")
    assert len(result) == 1 and "row 2" in str(problem)
    other = shapely.box(114.1, 22.5, 114.2, 22.6)
    with pytest.raises(InputError, match=r"row 2, column id: has the id of row 1.*'a'"):
        sound_shapes(frame(GOOD, other, ids=["a", "a"]), "land.gpkg", id_column="id")


def test_missing_ids_are_refused() -> None:
    """A feature without an id is named."""
    with pytest.raises(InputError, match=r"row 2, column id: has no id"):
        sound_shapes(frame(GOOD, SPIKE, ids=["a", None]), "land.gpkg", id_column="id")


def test_another_reference_system_is_projected_and_reported() -> None:
    """Metres with their label become degrees."""
    result, (problem,) = sound_shapes(frame(GOOD).to_crs("EPSG:32649"), "land.gpkg")
    assert result.geometry.iloc[0].hausdorff_distance(GOOD) < 1e-7 and "EPSG:32649" in str(problem)


def test_wrong_labels_are_refused() -> None:
    """Metres labelled degrees, degrees labelled metres, and metres without a label cannot be guessed."""
    metres = frame(GOOD).to_crs("EPSG:32649")
    for wrong in (
        metres.set_crs(WGS84, allow_override=True),
        frame(GOOD).set_crs(METRIC, allow_override=True),
        metres.set_crs(None, allow_override=True),
    ):
        with pytest.raises(InputError, match=r"land\.gpkg, column crs"):
            sound_shapes(wrong, "land.gpkg")


def test_a_missing_label_on_degrees_is_taken_as_wgs84_and_reported() -> None:
    """Degrees without a label are mended, not silently."""
    result, (problem,) = sound_shapes(frame(GOOD, crs=None), "land.gpkg")
    assert result.crs == WGS84 and "no coordinate reference system" in str(problem)


def test_shapes_elsewhere_and_of_another_kind_are_refused_together() -> None:
    """All problems of a file come in one error."""
    beijing = shapely.box(116.3, 39.9, 116.4, 40.0)
    line = shapely.LineString([(114, 22.5), (114.1, 22.6)])
    with pytest.raises(InputError) as caught:
        sound_shapes(frame(beijing, line, GOOD), "land.gpkg", id_column="id")
    messages = [problem.message for problem in caught.value.problems]
    assert "outside the region" in messages[0] and messages[1] == "is a LineString"
    assert len(sound_shapes(frame(line), "roads.gpkg", kinds=("LineString",))[0]) == 1


def test_points_are_turned_passed_or_refused() -> None:
    """In a table: swapped places are turned, empty ones pass, nonsense is refused with the row an editor shows."""
    table = pd.DataFrame({"id": ["a", "b", "c"], "lon": [114.0, 22.5, None], "lat": [22.5, 114.0, None]})
    result, (problem,) = sound_points(table, "sites.csv")
    assert result["lon"].tolist()[:2] == [114.0, 114.0] and problem.row == 3
    bad = pd.DataFrame({"id": ["a", "a"], "lon": [114.0, 5.0], "lat": ["x", 5.0]})
    with pytest.raises(InputError) as caught:
        sound_points(bad, "sites.csv")
    assert [(p.row, p.column) for p in caught.value.problems] == [(2, "lon, lat"), (3, "id"), (3, "lon, lat")]


def test_hectares_follow_the_index_and_the_geodesic() -> None:
    """A square of 1 km has 100 ha."""
    square = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1000, 1000)], crs=METRIC).to_crs(WGS84)
    assert hectares(square) == pytest.approx([100], rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(113.9, 114.1), st.floats(22.4, 22.6)), min_size=3, max_size=9, unique=True))
def test_whatever_passes_is_valid_and_not_empty(ring: list[tuple[float, float]]) -> None:
    """Any scribble is either refused or comes out valid, polygonal and with no more area than its hull."""
    shape = shapely.Polygon(ring)
    try:
        result, _ = sound_shapes(frame(shape), "scribble.gpkg")
    except InputError:
        return
    assert result.geometry.is_valid.all() and set(result.geom_type) <= {"Polygon", "MultiPolygon"}
    assert shapely.area(result.geometry.to_numpy()).sum() <= shape.convex_hull.area * (1 + 1e-9) + 1e-18
    assert np.isfinite(result.total_bounds).all()
