"""How exact is exact: every tolerance of the checker, with its reason, in one place."""

from __future__ import annotations

from typing import Any

import numpy as np

FEASIBILITY = 1e-6
"""Slack of a requirement per unit of its size (never less than per 1): what solvers themselves leave on a row.

The size is the limit or, for balances, the larger side. A capacity of 1,500 t/d may so be passed by 0.0015 t/d, which
is also what rounding a size that the solver left 1e-6 off a whole number can do.
"""

RECORDED = 1e-6
"""Relative difference (absolute below 1) between a recorded figure and the recomputed one.

Both are sums of the same terms in another order; 1e-6 is far above round-off and far below anything that matters.
"""

MONEY = 1e4
"""CNY/year below which costs are compared to 0.01 CNY, the least there is, instead of by their ratio.

A penalty for 1e-12 t/d that a sum left over is no cost, though it is infinitely more than none.
"""

WHOLE = 1e-6
"""Distance from a whole number at which a number of modules still counts as whole: the solvers' integrality."""

DATA = 1e-9
"""Relative slack where data meet data (an arc's km and the limit on km): there is only round-off to forgive."""


def slack(size: Any) -> Any:
    """Slack of a requirement of the given size, in the size's unit; works on numbers and on arrays."""
    return FEASIBILITY * np.maximum(1.0, np.abs(size))


def above(value: Any, limit: Any) -> Any:
    """Whether ``value`` is above ``limit`` by more than the slack."""
    return value > limit + slack(limit)


def below(value: Any, limit: Any) -> Any:
    """Whether ``value`` is below ``limit`` by more than the slack."""
    return value < limit - slack(limit)


def carries(t_d: Any) -> Any:
    """Whether a flow (t/d) counts as used rather than as a solver's crumb."""
    return np.abs(t_d) > FEASIBILITY


def differs(recorded: Any, recomputed: Any, least: float = 1.0) -> Any:
    """Whether a recorded figure departs from the recomputed one; a missing (NaN) record always does.

    ``least`` is the size below which the difference is no longer relative.
    """
    return ~(np.abs(recorded - recomputed) <= RECORDED * np.maximum(least, np.abs(recomputed)))


def within(value: Any, limit: Any) -> Any:
    """Whether a figure of the data (km, minutes) keeps a limit of the data; NaN does not."""
    return value <= limit * (1.0 + DATA)
