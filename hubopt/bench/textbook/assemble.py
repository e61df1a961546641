"""Programs put together from blocks of columns and rows, without a loop over single entries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hubopt.solve.milp import Milp, Vector

Numbers = NDArray[np.int64]

Term = tuple[Numbers, float | Vector]
"""Columns of a block of rows, one entry a row in each (shape (rows,) or (rows, entries)), and their coefficients."""


class Draft:
    """A program in the making: columns first, then rows over them; minimised."""

    def __init__(self) -> None:
        self._cost: list[Vector] = []
        self._upper: list[Vector] = []
        self._integer: list[NDArray[np.bool_]] = []
        self._entries: list[tuple[Numbers, Numbers, Vector]] = []
        self._lower_rows: list[Vector] = []
        self._upper_rows: list[Vector] = []
        self.columns = 0
        self.rows = 0

    def add(self, cost: Vector, upper: float | Vector = np.inf, *, integer: bool = False) -> Numbers:
        """Columns from 0 to ``upper``, one for each entry of ``cost``; their numbers in the shape of ``cost``."""
        count = cost.size
        self._cost.append(cost.ravel().astype(float))
        self._upper.append(np.broadcast_to(np.asarray(upper, dtype=float), cost.shape).ravel())
        self._integer.append(np.full(count, integer))
        numbers = np.arange(self.columns, self.columns + count).reshape(cost.shape)
        self.columns += count
        return numbers

    def restrict(self, terms: Sequence[Term], lower: float | Vector, upper: float | Vector) -> None:
        """Rows: the sum of the terms lies between the limits. A term of shape (rows, n) has n entries in each row."""
        count = len(terms[0][0])
        numbers = np.arange(self.rows, self.rows + count)
        for columns, coefficients in terms:
            wide = columns.reshape(count, -1)
            values = np.asarray(coefficients, dtype=float)
            by_row = values if values.ndim == 0 else values.reshape(count, -1)
            full = np.broadcast_to(by_row, wide.shape)
            self._entries.append((np.repeat(numbers, wide.shape[1]), wide.ravel(), full.ravel()))
        self._lower_rows.append(np.broadcast_to(np.asarray(lower, dtype=float), (count,)))
        self._upper_rows.append(np.broadcast_to(np.asarray(upper, dtype=float), (count,)))
        self.rows += count

    def program(self, offset: float = 0.0) -> Milp:
        """The program in arrays."""
        rows, columns, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        matrix = sparse.csr_array(sparse.coo_array((values, (rows, columns)), shape=(self.rows, self.columns)))
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return Milp(
            cost=np.concatenate(self._cost),
            offset=offset,
            matrix=matrix,
            row_lower=np.concatenate(self._lower_rows),
            row_upper=np.concatenate(self._upper_rows),
            lower=np.zeros(self.columns),
            upper=np.concatenate(self._upper),
            integer=np.concatenate(self._integer),
            strengthening=np.zeros(self.rows, dtype=bool),
        )


def fewest(capacity: Vector, demand: float) -> int:
    """The least number of sites whose capacities together reach the demand."""
    reached = np.cumsum(np.sort(capacity)[::-1])
    return int(np.searchsorted(reached, demand * (1 - 1e-12))) + 1


def require_room(draft: Draft, opened: Numbers, capacity: Vector, demand: float) -> None:
    r"""Total demand: :math:`\sum_i Q_i y_i \ge D`, and at least as many sites as are needed for it.

    Implied by the rows of demand and capacity together, but no solver adds up all of them by itself.
    """
    if demand > 0:
        draft.restrict([(opened[None, :], capacity[None, :])], demand, np.inf)
        draft.restrict([(opened[None, :], 1.0)], fewest(capacity, demand), np.inf)
