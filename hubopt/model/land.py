"""Land: what facilities use together in a parcel, a district, a city and in all."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network


def land_limits(network: Network) -> list[tuple[str, str, str]]:
    """(scope, id, period) for every row of the land table."""
    table = network.instance.land
    return [(scope, name, t) for scope, name in zip(table["scope"], table["id"], strict=True) for t in network.periods]


def land_used(m: Any, site: str, period: str) -> Any:
    """Land that a site uses (ha), as a linear expression."""
    network: Network = m.network
    return pyo.quicksum(
        network.options[site, d].land_ha_module * m.modules[site, d, period] for d in network.designs_at[site]
    )


def land_within_limit(m: Any, scope: str, name: str, t: str) -> Any:
    r"""The facilities of a parcel, district, city or of all together use no more land than its limit.

    .. math:: \sum_{i \in I_s} \sum_d \frac{gfa_d}{10^4 \, far_d} modules_{i,d,t} \le \overline{L}_s \qquad \forall s, t

    In hectares. A single site's land bounds its modules directly.
    """
    network: Network = m.network
    inside = [i for i, site in network.sites.items() if scope == "total" or getattr(site, scope) == name]
    limit = network.land_limit[scope, name]
    return row(m, pyo.quicksum(land_used(m, i, t) for i in inside), "<=", limit)


CONSTRAINTS = (Constraint(land_within_limit, land_limits, "land"),)
