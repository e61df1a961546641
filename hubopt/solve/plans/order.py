"""In which order a dive decides a plan, and how long its steps take for one that must not look at the clock."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hubopt.instance import LEVELS
from hubopt.model import Network
from hubopt.solve.engine.dive import Columns
from hubopt.solve.milp import Milp

PACE, PACE_ENTRIES = 1.2e-4, 11_000
"""Nominal seconds of a simplex iteration in a dive on a program with so many matrix entries."""


def columns_of(program: Milp, group: str, chosen: Callable[[tuple[str, ...]], bool]) -> Columns:
    """Columns of a variable whose index satisfies ``chosen``."""
    return np.flatnonzero(program.column_mask(group, chosen))


def dive_pace(program: Milp) -> float:
    """Nominal seconds of a simplex iteration in a dive."""
    return float(PACE * (max(program.matrix.nnz, 1) / PACE_ENTRIES) ** 0.7)


def dive_order(network: Network, program: Milp) -> tuple[tuple[Columns, bool], ...]:
    """Openings of the upper levels (also closed), links to zones, openings of the lowest level, links to sites.

    Zones choose before the lowest level closes anything: whole zones need room that fractions of them do not.
    """
    lowest = {leg.split("-")[0] for leg in network.single_sourced if leg.endswith("-zone")}

    def of_level(level: str) -> Columns:
        return columns_of(program, "open", lambda index: network.sites[index[0]].level == level)

    return (
        *((of_level(level), True) for level in LEVELS if level not in lowest),
        (columns_of(program, "link", lambda index: index[0].endswith("-zone")), False),
        *((of_level(level), False) for level in LEVELS if level in lowest),
        (columns_of(program, "link", lambda index: not index[0].endswith("-zone")), False),
    )
