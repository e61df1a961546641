"""The network on a map, as one HTML file that opens without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import folium
from branca.element import MacroElement
from folium.template import Template

from hubopt.check import Report, check
from hubopt.instance import InputError, Problem
from hubopt.instance.effective import apply
from hubopt.instance.types import Instance
from hubopt.solution.types import Solution
from hubopt.texts import HTML_LANG, LANGUAGES, Texts, language
from hubopt.viz import offline
from hubopt.viz.columns import packed_page
from hubopt.viz.content import content
from hubopt.viz.tiles import Tiles

SCRIPTS: tuple[str, ...] = (
    "core.js", "icons.js", "shading.js", "zones.js", "flows.js", "layers.js", "labels.js", "popups.js", "search.js",
    "phases.js", "head.js", "panel.js", "start.js",
)  # fmt: skip
"""The page's scripts in the order in which they build on each other."""

MANY_LINES = 120
"""With more lines than this into the zones, their layer is off at first."""


def network_map(
    instance: Instance,
    solution: Solution,
    lang: str = "en",
    *,
    report: Report | None = None,
    tiles: Tiles | None = None,
) -> str:
    """A self-contained HTML map of ``solution`` on ``instance``, opening in ``lang`` (``en`` or ``zh``).

    ``instance`` is the raw one; the solution's policy is applied here. ``report`` is the checker's report on the plan;
    the checker runs here if it is not given (it tells how the zones are served). The page holds both languages and
    asks for nothing over a network, unless ``tiles`` says whose online tiles it shall lay under the network. A case
    without coordinates is drawn schematically; a solution without a plan shows the candidates.

    Raises ValueError for a language that the catalogue does not have, InputError for tiles under a schematic map.
    """
    if report is None and solution.plan is not None:
        report = check(instance, solution.policy, solution.plan)
    chosen = language(lang)
    return page_of(content(apply(instance, solution.policy), solution, report, chosen), tiles)


def page_of(record: Mapping[str, Any], tiles: Tiles | None = None) -> str:
    """The page that shows a record (see :func:`hubopt.viz.content.content`)."""
    page = dict(record)
    if tiles is not None and page["schematic"]:
        mend = "leave out --tiles"
        raise InputError([Problem("INSTANCE", "has no coordinates, so that no tiles can lie under its map", mend)])
    page["tiles"] = None if tiles is None else {"url": tiles.url, "credit": tiles.credit}
    policy = offline.CONTENT_SECURITY_POLICY if tiles is None else tiles.policy
    frame = _frame(page["schematic"], page["legs"], _hidden(page))
    frame = frame.replace("<html>", f'<html lang="{HTML_LANG[language(page["lang"])]}">', 1)
    scripts = "\n".join(f"<script>\n{offline.package_text(name)}</script>" for name in SCRIPTS)
    packed = packed_page(page, ("sites", "gateways", "zones"))
    noscript = " ".join(Texts(name)("brand.noscript") for name in LANGUAGES)
    panel = f'<aside id="panel"></aside>\n<button type="button" id="fold"></button>\n<noscript>{noscript}</noscript>'
    return offline.fill(
        frame,
        {
            "policy": f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            "leaflet": f"<script>{offline.leaflet_script()}</script>\n<style>{offline.leaflet_style()}</style>",
            "style": f"<style>\n{offline.package_text('map.css')}</style>",
            "panel": panel,
            "data": f'<script type="application/json" id="network">{offline.script_json(packed)}</script>\n{scripts}',
        },
    )


class _Start(MacroElement):
    """Hands the finished map and its layers to the page's own script."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            hubopt.start({{ this._parent.get_name() }}, {
                {%- for layer, group in this.groups.items() %}
                {{ layer|tojson }}: {{ group.get_name() }},
                {%- endfor %}
            });
        {% endmacro %}
        """
    )

    def __init__(self, groups: Mapping[str, folium.FeatureGroup]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "start"
        self._id = "page"
        self.groups = groups


def _frame(schematic: bool, legs: Sequence[str], hidden: Sequence[str]) -> str:
    """The page with panes and empty layers, and marks where the content goes; the same for the same arguments."""
    base = offline.empty_map(schematic)
    for name, z_index in (("base", 250), ("names", 620)):
        pane = folium.map.CustomPane(name, z_index=z_index)
        pane._id = name
        base.add_child(pane)
    groups = {
        layer: folium.FeatureGroup(name=layer, control=False, show=layer not in hidden) for layer in _layers(legs)
    }
    for layer, group in groups.items():
        group._id = layer.replace("-", "_")
        base.add_child(group)
    base.add_child(_Start(groups))
    return offline.framed(base)


def _layers(legs: Sequence[str]) -> list[str]:
    return [
        "land", "districts", "water", "roads", "expressways", "zones", "gaps", *(f"flow-{leg}" for leg in legs),
        "candidates", "closed", "station", "utc", "hub", "highlight", "gateways", "labels", "pulse",
    ]  # fmt: skip


def _hidden(page: Mapping[str, Any]) -> list[str]:
    """Layers that are off when the page opens: what was not chosen, and flows into zones or in the city if many."""
    hidden = ["candidates"] if page["solved"] else []
    flows = [flow for period in page["periods"] for flow in period["flows"]]
    crowded = {flow["leg"] for flow in flows if _fine(flow["leg"]) and len(flow["lines"]) > MANY_LINES}
    return hidden + [f"flow-{leg}" for leg in sorted(crowded)]


def _fine(leg: str) -> bool:
    """Whether a leg leads into the zones or joins facilities of one level."""
    upper, _, lower = leg.partition("-")
    return lower in ("zone", upper)
