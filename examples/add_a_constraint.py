"""Add a constraint in one file: two transfer centres less than 5 km apart are not both open.

A constraint is a rule over a named index set. Entered in ``CONSTRAINTS`` it is in every model that this process builds.
The independent checker does not know it, so the script looks at the plan itself; CONTRIBUTING.md says what else a
constraint needs that is to stay. ``monolith`` solves the program as it stands, without moves that do not know the rule.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import hubopt
from hubopt.data.travel import straight_km
from hubopt.model import CONSTRAINTS, Network
from hubopt.model.constraint import Constraint
from hubopt.model.variables import is_open

APART_KM = 5.0


def too_close(instance: hubopt.Instance) -> list[tuple[str, str]]:
    """Pairs of transfer centres less than ``APART_KM`` apart, by the straight line."""
    centres = instance.sites[instance.sites["level"] == "utc"].reset_index(drop=True)
    km = straight_km(centres, centres)
    ids = list(centres["id"])
    return [(ids[a], ids[b]) for a, b in combinations(range(len(ids)), 2) if km[a, b] < APART_KM]


def close_pairs(network: Network) -> list[tuple[str, str, str]]:
    """(site, site, period) of the constraint."""
    return [(i, j, t) for i, j in too_close(network.instance) for t in network.periods]


def not_both(m: Any, i: str, j: str, t: str) -> Any:
    r"""At most one of two close centres is open: :math:`open_i + open_j \le 1`, in sites."""
    return is_open(m, i, t) + is_open(m, j, t) <= 1


def centres(solution: hubopt.Solution) -> set[str]:
    """Transfer centres that a plan opens."""
    assert solution.plan is not None
    rows = solution.plan.facilities
    return set(rows.loc[(rows["level"] == "utc") & (rows["modules"] > 0), "site"])


if __name__ == "__main__":  # HiGHS runs in processes of its own
    city = hubopt.load("tiny")
    CONSTRAINTS["not_both"] = Constraint(not_both, close_pairs)
    solution = hubopt.solve(city, method="monolith")
    print(too_close(city), sorted(centres(solution)), solution)
    assert hubopt.check(city, solution).ok and not any({*pair} <= centres(solution) for pair in too_close(city))
