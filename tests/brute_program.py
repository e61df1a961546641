"""A linear program that is put together row by row and solved by HiGHS through scipy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

Terms = dict[int, float]
"""Coefficients by column."""


def plus(*parts: tuple[float, Mapping[int, float]]) -> Terms:
    """The sum of terms, each with its factor."""
    found: Terms = {}
    for factor, terms in parts:
        for column, value in terms.items():
            found[column] = found.get(column, 0.0) + factor * value
    return found


class Program:
    """Columns are at least 0; the objective is to be made small."""

    def __init__(self) -> None:
        self.cost: list[float] = []
        self.upper: list[float | None] = []
        self.at_most: list[tuple[Terms, float]] = []
        self.equal: list[tuple[Terms, float]] = []

    def column(self, cost: float = 0.0, upper: float | None = None) -> int:
        """A new column."""
        self.cost.append(cost)
        self.upper.append(upper)
        return len(self.cost) - 1

    def limit(self, terms: Terms, most: float) -> None:
        """Terms are at most ``most``."""
        self.at_most.append((terms, most))

    def balance(self, terms: Terms, amount: float = 0.0) -> None:
        """Terms are exactly ``amount``."""
        self.equal.append((terms, amount))

    def least(self) -> float | None:
        """The least objective; None if nothing keeps the rows."""
        if not self.cost:
            fits = all(most >= -1e-9 for _, most in self.at_most) and all(abs(b) <= 1e-9 for _, b in self.equal)
            return 0.0 if fits else None
        result = linprog(
            self.cost,
            A_ub=self._matrix(self.at_most),
            b_ub=[most for _, most in self.at_most] or None,
            A_eq=self._matrix(self.equal),
            b_eq=[amount for _, amount in self.equal] or None,
            bounds=[(0, upper) for upper in self.upper],
            method="highs",
        )
        assert result.status in (0, 2), result.message
        return float(result.fun) if result.status == 0 else None

    def _matrix(self, rows: list[tuple[Terms, float]]) -> csr_array | None:
        if not rows:
            return None
        places = [(at, column, value) for at, (terms, _) in enumerate(rows) for column, value in terms.items()]
        ends = np.array([[at, column] for at, column, _ in places], dtype=int).reshape(-1, 2)
        values = [value for _, _, value in places]
        return csr_array((values, (ends[:, 0], ends[:, 1])), shape=(len(rows), len(self.cost)))
