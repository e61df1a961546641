"""Two results on one page: side by side on linked maps, and what changes from the first to the second.

One HTML file in both languages that asks for nothing over a network, like the network map.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import hubopt
from hubopt.check import Report, check
from hubopt.instance import InputError, Problem
from hubopt.instance.effective import apply
from hubopt.instance.policy import COST_PARTS
from hubopt.instance.types import LEVELS, Instance
from hubopt.solution.types import Plan, Solution
from hubopt.texts import HTML_LANG, LANGUAGES, Texts, embedded, language
from hubopt.viz import comparison_changes as changes
from hubopt.viz import offline, timeline
from hubopt.viz.base import PACKING, base_layers
from hubopt.viz.columns import packed_page
from hubopt.viz.comparison_places import Joint, joint
from hubopt.viz.content import bounds, catalogues, drawn_geometry, style
from hubopt.viz.credits import credits_openstreetmap
from hubopt.viz.legend import scales
from hubopt.viz.places import layout
from hubopt.viz.records import (
    facility_records,
    flow_records,
    gateway_records,
    site_records,
    zone_records,
    zone_service_records,
)
from hubopt.viz.values import names_of, web_link

SCRIPTS: tuple[str, ...] = (
    "core.js", "icons.js", "comparison_view.js", "comparison_difference.js", "comparison_card.js",
    "comparison_panel.js", "comparison_start.js",
)  # fmt: skip

TEXT_GROUPS = (
    "language", "brand", "number", "money", "unit", "level", "levels", "leg-end", "kind", "action", "cost", "status",
    "limit", "direction", "service", "map", "layer", "legend", "popup", "sources", "comparison",
)  # fmt: skip

Record = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """One of two results: what it is called, its raw instance, its solution, and the checker's report if at hand."""

    name: str
    instance: Instance
    solution: Solution
    report: Report | None = None


def comparison_map(first: Side, second: Side, lang: str = "en") -> str:
    """A self-contained HTML page that compares two results, opening in ``lang`` (``en`` or ``zh``).

    Raises
    ------
    InputError
        If a result has no plan, or the instances are not of the same places.
    ValueError
        For a language that the catalogue does not have.
    """
    chosen = language(lang)
    page = packed_page(comparison(first, second), ("sites", "gateways", "zones"))
    page["lang"] = chosen
    leaflet = f"<script>{offline.leaflet_script()}</script>\n<style>{offline.leaflet_style()}</style>"
    scripts = "\n".join(f"<script>\n{offline.package_text(name)}</script>" for name in SCRIPTS)
    return offline.fill(
        offline.package_text("comparison.html").replace("<html>", f'<html lang="{HTML_LANG[chosen]}">', 1),
        {
            "policy": f'<meta http-equiv="Content-Security-Policy" content="{offline.CONTENT_SECURITY_POLICY}">',
            "leaflet": leaflet,
            "style": f"<style>\n{offline.package_text('map.css')}\n{offline.package_text('comparison.css')}</style>",
            "noscript": " ".join(Texts(name)("brand.noscript") for name in LANGUAGES),
            "data": f'<script type="application/json" id="network">{offline.script_json(page)}</script>\n{scripts}',
        },
    )


def comparison(first: Side, second: Side) -> Record:
    """Everything that the page draws and says; ``periods`` has the states of the first result, then of the second."""
    plans = _plan(first), _plan(second)
    over = joint(apply(first.instance, first.solution.policy), apply(second.instance, second.solution.policy))
    pairs, alone = period_pairs(over)
    where = layout(over.first)
    geometry = {} if where.schematic else drawn_geometry({**second.instance.geometry, **first.instance.geometry})
    reports = [
        side.report or check(side.instance, side.solution.policy, plan)
        for side, plan in zip((first, second), plans, strict=True)
    ]
    index = {str(site): i for i, site in enumerate(over.first.sites["id"])}
    states = [
        [
            _state(instance, plan, report, period, index)
            for instance, plan, report, period in zip((over.first, over.second), plans, reports, pair, strict=True)
        ]
        for pair in pairs
    ]
    flat = [state for pair in states for state in pair]
    drawn = over.first
    return {
        "texts": embedded(tuple(f"{group}." for group in TEXT_GROUPS)),
        "version": hubopt.__version__,
        "instance": {"name": names_of(first.instance.info.model_dump()), "currency": first.instance.info.currency},
        "sides": [_side(side) for side in (first, second)],
        "unmatched": unmatched(over, alone, first.instance.info.id != second.instance.info.id),
        **catalogues(drawn.structure),
        "schematic": where.schematic,
        "bounds": bounds(where),
        "packing": PACKING,
        "base": base_layers(geometry),
        "sites": site_records(drawn, where),
        "gateways": gateway_records(drawn, where),
        "zones": zone_records(replace(drawn, geometry=geometry), where),
        "periods": flat,
        "pairs": [_differences(plans, pair, over, two) for pair, two in zip(pairs, states, strict=True)],
        "legs": list(dict.fromkeys(flow["leg"] for state in flat for flow in state["flows"])),
        "scales": scales(flat),
        "figures": [figures(first.solution, second.solution, pair, over) for pair in pairs],
        "openstreetmap": credits_openstreetmap(first.instance),
        "sources": [{**item.model_dump(), "url": web_link(item.url)} for item in first.instance.structure.sources],
        **style(drawn.structure),
    }


def _plan(side: Side) -> Plan:
    if side.solution.plan is None:
        message = f"holds no plan (status {side.solution.proof.status})"
        raise InputError([Problem(side.name, message, "give the result of a run that found one")])
    return side.solution.plan


def period_pairs(over: Joint) -> tuple[list[tuple[str, str]], int]:
    """Periods that are set against each other, and how many are left over.

    Those of the same id; where there is none, the last one of each.
    """
    ids = [[period.id for period in instance.structure.periods] for instance in (over.first, over.second)]
    common = [(name, name) for name in ids[0] if name in ids[1]]
    pairs = common or [(ids[0][-1], ids[1][-1])]
    return pairs, len(ids[0]) + len(ids[1]) - 2 * len(pairs)


def _side(side: Side) -> Record:
    proof = side.solution.proof
    return {
        "name": side.name,
        "policy": names_of(side.solution.policy.model_dump()),
        "status": proof.status,
        "limit": proof.limit,
    }


def _state(instance: Instance, plan: Plan, report: Report, period: str, index: dict[str, int]) -> Record:
    return {
        "id": period,
        "facilities": facility_records(plan, period, index),
        "flows": flow_records(instance, plan, period),
        "zones": zone_service_records(instance, plan, report, period),
    }


def _differences(plans: tuple[Plan, Plan], pair: tuple[str, str], over: Joint, states: list[Record]) -> Record:
    zones = [str(zone) for zone in over.first.zones["id"]]
    before, after = (dict(zip(zones, (row["state"] for row in state["zones"]), strict=True)) for state in states)
    return {
        "period": pair[0] if pair[0] == pair[1] else " / ".join(pair),
        "sites": changes.site_changes(*plans, pair),
        "reassigned": changes.reassigned(*plans, pair),
        "service": changes.service_changes(before, after),
        "flows": changes.flow_changes(*plans, pair),
    }


def unmatched(over: Joint, periods: int, other_instance: bool) -> Record:
    """What of the two results cannot be set against each other: counts by kind, empty ones left out."""
    kinds = {"onlyFirst": over.only_first, "onlySecond": over.only_second, "moved": over.moved}
    found: Record = {name: {table: n for table, n in counts.items() if n} for name, counts in kinds.items()}
    return {**found, "periods": periods, "instance": other_instance}


def figures(first: Solution, second: Solution, pair: tuple[str, str], over: Joint) -> list[Record]:
    """Indicators of both results in a pair of periods: ``key`` of the text or ``name``, ``unit``, ``values``.

    Amounts are CNY a year over all periods for the cost, and of the period for everything else.
    """
    kpi = [
        timeline.in_period(instance, solution.kpi, period)
        for instance, solution, period in zip((over.first, over.second), (first, second), pair, strict=True)
    ]
    cost = [solution.cost for solution in (first, second)]
    rows: list[Record] = [
        {
            "key": "map.cost",
            "unit": "money",
            "values": [sum(one.get(part, 0.0) for part in COST_PARTS) for one in cost],
        },
        *(
            {"key": f"cost.{part}", "unit": "money", "part": True, "values": [one.get(part, 0.0) for one in cost]}
            for part in COST_PARTS
        ),
        {"key": "map.gap", "unit": "percent", "values": [solution.proof.gap for solution in (first, second)]},
        *(
            {"key": f"levels.{level}", "unit": "count", "values": [one.get(f"sites.{level}") for one in kpi]}
            for level in LEVELS
        ),
        *(
            {"key": key, "unit": unit, "values": [one.get(name) for one in kpi]}
            for key, unit, name in (
                ("map.land", "ha", "land_ha.total"),
                ("popup.gfa", "m2", "gfa_m2.total"),
                ("map.investment", "money", "investment_cny"),
                ("map.carbon", "kg", "kgco2e_year.total"),
                ("map.served", "percent", "served_share"),
            )
        ),
        *(
            {
                "name": names_of(item.model_dump()),
                "unit": "percent",
                "values": [one.get(f"target.{item.id}") for one in kpi],
            }
            for item in over.first.structure.service.targets
        ),
    ]
    return [row for row in rows if any(value for value in row["values"])]
