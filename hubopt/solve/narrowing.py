r"""Which integer columns may be other than at one end in any solution worth having, by the prices of a relaxation.

For any prices :math:`\lambda` of the rows the bound :math:`L(\lambda)` is the sum of what each row and each column
gives at best, a column with a reduced cost :math:`r_j \ge 0` at its lower end. A solution with an integer column j one
above that end costs :math:`L(\lambda) + r_j` or more: where that is more than a limit, the column may stay where it
is. The same holds from the upper end with :math:`r_j \le 0`. What is left is a smaller program, whose bound together
with the limit is a bound of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hubopt.solve.engine.sifting import dual_bound
from hubopt.solve.milp import Mask, Milp, Vector

Columns = NDArray[np.intp]

SHIFTS = 3
"""Times that prices of strengthening rows are given back."""
CRUMB = 1e-12
"""Price below which a row has none."""


@dataclass(frozen=True)
class Prices:
    """A bound of a program, and by how much more any solution costs in which an integer column is not at an end.

    ``off_lower`` and ``off_upper`` (0 for columns that are not integer) are for that end; ``rows`` has every row but
    the strengthening ones without a price.
    """

    bound: float
    off_lower: Vector
    off_upper: Vector
    rows: Mask

    def narrowed(self, program: Milp, limit: float) -> tuple[Vector, Vector]:
        """Bounds of the columns for solutions that cost less than ``limit``."""
        away = limit - self.bound
        at_lower = program.integer & (self.off_lower >= away)
        at_upper = program.integer & (self.off_upper >= away) & ~at_lower
        return (
            np.where(at_upper, program.upper, program.lower),
            np.where(at_lower, program.lower, program.upper),
        )

    def limit_for(self, program: Milp, count: int) -> float:
        """The limit up to which about ``count`` integer columns are left free."""
        both = np.sort(np.maximum(self.off_lower, self.off_upper)[program.integer])
        return self.bound + float(both[min(count, len(both) - 1)]) if len(both) else np.inf


def prices(program: Milp, duals: Vector) -> Prices:
    """What the prices of the rows say of the integer columns."""
    bound, first = dual_bound(program, duals)
    lower, upper = _off(program, first)
    given_back = _given_back(program, duals, first)
    other, second = dual_bound(program, given_back)
    if np.isfinite(bound) and np.isfinite(other):
        more, less = _off(program, second)
        # each choice of prices has a bound of its own: what it says of a column is said on top of that
        lower = np.maximum(lower, more + (other - bound))
        upper = np.maximum(upper, less + (other - bound))
    rows = ~program.strengthening | (np.abs(given_back) > CRUMB)
    return Prices(bound, lower, upper, rows)


def _off(program: Milp, rest: Vector) -> tuple[Vector, Vector]:
    """By how much more a solution costs with a column off its lower end, and off its upper one."""
    up = np.where(program.integer, np.maximum(rest, 0.0), 0.0)
    down = np.where(program.integer, np.maximum(-rest, 0.0), 0.0)
    lower, upper = up.copy(), down.copy()
    for whole, forced, least in _forcing(program):
        lower[whole] = np.maximum(lower[whole], up[whole] + least * up[forced])
        # below its upper end the second column leaves no room for the first; one that has none anyway loses nothing
        tight = (program.upper[forced] == least) & (program.upper[whole] > 0)
        upper[forced[tight]] = np.maximum(upper[forced[tight]], down[forced[tight]] + down[whole[tight]])
    return lower, upper


def _forcing(program: Milp) -> list[tuple[Columns, Columns, Vector]]:
    r"""Pairs of integer columns from 0 with a row :math:`m \ge a o`, a > 0, and how far o = 1 lifts m."""
    counts = np.diff(program.matrix.indptr)
    found = []
    for sign, limit in ((1.0, program.row_lower), (-1.0, -program.row_upper)):
        chosen = np.flatnonzero((counts == 2) & (limit == 0))
        start = program.matrix.indptr[chosen]
        columns = np.stack([program.matrix.indices[start], program.matrix.indices[start + 1]])
        values = sign * np.stack([program.matrix.data[start], program.matrix.data[start + 1]])
        whole = program.integer[columns].all(axis=0) & (program.lower[columns] == 0).all(axis=0)
        for one, other in ((0, 1), (1, 0)):
            # values[other] m >= -values[one] o
            fits = whole & (values[other] > 0) & (values[one] < 0)
            least = np.ceil(-values[one][fits] / values[other][fits] - 1e-9)
            found.append((columns[one][fits], columns[other][fits], least))
    return found


def _given_back(program: Milp, duals: Vector, rest: Vector) -> Vector:
    """Prices of strengthening rows lowered as far as the columns that they hold down do not need them.

    Where a row holds a flow below an opening that is 0, any price of some range is right. The lowest leaves the
    opening the largest reduced cost.
    """
    chosen = np.flatnonzero(program.strengthening & (duals < 0) & np.isneginf(program.row_lower))
    part = sparse.csr_array(program.matrix[chosen])
    held = part.data > 0
    number = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))[held]
    columns, values = part.indices[held], part.data[held]
    single = np.bincount(number, minlength=part.shape[0])[number] == 1
    number, columns, values = number[single], columns[single], values[single]
    shared = np.bincount(columns, minlength=program.columns)[columns]
    result = duals.copy()
    for _ in range(SHIFTS):
        room = np.maximum(rest[columns], 0.0) / (values * shared)
        step = np.minimum(room, -result[chosen[number]])
        result[chosen[number]] += step
        rest = program.cost - program.matrix.T @ result
    return result
