"""Every candidate as the review map shows it: what it is, how it was judged, what the plan does there, at what cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from hubopt.instance.criteria import POINTS, criteria_names
from hubopt.instance.types import Instance
from hubopt.solution.site_prices import SitePrices
from hubopt.solution.types import Plan, Solution
from hubopt.viz import review_limits as limits
from hubopt.viz.base import shapes
from hubopt.viz.places import Layout
from hubopt.viz.values import names_of, number, rows_of, text

Record = dict[str, Any]

STATUSES = ("new", "expand", "upgrade", "keep", "close", "not-chosen", "excluded")
"""What the plan does at a candidate, against what stands there today, over all periods together."""


def status(today: Mapping[str, Any] | None, course: list[Record]) -> str:
    """What becomes of a site from today to the last period; ``course`` has its rows in the plan, period by period."""
    if not course:
        return "not-chosen"
    last = course[-1]
    if last["action"] == "close":
        return "close"
    if today is None:
        return "new"
    if last["design"] != today["design"]:
        return "upgrade"
    return "expand" if last["modules"] > today["modules"] else "keep"


def _courses(instance: Instance, plan: Plan | None) -> Mapping[str, list[Record]]:
    """Rows of the plan by site, in the order of the periods."""
    found: dict[str, list[Record]] = defaultdict(list)
    if plan is None:
        return found
    for period in instance.structure.periods:
        for row in rows_of(plan.facilities[plan.facilities["period"] == period.id]):
            found[text(row["site"])].append(
                {
                    "period": period.id,
                    "action": text(row["action"]),
                    "design": text(row["design"]),
                    "modules": number(row["modules"]),
                    "gfa": number(row["gfa_m2"], 0),
                    "land": number(row["land_ha"], 2),
                    "throughput": number(row["throughput_t_d"], 1),
                    "capacity": number(row["capacity_t_d"], 1),
                    "utilisation": number(row["utilisation"], 4),
                    "investment": number(row["investment_cny"], 0),
                    "cost": round(sum(float(row[name]) for name in row if name.endswith("_cny_year"))),
                }
            )
    return found


def _judged(row: Mapping[str, Any], names: list[str]) -> Record:
    """How a candidate was judged; a criterion that was not measured is left out."""
    parts = {name: [number(row[name], 3), number(row[f"{name}{POINTS}"], 1)] for name in names}
    return {
        "kind": text(row.get("kind")),
        "area": number(row.get("area_ha"), 2),
        "usable": number(row.get("usable_ha"), 2),
        "parts": {name: part for name, part in parts.items() if part[1] is not None},
        "why": {"en": text(row.get("reasons_en")), "zh": text(row.get("reasons_zh"))},
        "codes": [code for code in text(row.get("codes")).split(";") if code],
    }


def _judgements(criteria: pd.DataFrame | None) -> Mapping[str, tuple[str, Record]]:
    """Candidate and judgement by site."""
    if criteria is None:
        return {}
    names = criteria_names(criteria)
    found = {}
    for row in rows_of(criteria[criteria["in"]]):
        for site in text(row["sites"]).split(";"):
            found[site] = (text(row["candidate"]), _judged(row, names))
    return found


def _polygons(instance: Instance) -> Mapping[str, list[list[list[int]]]]:
    """Packed parts of the mapped land of candidates, by candidate id."""
    layer = instance.geometry.get("candidates")
    if layer is None or "id" not in layer:
        return {}
    return {str(name): shapes(shape) for name, shape in zip(layer["id"], layer.geometry, strict=True)}


def _prices(prices: SitePrices | None) -> Mapping[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for item in prices.sites if prices is not None else ():
        found[item.site].append(item.model_dump(exclude={"site"}, mode="json"))
    return found


def _forced(instance: Instance, solution: Solution) -> Mapping[str, Record]:
    """Sites that are forced, and who says so: the policy before the table of sites."""
    policy, found = solution.policy, {}
    for row in rows_of(instance.sites):
        if word := text(row.get("forced")):
            found[text(row["id"])] = {"how": word, "by": "data"}
    for how, names in (("open", policy.force_open), ("closed", policy.force_closed)):
        found |= {name: {"how": how, "by": "policy"} for name in names}
    return found if policy.holds("forced_sites") else {}


def site_records(
    instance: Instance,
    solution: Solution,
    where: Layout,
    criteria: pd.DataFrame | None,
    prices: SitePrices | None,
) -> list[Record]:
    """Every site of the instance, in the order of the table; ``instance`` is the raw one's drawn copy.

    Fields without a value are left out, so that the page stays small.
    """
    plan = solution.plan
    courses, judged, polygons = _courses(instance, plan), _judgements(criteria), _polygons(instance)
    priced, forced = _prices(prices), _forced(instance, solution)
    existing = {text(row["site"]): row for row in rows_of(instance.existing)}
    near, rows, least = limits.neighbours(instance, plan), limits.rows_by_site(instance), limits.least_land(instance)
    served = limits.served(instance, plan)
    records = []
    for place, (row, close_by) in enumerate(zip(rows_of(instance.sites), near, strict=True)):
        name = text(row["id"])
        candidate, judgement = judged.get(name, (text(row.get("parcel")) or name, None))
        today = None
        if name in existing:
            stands = existing[name]
            today = {
                "design": text(stands["design"]),
                "modules": number(stands["modules"]),
                "mayClose": bool(stands["may_close"]),
                "closure": number(stands["closure_cny"], 0),
                "source": text(stands.get("source")),
            }
        course = courses.get(name, [])
        record: Record = {
            "id": name,
            "name": names_of(row),
            "at": where.positions.get(("site", name)),
            "level": text(row["level"]),
            "type": text(row.get("hub_type")),
            "district": text(row["district"]),
            "city": text(row["city"]),
            "parcel": text(row.get("parcel")),
            "land": number(row["land_ha"], 2),
            "price": number(row["land_price_cny_m2"], 0),
            "far": number(row.get("max_far"), 2),
            "operator": text(row.get("operator")),
            "score": number(row.get("score"), 1),
            "synthetic": bool(row["synthetic"]),
            "source": text(row["source"]),
            "reliability": text(row["reliability"]),
            "status": "" if plan is None else status(today, course),
            "course": course,
            "today": today,
            "forced": forced.get(name),
            "judged": judgement,
            "shape": polygons.get(candidate) or polygons.get(name),
            "near": close_by,
            "limits": rows[place],
            "least": least[place],
            "served": served.get(name),
            "prices": priced.get(name),
        }
        records.append({key: value for key, value in record.items() if value not in (None, "", [], {})})
    return records


def excluded_records(instance: Instance, criteria: pd.DataFrame | None, *, schematic: bool) -> Iterator[Record]:
    """Candidates that the build ruled out, with the reasons; none where the instance does not tell."""
    if criteria is None:
        return
    names, polygons = criteria_names(criteria), _polygons(instance)
    taken = set(instance.sites["id"])
    for row in rows_of(criteria[~criteria["in"]]):
        name = text(row["candidate"])
        if name in taken:
            continue
        lon, lat = number(row["lon"], 5), number(row["lat"], 5)
        scores = [number(row.get(f"score_{level}"), 1) for level in ("hub", "utc", "station")]
        record: Record = {
            "id": name,
            "name": names_of({**row, "id": name}),
            "at": None if schematic or lon is None or lat is None else [lon, lat],
            "level": text(row.get("levels")).split(";")[0],
            "district": text(row.get("district")),
            "city": text(row.get("city")),
            "land": number(row.get("usable_ha"), 2),
            "score": number(row.get("score"), 1) or max((value for value in scores if value is not None), default=None),
            "synthetic": text(row.get("synthetic")).casefold() == "true",
            "source": text(row.get("source")),
            "status": "excluded",
            "judged": _judged(row, names),
            "shape": polygons.get(name),
        }
        yield {key: value for key, value in record.items() if value not in (None, "", [], {})}
