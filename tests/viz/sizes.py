"""Pages as large as a whole area, without solving one: a city's page laid side by side."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

Page = dict[str, Any]

STEP = (0.95, 0.5)
"""Degrees of longitude and latitude from one copy of a city to the next."""


def side_by_side(page: Page, across: int, up: int) -> Page:
    """``page`` of a located case ``across`` times ``up`` over, each copy with places and flows of its own."""
    large = dict(page)
    counts = {name: len(page[name]) for name in ("sites", "gateways", "zones")}
    copies = [(STEP[0] * x, STEP[1] * y) for y in range(up) for x in range(across)]
    for name in counts:
        large[name] = [moved(thing, by, k, page["packing"]) for k, by in enumerate(copies) for thing in page[name]]
    large["periods"] = [_period(period, len(copies), counts) for period in page["periods"]]
    (south, west), (north, east) = page["bounds"]
    large["bounds"] = [[south, west], [north + copies[-1][1], east + copies[-1][0]]]
    large["base"] = {}
    return large


def moved(thing: Page, by: tuple[float, float], number: int, packing: int) -> Page:
    """A place further on; an outline's first vertex is moved, the others follow it."""
    made = {**thing, "id": f"{thing['id']}-{number}"}
    if thing["at"]:
        made["at"] = [round(thing["at"][0] + by[0], 5), round(thing["at"][1] + by[1], 5)]
    if "parts" in thing:
        made["parts"] = deepcopy(thing["parts"])
        for ring in (ring for part in made["parts"] for ring in part):
            ring[0] += round(by[0] * packing)
            ring[1] += round(by[1] * packing)
    return made


def _period(period: Page, copies: int, counts: dict[str, int]) -> Page:
    kinds = {"site": counts["sites"], "gateway": counts["gateways"], "zone": counts["zones"]}
    return {
        **period,
        "facilities": [
            {**row, "site": row["site"] + k * counts["sites"]} for k in range(copies) for row in period["facilities"]
        ],
        "zones": period["zones"] * copies,
        "flows": [
            {
                **flow,
                "lines": [
                    [a + k * kinds[flow["from"]], b + k * kinds[flow["to"]], *amounts]
                    for k in range(copies)
                    for a, b, *amounts in flow["lines"]
                ],
                "modes": flow["modes"] * copies,
            }
            for flow in period["flows"]
        ],
    }
