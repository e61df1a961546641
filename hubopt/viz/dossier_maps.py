"""The maps of the dossier and the report: of the whole network, and of each site with what it serves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubopt.instance.types import Instance
from hubopt.viz import accounts
from hubopt.viz.insets import Drawing, Ground, Line, Mark
from hubopt.viz.places import Layout, ends, layout
from hubopt.viz.sheets import sheets
from hubopt.viz.subject import Subject
from hubopt.viz.values import rows_of

Record = dict[str, Any]

NETWORK = "network.svg"
"""Name of the drawing of the whole network."""

INSET_RATIO = 1.12
"""Width of a site's map over its height."""

NETWORK_RATIO = 1.75
"""Width of the map of the network over its height."""

PARCEL_RATIO = 1.12
PARCEL_KM = 0.4
"""Least height of the map of a parcel."""

ABOVE_STATIONS = ("gateway-hub", "hub-utc", "gateway-utc", "utc-utc")
"""Legs that the map of the network shows."""


class Maps:
    """The maps of a plan in a period: of the whole network, and of each site with what it serves."""

    def __init__(self, instance: Instance, where: Layout, marks: Mapping[str, str]) -> None:
        """``marks`` are the standing sites with their levels."""
        self.instance, self.where, self.marks = instance, where, marks
        self.known = not where.schematic and bool(where.positions)
        inner = [at for (kind, _), at in where.positions.items() if kind != "gateway"]
        middle = (sum(x for x, _ in inner) / max(1, len(inner)), sum(y for _, y in inner) / max(1, len(inner)))
        self.ground = Ground(instance.geometry if self.known else {}, middle)
        layers = {name: instance.geometry.get(name) for name in ("zones", "sites")}
        self.shapes = {
            name: {}
            if layer is None or "id" not in layer
            else dict(zip(layer["id"].astype(str), layer.geometry, strict=True))
            for name, layer in layers.items()
        }

    def _at(self, kind: str, name: str) -> tuple[float, float] | None:
        return self.where.positions.get((kind, name))

    def _marks(self, levels: tuple[str, ...], main: str = "") -> list[Mark]:
        found = []
        for site, level in self.marks.items():
            at = self._at("site", site)
            if at is not None and level in levels:
                found.append(Mark(at, level, site == main))
        for name in self.instance.gateways["id"] if "gateway" in levels else ():
            at = self._at("gateway", str(name))
            if at is not None:
                found.append(Mark(at, "gateway"))
        return found

    def network(self, flows: Any) -> Drawing | None:
        """The whole network above the stations; None without coordinates. ``flows`` are those of the period."""
        inner = [at for (kind, _), at in self.where.positions.items() if kind != "gateway"]
        if not self.known or not inner:
            return None
        sums = (
            flows[flows["leg"].isin(ABOVE_STATIONS)]
            .groupby(["leg", "origin", "destination"])["t_d"]
            .sum()
            .reset_index()
        )
        lines = []
        for row in rows_of(sums):
            upper, lower = ends(str(row["leg"]))
            start, end = self._at(upper, str(row["origin"])), self._at(lower, str(row["destination"]))
            if start is not None and end is not None:
                lines.append(Line(start, end, float(row["t_d"]), str(row["leg"]).partition("-")[0]))
        return self.ground.drawing(
            inner, NETWORK_RATIO, lines=lines, marks=self._marks(("gateway", "hub", "utc", "station"))
        )

    def site(self, sheet: Record) -> Drawing | None:
        """A site with the zones and sites that it serves; None where it has no coordinates."""
        at = self._at("site", sheet["site"])
        if not self.known or at is None:
            return None
        lines = []
        for link in sheet["takers"]:
            kind = ends(link["leg"])[1]
            for name, t_d in zip(link["ends"], link["amounts"], strict=True):
                end = self._at(kind, name)
                if end is not None:
                    lines.append(Line(at, end, t_d, sheet["level"]))
        served = [place for name in sheet["catchment"]["zones"] if (place := self._at("zone", name)) is not None]
        areas = [self.shapes["zones"][name] for name in sheet["catchment"]["zones"] if name in self.shapes["zones"]]
        levels = ("hub", "utc") if sheet["level"] == "hub" else ("hub", "utc", "station")
        marks = self._marks(levels, main=sheet["site"])
        outline = self.shapes["sites"].get(sheet["site"])
        return self.ground.drawing(
            [at, *served, *(line.end for line in lines)],
            INSET_RATIO,
            areas=areas,
            lines=lines,
            marks=marks,
            outline=outline,
        )

    def parcel(self, sheet: Record) -> Drawing | None:
        """The outline of a site's parcel; None where the data have none."""
        shape = self.shapes["sites"].get(sheet["site"])
        if not self.known or shape is None or shape.is_empty or shape.geom_type == "Point":
            return None
        west, south, east, north = shape.bounds
        return self.ground.drawing([(west, south), (east, north)], PARCEL_RATIO, outline=shape, least_km=PARCEL_KM)


def subject_sheets(subject: Subject) -> list[Record]:
    """The sheets of a result's hubs and centres; none without a plan."""
    return [] if subject.found is None else sheets(subject.instance, *subject.found)


def subject_maps(subject: Subject) -> dict[str, Drawing]:
    """The drawings of a result by file name, words aside: they serve every language. None without coordinates."""
    if subject.found is None:
        return {}
    plan, report = subject.found
    period = accounts.last_period(subject.instance)
    standing = report.facilities[(report.facilities["period"] == period) & (report.facilities["modules"] > 0)]
    marks = dict(zip(standing["site"].astype(str), standing["level"].astype(str), strict=True))
    maps = Maps(subject.instance, layout(subject.instance), marks)
    drawn = {NETWORK: maps.network(plan.flows[plan.flows["period"] == period])}
    for sheet in subject_sheets(subject):
        drawn |= {f"site-{sheet['site']}.svg": maps.site(sheet), f"parcel-{sheet['site']}.svg": maps.parcel(sheet)}
    return {name: drawing for name, drawing in drawn.items() if drawing is not None}
