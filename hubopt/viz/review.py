"""The review map: every candidate site with its judgement, for people who decide on land; one file, no network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import folium
import pandas as pd
from branca.element import MacroElement
from folium.template import Template

import hubopt
from hubopt.instance.criteria import criteria_names
from hubopt.instance.effective import apply
from hubopt.instance.types import Instance, Structure
from hubopt.solution.site_prices import SitePrices
from hubopt.solution.types import Solution
from hubopt.texts import HTML_LANG, LANGUAGES, Language, Texts, embedded, language
from hubopt.viz import offline
from hubopt.viz import review_limits as limits
from hubopt.viz.base import PACKING, base_layers, region_names, thinned
from hubopt.viz.credits import credits_openstreetmap, synthetic_counts
from hubopt.viz.places import Layout, layout
from hubopt.viz.review_sites import STATUSES, excluded_records, site_records
from hubopt.viz.values import names_of, web_link

SCRIPTS: tuple[str, ...] = (
    "core.js", "review_state.js", "review_csv.js", "review_symbols.js", "review_map.js", "review_measure.js",
    "review_marks.js", "review_list.js", "review_why.js", "review_detail.js", "review_print.js", "review_start.js",
)  # fmt: skip
"""The page's scripts in the order in which they build on each other."""

TEXT_GROUPS = (
    "language", "brand", "number", "money", "unit", "level", "levels", "node", "action", "status", "limit",
    "reliability", "map", "sources", "review", "standing", "criterion", "criterion-unit", "land-use", "exclusion",
    "mark", "why",
)  # fmt: skip
"""Groups of the catalogue that the page carries in both languages."""


_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
"""Folium's word to the browser that forbids to enlarge the page, which those who see badly need."""


def review_map(
    instance: Instance,
    solution: Solution,
    lang: str = "en",
    *,
    criteria: pd.DataFrame | None = None,
    prices: SitePrices | None = None,
) -> str:
    """A self-contained HTML page for the review of the candidate sites, opening in ``lang`` (``en`` or ``zh``).

    Parameters
    ----------
    instance
        The raw instance; the solution's policy is applied here.
    solution
        A result of it; without a plan the page shows the candidates alone.
    criteria
        How the candidates were judged (:func:`hubopt.instance.criteria.read_criteria`); None: not told.
    prices
        What it costs to force sites in or out; None: not computed.

    Raises
    ------
    ValueError
        For a language that the catalogue does not have.
    """
    chosen = language(lang)
    page = _content(apply(instance, solution.policy), solution, chosen, criteria, prices)
    frame = _frame(page["schematic"])
    frame = frame.replace("<html>", f'<html lang="{HTML_LANG[chosen]}">', 1)
    title = f"<title>{Texts(chosen)('brand.kicker')}</title>"
    scripts = "\n".join(f"<script>\n{offline.package_text(name)}</script>" for name in SCRIPTS)
    noscript = " ".join(Texts(name)("brand.noscript") for name in LANGUAGES)
    parts = '<aside id="list"></aside>\n<aside id="detail" hidden></aside>\n<section id="sheet"></section>'
    return offline.fill(
        frame,
        {
            "policy": f'<meta http-equiv="Content-Security-Policy" content="{offline.CONTENT_SECURITY_POLICY}">{title}',
            "leaflet": f"<script>{offline.leaflet_script()}</script>\n<style>{offline.leaflet_style()}</style>",
            "style": f"<style>\n{offline.package_text('review.css')}</style>",
            "panel": f"{parts}\n<noscript>{noscript}</noscript>",
            "data": f'<script type="application/json" id="network">{offline.script_json(page)}</script>\n{scripts}',
        },
    )


class _Start(MacroElement):
    """Hands the finished map to the page's own script."""

    _template = Template(
        "{% macro script(this, kwargs) %}hubopt.startReview({{ this._parent.get_name() }});{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "start"
        self._id = "page"


def _frame(schematic: bool) -> str:
    """The empty page, with marks where the content goes."""
    base = offline.empty_map(schematic)
    pane = folium.map.CustomPane("base", z_index=250)
    pane._id = "base"
    base.add_child(pane)
    base.add_child(_Start())
    return _VIEWPORT.sub('<meta name="viewport" content="width=device-width, initial-scale=1">', offline.framed(base))


def _content(
    instance: Instance,
    solution: Solution,
    lang: Language,
    criteria: pd.DataFrame | None,
    prices: SitePrices | None,
) -> dict[str, Any]:
    """The page's record; ``instance`` is the effective one."""
    where = layout(instance)
    base = {name: layer for name, layer in instance.geometry.items() if name not in ("zones", "candidates")}
    geometry = {} if where.schematic else thinned(base)
    shown = "candidates" in instance.geometry and not where.schematic
    land = {"candidates": instance.geometry["candidates"]} if shown else {}
    drawn = replace(instance, geometry=land)
    sites = site_records(drawn, solution, where, criteria, prices)
    proof = solution.proof
    return {
        "lang": lang,
        "texts": embedded(tuple(f"{group}." for group in TEXT_GROUPS)),
        "version": hubopt.__version__,
        "instance": {
            "id": instance.info.id,
            "name": names_of(instance.info.model_dump()),
            "sha256": proof.instance_sha256,
            "description": instance.info.description,
            "synthetic": instance.info.synthetic,
            "currency": instance.info.currency,
        },
        "policy": names_of(solution.policy.model_dump()),
        "proof": {"status": proof.status, "limit": proof.limit, "gap": proof.gap},
        "objective": proof.objective,
        "bound": proof.bound,
        "solved": solution.plan is not None,
        "priced": prices is not None,
        "synthetic": synthetic_counts(instance),
        "openstreetmap": credits_openstreetmap(instance),
        "sources": [{**source.model_dump(), "url": web_link(source.url)} for source in instance.structure.sources],
        **_catalogues(instance.structure),
        "schematic": where.schematic,
        "unplaced": len(where.unplaced),
        "bounds": _bounds(where, sites),
        "packing": PACKING,
        "base": base_layers(geometry),
        "regions": region_names(geometry),
        "statuses": list(STATUSES),
        "criteria": [] if criteria is None else criteria_names(criteria),
        "judged": criteria is not None,
        "limits": limits.land_rows(instance, solution.plan, prices),
        "counts": limits.counts(instance, solution.plan),
        "periods": [{"id": item.id, "facilities": [], "zones": [], "flows": []} for item in instance.structure.periods],
        "sites": [*sites, *excluded_records(drawn, criteria, schematic=where.schematic)],
        "gateways": [],
        "zones": [],
    }


def _catalogues(structure: Structure) -> dict[str, Any]:
    """Names of designs and hub types."""
    return {
        "designs": {item.id: names_of(item.model_dump()) for item in structure.designs},
        "hubTypes": {item.id: names_of(item.model_dump()) for item in structure.hub_types},
    }


def _bounds(where: Layout, sites: Sequence[Mapping[str, Any]]) -> list[list[float]]:
    """South-west and north-east corner (lat, lon) of the sites with a little room around."""
    points = [site["at"] for site in sites if "at" in site]
    if not points:
        return [[-1.0, -1.0], [1.0, 1.0]]
    xs, ys = zip(*points, strict=True)
    margin = 10.0 if where.schematic else 0.01
    return [[min(ys) - margin, min(xs) - margin], [max(ys) + margin, max(xs) + margin]]
