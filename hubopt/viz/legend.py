"""The real numbers that a legend shows: sizes, widths and classes that fit this case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hubopt.viz.style import RADIUS_PX, WIDTH_PX, round_steps


def scales(periods: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Scale of the circles (throughput) and of the lines (flow), both over every period so that these compare.

    ``largest`` has the larger of ``ends`` (pixels), sizes grow with the square root of the amount; ``steps`` are round
    amounts for the legend.
    """
    throughputs = [facility["throughput"] or 0.0 for period in periods for facility in period["facilities"]]
    flows = [sum(line[2:]) for period in periods for leg in period["flows"] for line in leg["lines"]]
    return {
        name: {"ends": list(ends), "largest": largest, "steps": round_steps(largest)}
        for name, ends, largest in (
            ("radius", RADIUS_PX, max(throughputs, default=0.0)),
            ("width", WIDTH_PX, max(flows, default=0.0)),
        )
    }


def demand_classes(periods: Sequence[dict[str, Any]]) -> list[float]:
    """Upper ends of up to four classes of zone demand (t/d), at round numbers near the quintiles; a fifth is open."""
    totals = np.array([sum(zone["demand"]) for period in periods for zone in period["zones"]])
    totals = totals[totals > 0]
    if not len(totals):
        return []
    ends = np.quantile(totals, [0.2, 0.4, 0.6, 0.8])
    rounded = {float(f"{end:.2g}") for end in ends}
    return sorted(end for end in rounded if end > 0)
