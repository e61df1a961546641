"""The check map of an instance: what the data step made, before anything is solved; one HTML file that opens offline.

A planner looks here whether zones, sites, gateways and links lie where they should, and why a candidate is in or out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import pandas as pd
from branca.element import MacroElement
from folium.template import Template

from hubopt.instance.types import LEVELS, Instance
from hubopt.texts import HTML_LANG, embedded, language
from hubopt.viz import offline
from hubopt.viz.base import base_layers, packed, thinned, zone_shapes
from hubopt.viz.values import names_of, text

if TYPE_CHECKING:
    import geopandas as gpd

MOST_ARCS = 1500
"""Arcs of one leg and mode that are drawn: evenly drawn from all of them, so that the page stays small."""

ZONE_BUDGET = 160_000
"""Vertices of the zones together; finer outlines are thinned."""

TEXT_GROUPS = ("check-map.", "language.", "leg-end.", "kind.")
"""Beginnings of the texts that the page needs."""

GROUPS = ("land", "districts", "zones", "roads", "expressways", "arcs", "out", *LEVELS[::-1], "gateways")
"""Layers in drawing order."""


class _Start(MacroElement):
    """Hands the finished map to the page's own script."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            check.start({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "start"
        self._id = "page"


def check_map(instance: Instance, criteria: pd.DataFrame | None = None, lang: str = "en") -> str:
    """A self-contained HTML map of the data of ``instance``, opening in ``lang`` (``en`` or ``zh``).

    Args:
        instance: any instance with coordinates.
        criteria: what every candidate was judged by (``site_criteria.csv``), those that are out included; None: only
            the sites of the instance are shown.
        lang: language in which the page opens; it holds both.

    Raises:
        ValueError: if no place of the instance has coordinates, or for an unknown language.
    """
    opening = language(lang)
    places = pd.concat([instance.gateways, instance.sites, instance.zones])[["lon", "lat"]].dropna()
    if not len(places):
        raise ValueError("no place of the instance has coordinates, so there is nothing to draw")
    page = {
        "lang": opening,
        "codes": dict(HTML_LANG),
        "texts": embedded(TEXT_GROUPS),
        "most": MOST_ARCS,
        "name": {"en": instance.info.name_en, "zh": instance.info.name_zh},
        "id": instance.info.id,
        "bounds": [[places["lat"].min(), places["lon"].min()], [places["lat"].max(), places["lon"].max()]],
        "groups": list(GROUPS),
        "base": base_layers(thinned({name: layer for name, layer in instance.geometry.items() if name != "zones"})),
        "zones": list(_zones(instance)),
        "sites": list(_sites(instance, criteria)),
        "out": [] if criteria is None else list(_out(criteria)),
        "gateways": list(_gateways(instance)),
        "arcs": list(_arcs(instance)),
        "modes": {item.id: {"en": item.name_en, "zh": item.name_zh} for item in instance.structure.modes},
        "sources": [
            " ".join(filter(None, (item.title, item.date, item.licence))) for item in instance.structure.sources
        ],
    }
    scripts = f"<script>\n{offline.package_text('check.js')}</script>"
    frame = _frame().replace("<html>", f'<html lang="{HTML_LANG[opening]}">', 1)
    return offline.fill(
        frame,
        {
            "policy": f'<meta http-equiv="Content-Security-Policy" content="{offline.CONTENT_SECURITY_POLICY}">',
            "leaflet": f"<script>{offline.leaflet_script()}</script>\n<style>{offline.leaflet_style()}</style>",
            "style": f"<style>\n{offline.package_text('check.css')}</style>",
            "panel": '<aside id="panel"></aside>',
            "data": f'<script type="application/json" id="check">{offline.script_json(page)}</script>\n{scripts}',
        },
    )


def _frame() -> str:
    """The empty page, with marks where the content goes."""
    base = folium.Map(location=[0, 0], zoom_start=1, tiles=None, prefer_canvas=True, zoom_snap=0.25, max_zoom=18)
    base._id = "network"
    offline.without_cdn(base)
    base.add_child(_Start())
    return offline.framed(base)


def _at(row: Mapping[str, Any]) -> list[float]:
    return [round(float(row["lon"]), 5), round(float(row["lat"]), 5)]


def _number(value: Any, decimals: int = 1) -> float | None:
    return None if value is None or pd.isna(value) else round(float(value), decimals)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    known = table[table["lon"].notna() & table["lat"].notna()]
    return [{str(key): value for key, value in row.items()} for row in known.to_dict("records")]


def _zone_outlines(instance: Instance) -> Mapping[str, list[list[list[int]]]]:
    if "zones" not in instance.geometry:
        return {}
    layers: dict[str, gpd.GeoDataFrame] = {"zones": instance.geometry["zones"]}
    return zone_shapes(thinned(layers, ZONE_BUDGET))


def _zones(instance: Instance) -> Iterator[dict[str, Any]]:
    outlines = _zone_outlines(instance)
    tonnes = instance.demand.groupby("zone")["t_d"].sum()
    for row in _records(instance.zones):
        yield {
            "id": row["id"], "name": names_of(row), "at": _at(row), "district": text(row["district"]),
            "city": text(row["city"]), "population": _number(row["population"], 0), "km2": _number(row["area_km2"], 2),
            "t_d": _number(tonnes.get(row["id"], 0.0)), "synthetic": bool(row["synthetic"]),
            "source": text(row["source"]), "parts": outlines.get(str(row["id"]), []),
        }  # fmt: skip


def _sites(instance: Instance, criteria: pd.DataFrame | None) -> Iterator[dict[str, Any]]:
    today = set(instance.existing["site"])
    reasons: dict[str, Mapping[str, Any]] = {}
    if criteria is not None:
        for row in _records(criteria[criteria["in"].astype(bool)]):
            reasons |= dict.fromkeys(str(row["sites"]).split(";"), row)
    for row in _records(instance.sites):
        why = reasons.get(str(row["id"]), {})
        yield {
            "id": row["id"], "name": names_of(row), "at": _at(row), "level": row["level"],
            "hub_type": text(row["hub_type"]), "district": text(row["district"]), "city": text(row["city"]),
            "land_ha": _number(row["land_ha"], 2), "price": _number(row["land_price_cny_m2"], 0),
            "score": _number(row["score"]), "designs": text(row["designs"]), "operator": text(row["operator"]),
            "synthetic": bool(row["synthetic"]), "today": row["id"] in today, "source": text(row["source"]),
            "why": {"en": text(why.get("reasons_en")), "zh": text(why.get("reasons_zh"))},
        }  # fmt: skip


def _out(criteria: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in _records(criteria[~criteria["in"].astype(bool)]):
        yield {
            "id": row["candidate"], "name": names_of(row), "at": _at(row),
            "why": {"en": text(row["reasons_en"]), "zh": text(row["reasons_zh"])},
        }  # fmt: skip


def _gateways(instance: Instance) -> Iterator[dict[str, Any]]:
    for row in _records(instance.gateways):
        yield {
            "id": row["id"], "name": names_of(row), "at": _at(row), "kind": row["kind"],
            "capacity": _number(row["capacity_t_d"], 0), "precision": _number(row["precision_m"], 0),
            "source": text(row["source"]),
        }  # fmt: skip


def _arcs(instance: Instance) -> Iterator[dict[str, Any]]:
    """Straight lines by leg, mode and whether the way is estimated, packed; at most :data:`MOST_ARCS` of each."""
    places = pd.concat([instance.gateways, instance.sites, instance.zones]).set_index("id")[["lon", "lat"]]
    for (leg, mode, estimated), own in instance.arcs.groupby(["leg", "mode", "estimated"]):
        shown = own.iloc[np.unique(np.linspace(0, len(own) - 1, min(len(own), MOST_ARCS)).astype(int))]
        ends = np.stack([places.loc[shown[end]].to_numpy(dtype=float) for end in ("origin", "destination")], axis=1)
        lines = [packed(pair) for pair in ends[np.isfinite(ends).all(axis=(1, 2))]]
        yield {"leg": leg, "mode": mode, "estimated": bool(estimated), "count": len(own), "lines": lines}
