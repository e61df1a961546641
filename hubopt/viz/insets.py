"""Small static maps: a site with what it serves, and the whole network, as SVG without words.

Words stay outside, in the caption, so that one drawing serves both languages and no name from the data gets into it.
Coordinates are projected to kilometres around the place that is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, floor, log10, radians
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hubopt.instance.types import LEVELS
from hubopt.viz.style import END_COLOURS, INK

if TYPE_CHECKING:
    import geopandas as gpd

KM_PER_DEGREE = 111.32
"""Length of a degree of latitude."""

UNITS_PER_KM = 100
"""Coordinates of the drawings are whole hundredths of a kilometre."""

BASE: Sequence[tuple[str, str]] = (
    ("land", 'fill="#f4f2ec" stroke="#d8d4c8" stroke-width="{thin}"'),
    ("districts", 'fill="none" stroke="#c3bdb0" stroke-width="{thin}" stroke-dasharray="{dash}"'),
    ("water", 'fill="#dbe8f2" stroke="none"'),
    ("roads", 'fill="none" stroke="#dcd8ce" stroke-width="{thin}"'),
    ("expressways", 'fill="none" stroke="#d3b98a" stroke-width="{thick}"'),
)
"""Layers of the ground in drawing order, with how they look; widths follow the size of the map."""

SEA = "#e8eff5"

SIZES: Mapping[str, float] = {"hub": 1.7, "utc": 1.15, "station": 0.7, "gateway": 1.2}
"""Radius of a mark by its level, in hundredths of the height of the map."""


@dataclass(frozen=True)
class Line:
    """A flow (t/d) from one place to another, both in degrees; the colour is that of its upper level."""

    start: tuple[float, float]
    end: tuple[float, float]
    t_d: float
    level: str


@dataclass(frozen=True)
class Mark:
    """A place in degrees, drawn by its level; ``main``: the one the map is about."""

    at: tuple[float, float]
    level: str
    main: bool = False


@dataclass(frozen=True)
class Drawing:
    """What is drawn, in the coordinates of ``view`` (left, top, width, height); its bar is ``bar_km`` long."""

    inner: str
    view: str
    bar_km: float

    @property
    def svg(self) -> str:
        """The drawing as an SVG file."""
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{self.view}">{self.inner}</svg>'

    def symbol(self, name: str) -> str:
        """The drawing as a part of a page, to be used by its name as often as it is shown."""
        return f'<symbol id="{name}" viewBox="{self.view}">{self.inner}</symbol>'


class Ground:
    """The base map of a case, projected once: what each drawing cuts its piece from."""

    def __init__(self, geometry: Mapping[str, gpd.GeoDataFrame], middle: tuple[float, float]) -> None:
        self.middle = middle
        self.stretch = cos(radians(middle[1]))
        self.layers: dict[str, NDArray[Any]] = {}
        for name, _ in BASE:
            if name in geometry:
                shapes = np.asarray(geometry[name].geometry.values)
                self.layers[name] = shapely.transform(shapes[~shapely.is_empty(shapes)], self.project)

    def project(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Degrees, shape (n, 2), to units of the drawing, y downwards."""
        scale = KM_PER_DEGREE * UNITS_PER_KM
        moved = (coordinates - np.asarray(self.middle)) * scale
        return np.column_stack([moved[:, 0] * self.stretch, -moved[:, 1]])

    def point(self, at: tuple[float, float]) -> tuple[float, float]:
        """One place in units of the drawing."""
        x, y = self.project(np.array([at]))[0]
        return float(x), float(y)

    def drawing(
        self, frame: Sequence[tuple[float, float]], ratio: float, areas: Iterable[Any] = (), lines: Sequence[Line] = (),
        marks: Sequence[Mark] = (), outline: Any = None, least_km: float = 3.0,
    ) -> Drawing:  # fmt: skip
        """The map that holds every place of ``frame`` (degrees), ``ratio`` times as wide as high.

        ``areas`` are polygons in degrees that are shaded; ``outline`` the parcel of the site; ``least_km`` the least
        height that is shown.
        """
        x0, y0, width, height = self._view(frame, ratio, least_km)
        box = (x0, y0, x0 + width, y0 + height)
        unit = height / 100
        parts = [f'<rect x="{x0:.0f}" y="{y0:.0f}" width="{width:.0f}" height="{height:.0f}" fill="{SEA}"/>']
        look = {"thin": f"{0.22 * unit:.1f}", "thick": f"{0.5 * unit:.1f}", "dash": f"{unit:.1f}"}
        for name, style in BASE:
            if name in self.layers:
                cut = shapely.clip_by_rect(shapely.simplify(self.layers[name], 0.3 * unit), *box)
                parts.append(f'<path d="{_path(cut)}" {style.format(**look)}/>')
        shaded = [shapely.transform(area, self.project) for area in areas]
        if shaded:
            cut = shapely.clip_by_rect(shapely.simplify(np.asarray(shaded), 0.2 * unit), *box)
            parts.append(
                f'<path d="{_path(cut)}" fill="#f0c987" fill-opacity="0.45" stroke="#b98a3c" '
                f'stroke-width="{0.15 * unit:.1f}"/>'
            )
        if outline is not None:
            shape = shapely.transform(outline, self.project)
            look_of_it = f'fill="#d7263d" fill-opacity="0.3" stroke="#b3122b" stroke-width="{0.4 * unit:.1f}"'
            parts.append(f'<path d="{_path([shape])}" {look_of_it}/>')
        parts += self._lines(lines, unit)
        parts += [
            self._mark(mark, unit)
            for mark in sorted(
                marks, key=lambda mark: (mark.main, -LEVELS.index(mark.level) if mark.level in LEVELS else 0)
            )
        ]
        bar, drawn = _bar(x0, y0 + height, width, unit)
        view = f"{x0:.0f} {y0:.0f} {width:.0f} {height:.0f}"
        return Drawing("".join([*parts, drawn]), view, bar)

    def _view(
        self, frame: Sequence[tuple[float, float]], ratio: float, least_km: float
    ) -> tuple[float, float, float, float]:
        """Left, top, width and height around the places, with a margin, in the wanted proportion."""
        points = self.project(np.asarray(frame, dtype=float).reshape(-1, 2))
        low, high = points.min(axis=0), points.max(axis=0)
        middle = (low + high) / 2
        span = 1.16 * (high - low)
        height = max(float(span[1]), float(span[0]) / ratio, least_km * UNITS_PER_KM)
        return float(middle[0] - ratio * height / 2), float(middle[1] - height / 2), ratio * height, height

    def _lines(self, lines: Sequence[Line], unit: float) -> list[str]:
        largest = max((line.t_d for line in lines), default=0.0)
        found = []
        for line in sorted(lines, key=lambda line: line.t_d):
            (x1, y1), (x2, y2) = self.point(line.start), self.point(line.end)
            width = unit * (0.25 + 1.5 * (line.t_d / largest) ** 0.5) if largest > 0 else 0.25 * unit
            found.append(
                f'<path d="M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}" stroke="{END_COLOURS[line.level]}" '
                f'stroke-width="{width:.1f}" stroke-opacity="0.6" stroke-linecap="round"/>'
            )
        return found

    def _mark(self, mark: Mark, unit: float) -> str:
        """Hubs and gateways are squares, other levels circles, so that no message rests on colour alone."""
        x, y = self.point(mark.at)
        size = unit * SIZES[mark.level] * (1.5 if mark.main else 1.0)
        colour = END_COLOURS[mark.level]
        ring = f'stroke="{INK if mark.main else "#ffffff"}" stroke-width="{(0.55 if mark.main else 0.25) * unit:.1f}"'
        if mark.level in ("hub", "gateway"):
            corner, side = f'x="{x - size:.0f}" y="{y - size:.0f}"', f"{2 * size:.0f}"
            return f'<rect {corner} width="{side}" height="{side}" fill="{colour}" {ring}/>'
        return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{size:.1f}" fill="{colour}" {ring}/>'


def _bar(left: float, bottom: float, width: float, unit: float) -> tuple[float, str]:
    """A bar of a round number of kilometres, at most a quarter of the width, and its drawing."""
    most = width / 4 / UNITS_PER_KM
    power = 10.0 ** floor(log10(most))
    km = next(lead * power for lead in (5, 2, 1) if lead * power <= most)
    x, y = left + 3 * unit, bottom - 3.5 * unit
    length = km * UNITS_PER_KM
    drawn = (
        f'<path d="M{x:.0f} {y - 1.2 * unit:.1f}V{y:.1f}H{x + length:.0f}V{y - 1.2 * unit:.1f}" fill="none" '
        f'stroke="{INK}" stroke-width="{0.45 * unit:.1f}"/>'
    )
    return km, drawn


def _path(shapes: Iterable[Any]) -> str:
    """The outlines of shapes as one path of whole numbers, in steps from point to point."""
    return "".join(_ring(part) for shape in shapes for part in _rings(shape))


def _rings(shape: Any) -> Iterable[tuple[NDArray[np.float64], bool]]:
    for part in shapely.get_parts(shape):
        if part.is_empty:
            continue
        if part.geom_type == "Polygon":
            for ring in (part.exterior, *part.interiors):
                yield shapely.get_coordinates(ring), True
        elif part.geom_type in ("LineString", "LinearRing"):
            yield shapely.get_coordinates(part), False
        elif part.geom_type.startswith(("Multi", "Geometry")):
            yield from _rings(part)


def _ring(ring: tuple[NDArray[np.float64], bool]) -> str:
    coordinates, closed = ring
    whole = np.rint(coordinates).astype(int)
    steps = np.diff(whole, axis=0)
    steps = steps[steps.any(axis=1)]
    return (
        f"M{whole[0][0]} {whole[0][1]}l" + " ".join(f"{x} {y}" for x, y in steps) + ("z" if closed else "")
        if len(steps)
        else ""
    )
