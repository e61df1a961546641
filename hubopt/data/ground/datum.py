"""Which datum coordinates are in: told from how well they fit the road network, and never left to belief alone.

GCJ-02 lies about 550 m and BD-09 about 1,300 m off WGS84 in the Greater Bay Area. Places that people build lie on or
beside roads, so the coordinates are read under each datum in turn and held against the network. How well they would
fit by chance is told by reading them in WGS84 with shifts of the same size in other directions: a datum is only
believed when it fits clearly better than each of those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import DATUMS, Datum, Floats, from_wgs84, to_degrees, to_metric, to_wgs84
from hubopt.instance.errors import InputError, Problem

REACH_M = 60.0
"""A point further than about this from every road says nothing; within it, nearer is better."""

SHIFT_M = (550.0, 1300.0)
"""Sizes of the chance shifts: those of GCJ-02 and BD-09 in the region."""

DIRECTIONS = 8

LEAST_POINTS = 30
"""Fewer points than this, or fewer than this near the network, decide nothing."""

CLEAR = 4.0
"""A datum is believed when its mean fit lies this many standard errors above that of each rival and chance shift."""

MOST_POINTS = 5000

FAR_M = 20 * REACH_M
"""Distances beyond this count as this."""


@dataclass(frozen=True)
class Evidence:
    """What the road network says about the datum of some points or outlines.

    ``table``: one row per datum and one for the best chance shift, with its ``reading``, its mean ``fit`` (0 to 1)
    and what it ``says`` in words; ``points`` were looked at. ``best`` fits best; ``margin`` is how many standard
    errors its fit lies above the next best; ``decided`` says whether that is enough to believe it.
    """

    table: pd.DataFrame
    points: int
    best: Datum
    margin: float
    decided: bool

    def __str__(self) -> str:
        rows = "; ".join(f"{row.reading}: {row.says}" for row in self.table.itertuples())
        verdict = f"{self.best} fits best, by {self.margin:.1f} standard errors"
        return f"{self.points} points; {rows}; {verdict}{'' if self.decided else ', which decides nothing'}"


def _thinned(lonlat: Floats, most: int) -> Floats:
    distinct = np.unique(np.asarray(lonlat, dtype=float).reshape(-1, 2).round(7), axis=0)
    return distinct[:: max(1, -(-len(distinct) // most))]


def _readings(lonlat: Floats, transform: Callable[[Floats, Datum], Floats]) -> list[tuple[str, Floats]]:
    """The points in metres under each datum (by ``transform``), then under each chance shift."""
    plain = to_metric(lonlat)
    readings = [(str(datum), to_metric(transform(lonlat, datum))) for datum in DATUMS]
    for size in SHIFT_M:
        for step in range(DIRECTIONS):
            angle = 2 * np.pi * step / DIRECTIONS
            shift = size * np.array([np.cos(angle), np.sin(angle)])
            # a shift that happens to be a datum's own is no chance
            if min(_typical(plain + shift - other) for _, other in readings[: len(DATUMS)]) > 250:
                readings.append(("chance shift", plain + shift))
    return readings


def _typical(offsets: Floats) -> float:
    """Median length of offsets; infinite for none."""
    return float(np.median(np.hypot(*offsets.T))) if len(offsets) else np.inf


def _weigh(names: list[str], fits: list[Floats], says: list[str], enough: bool) -> Evidence:
    """The evidence of the fit of every point under every reading; the datums come first."""
    points = len(fits[0])
    mean = np.array([fit.mean() if points else 0.0 for fit in fits])
    best = int(mean[: len(DATUMS)].argmax())
    others = [position for position in range(len(fits)) if position != best]
    error = [max(float((fits[best] - fits[i]).std()) / np.sqrt(points), 1e-12) if points else 1.0 for i in others]
    margin = float(min((mean[best] - mean[i]) / e for i, e in zip(others, error, strict=True)))
    shown = [*range(len(DATUMS)), len(DATUMS) + int(mean[len(DATUMS) :].argmax())]
    table = pd.DataFrame({"reading": [names[i] for i in shown], "fit": mean[shown], "says": [says[i] for i in shown]})
    decided = enough and points >= LEAST_POINTS and margin >= CLEAR
    return Evidence(table, points, DATUMS[best], margin, decided)


def detect_datum(lonlat: Floats, network_xy: Floats) -> Evidence:
    """Hold points, or the vertices of lines, against a road network under each datum.

    Args:
        lonlat: what is to be judged, shape (n, 2), degrees as they stand in the file. Places on or beside roads tell
            most; points known to half a kilometre only tell nothing.
        network_xy: places on roads in metres of :data:`~hubopt.data.ground.coordinates.METRIC`, shape (m, 2), dense
            enough that a point beside a road is near one of them.

    Returns:
        The evidence, a point's fit being ``exp(-metres / REACH_M)``; it is undecided for few points, far points and
        points that fit no datum better than chance.
    """
    readings = _readings(_thinned(lonlat, MOST_POINTS), to_wgs84)
    tree = KDTree(network_xy)
    metres = [np.minimum(tree.query(xy, distance_upper_bound=FAR_M)[0], FAR_M) for _, xy in readings]
    says = [
        f"median {np.median(m):.0f} m from a road, {100 * (m <= REACH_M).mean():.0f} % within {REACH_M:.0f} m"
        if len(m)
        else "no point"
        for m in metres
    ]
    near = max(int((m < 5 * REACH_M).sum()) for m in metres[: len(DATUMS)])
    return _weigh([name for name, _ in readings], [np.exp(-m / REACH_M) for m in metres], says, near >= LEAST_POINTS)


def detect_outline_datum(outlines: gpd.GeoDataFrame, places: Floats) -> Evidence:
    """Tell the datum of outlines from how many road places of the region they hold leave them.

    Limits of districts follow rivers and ridges as often as roads, so their vertices tell nothing; but a shifted
    outline of a coastal or landlocked city leaves part of the city's own streets outside.

    Args:
        outlines: polygons that together hold the whole of a region, in degrees as they stand in the file.
        places: road vertices of that region, WGS84 lon, lat, shape (n, 2); those of its neighbours blur the evidence.

    Returns:
        The evidence, the fit of a place being whether it lies in the outlines.
    """
    whole = shapely.union_all(shapely.make_valid(outlines.geometry.to_numpy()))
    shapely.prepare(whole)
    # one moves the places into the drawing instead of the drawing over the places: it is the same, and quick
    readings = _readings(_thinned(places, 10 * MOST_POINTS), from_wgs84)
    fits = [shapely.contains_xy(whole, to_degrees(xy)).astype(float) for _, xy in readings]
    says = [f"{100 * (1 - fit.mean()):.2f} % of the road places outside" if len(fit) else "no place" for fit in fits]
    enough = max((fit.mean() if len(fit) else 0.0) for fit in fits[: len(DATUMS)]) > 0.9
    return _weigh([name for name, _ in readings], fits, says, enough)


def agree(evidence: Evidence, declared: Datum, file: str) -> list[tuple[str, str]]:
    """Notes for the build report on the datum of a file that is declared to be in ``declared``.

    Raises:
        InputError: if the evidence clearly says another datum.
    """
    if evidence.decided and evidence.best != declared:
        message = f"is declared to be in {declared}, but the road network says {evidence.best} ({evidence})"
        mend = f'say datum = "{evidence.best}", or give a file in {declared}'
        raise InputError([Problem(file, message, mend, column="datum", value=declared)])
    verdict = "agrees" if evidence.decided else "undecided, taken as declared"
    return [(f"datum of {file}", f"declared {declared}; {verdict} ({evidence})")]


def require_datum(lonlat: Floats, declared: Datum, network_xy: Floats, file: str) -> list[tuple[str, str]]:
    """:func:`detect_datum` and :func:`agree` together, for points and lines."""
    return agree(detect_datum(lonlat, network_xy), declared, file)


def require_outline_datum(
    outlines: gpd.GeoDataFrame, declared: Datum, places: Floats, file: str
) -> list[tuple[str, str]]:
    """:func:`detect_outline_datum` and :func:`agree` together, for outlines."""
    return agree(detect_outline_datum(outlines, places), declared, file)


def require_shapes_datum(
    shapes: gpd.GeoDataFrame, declared: Datum, network_xy: Floats, file: str
) -> list[tuple[str, str]]:
    """:func:`require_datum` for shapes that were read from ``declared`` into WGS84, such as a user's candidate land.

    Land of people lies along roads, so its vertices tell the datum as addresses do.
    """
    vertices = shapely.get_coordinates(shapes.geometry.to_numpy())
    return require_datum(from_wgs84(_thinned(vertices, MOST_POINTS), declared), declared, network_xy, file)
