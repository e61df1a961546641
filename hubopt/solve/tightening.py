r"""The largest values that rows leave continuous columns, and rows that link them to whole ones made as tight as these.

A row :math:`a x \le M y` with y in {0, 1} is a good relaxation only if M is the largest a x there is. Once a part of a
plan is decided, much less can come through most links than before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hubopt.solve.milp import Milp, Vector

PASSES = 4
"""Times that the rows are gone through: a bound reaches the next level of the network each time."""
LESS = 1e-6
"""Relative fall of a bound that is worth taking over."""
ROOM = 1e-9
"""Relative room left above a bound that follows from others, for the arithmetic."""


@dataclass(frozen=True)
class _Entries:
    """The entries of a matrix one by one."""

    row: NDArray[np.intp]
    column: NDArray[np.intp]
    rows: int

    def others(self, terms: Vector) -> Vector:
        """The sum of the other terms of each entry's row, infinite if one of these is."""
        endless = np.isinf(terms)
        finite = np.where(endless, 0.0, terms)
        total = np.bincount(self.row, finite, self.rows)
        count = np.bincount(self.row, endless, self.rows)
        return np.where(count[self.row] - endless > 0, np.inf, total[self.row] - finite)


def largest(program: Milp) -> Vector:
    """Upper bounds of the columns: those of whole columns as they are, of the others as the rows have them.

    Returns
    -------
    ndarray, shape (columns,)
        Nowhere above the upper bounds of the program, nowhere below its lower ones (model units).
    """
    matrix = sparse.coo_array(program.matrix)
    a = matrix.data
    entries = _Entries(matrix.row, matrix.col, program.rows)
    upper = program.upper.copy()
    for _ in range(PASSES):
        low = np.where(a > 0, program.lower[entries.column], upper[entries.column])
        high = np.where(a > 0, upper[entries.column], program.lower[entries.column])
        # a x <= row_upper - least of the others, and -a x <= most of the others - row_lower
        least = -entries.others(-a * low)
        most = entries.others(a * high)
        high_side, low_side = program.row_upper[entries.row] - least, most - program.row_lower[entries.row]
        found = np.full(program.columns, np.inf)
        np.minimum.at(found, entries.column, np.where(a > 0, high_side, low_side) / np.abs(a))
        found[program.integer] = np.inf
        finite = np.isfinite(found)
        unit = np.maximum(1.0, np.abs(found[finite]))
        found[finite] = np.maximum(found[finite] + ROOM * unit, program.lower[finite])
        falls = np.zeros(program.columns, dtype=bool)
        falls[finite] = upper[finite] - found[finite] > LESS * unit
        if not falls.any():
            break
        upper = np.where(falls, found, upper)
    return upper


def tightened(program: Milp) -> Milp:
    """The program with the upper bounds that its rows imply, and rows a x <= M y no looser than these.

    Its solutions are those of the program, with y in {0, 1}.
    """
    upper = largest(program)
    matrix = sparse.csr_array(program.matrix).copy()
    rows = np.flatnonzero((np.diff(matrix.indptr) == 2) & (program.row_upper == 0) & np.isneginf(program.row_lower))
    start = matrix.indptr[rows]
    binary = program.integer & (program.lower >= 0) & (program.upper <= 1)
    for x, y in ((start, start + 1), (start + 1, start)):
        bounded, switch = matrix.indices[x], matrix.indices[y]
        links = ~program.integer[bounded] & binary[switch] & (matrix.data[x] > 0) & (matrix.data[y] < 0)
        most = -matrix.data[x] * np.maximum(upper[bounded], 0.0)
        chosen = links & (most > matrix.data[y])
        matrix.data[y[chosen]] = most[chosen]
    return replace(program, upper=upper, matrix=matrix)
