"""The map of a study: a circle for each site, as large as the share of the plans in which it is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import folium
from branca.element import MacroElement
from folium.template import Template

from hubopt.instance.errors import InputError, Problem
from hubopt.instance.types import Instance
from hubopt.texts import HTML_LANG, LANGUAGES, Texts, embedded, language
from hubopt.viz import offline
from hubopt.viz.base import base_layers, thinned
from hubopt.viz.values import names_of

TEXT_GROUPS = ("frequency.", "language.", "levels.")
"""Beginnings of the texts that the page needs."""


@dataclass(frozen=True)
class Use:
    """A site: in how many plans it stands, as what, and in which scenarios it does not."""

    count: int
    sizes: Sequence[str]
    absent: Sequence[str]


class _Start(MacroElement):
    """Hands the finished map to the page's own script."""

    _template = Template(
        "{% macro script(this, kwargs) %}frequency.start({{ this._parent.get_name() }});{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "start"
        self._id = "page"


def frequency_map(
    instance: Instance, uses: Mapping[str, Use], plans: int, names: Mapping[str, str], lang: str = "en"
) -> str:
    """A self-contained HTML map in both languages, opening in ``lang``.

    Parameters
    ----------
    instance
        The base instance; its geometry is drawn below.
    uses
        How each site is used, by its id; sites that are absent are in no plan.
    plans
        How many plans there are.
    names
        Name of the study by language.

    Raises
    ------
    InputError
        If no site has coordinates.
    ValueError
        For a language that the catalogue does not have.
    """
    chosen = language(lang)
    placed = instance.sites[instance.sites["lon"].notna() & instance.sites["lat"].notna()]
    if placed.empty:
        raise InputError([Problem("INSTANCE", "has no site with coordinates", "a map needs places to draw")])
    page: dict[str, Any] = {
        "lang": chosen,
        "codes": dict(HTML_LANG),
        "texts": embedded(TEXT_GROUPS),
        "name": dict(names),
        "plans": plans,
        "bounds": [[placed["lat"].min(), placed["lon"].min()], [placed["lat"].max(), placed["lon"].max()]],
        "base": base_layers(thinned({name: layer for name, layer in instance.geometry.items() if name != "zones"})),
        "sites": [_record({str(key): value for key, value in row.items()}, uses) for row in placed.to_dict("records")],
        "sources": [
            " ".join(filter(None, (item.title, item.date, item.licence))) for item in instance.structure.sources
        ],
    }
    frame = _frame().replace("<html>", f'<html lang="{HTML_LANG[chosen]}">', 1)
    noscript = " ".join(Texts(name)("brand.noscript") for name in LANGUAGES)
    scripts = f"<script>\n{offline.package_text('frequency.js')}</script>"
    return offline.fill(
        frame,
        {
            "policy": f'<meta http-equiv="Content-Security-Policy" content="{offline.CONTENT_SECURITY_POLICY}">',
            "leaflet": f"<script>{offline.leaflet_script()}</script>\n<style>{offline.leaflet_style()}</style>",
            "style": f"<style>\n{offline.package_text('check.css')}</style>",
            "panel": f'<aside id="panel"></aside>\n<noscript>{noscript}</noscript>',
            "data": f'<script type="application/json" id="frequency">{offline.script_json(page)}</script>\n{scripts}',
        },
    )


def _frame() -> str:
    """The empty page, with marks where the content goes."""
    base = folium.Map(location=[0, 0], zoom_start=1, tiles=None, prefer_canvas=True, zoom_snap=0.25, max_zoom=18)
    base._id = "network"
    offline.without_cdn(base)
    base.add_child(_Start())
    return offline.framed(base)


def _record(row: Mapping[str, Any], uses: Mapping[str, Use]) -> dict[str, Any]:
    use = uses.get(str(row["id"]), Use(0, (), ()))
    return {
        "id": row["id"],
        "name": names_of(row),
        "level": row["level"],
        "at": [round(float(row["lon"]), 5), round(float(row["lat"]), 5)],
        "count": use.count,
        "sizes": list(use.sizes),
        "absent": list(use.absent),
    }
