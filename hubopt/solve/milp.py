"""A mixed-integer program in arrays, and where each variable of the model went (no Pyomo: solver processes load it)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Milp:
    """Minimise ``cost @ x + offset`` subject to ``row_lower <= matrix @ x <= row_upper`` and ``lower <= x <= upper``.

    ``matrix`` is CSR of shape (rows, columns); ``integer`` marks integer columns, ``strengthening`` the rows that
    are implied at integer points and may be treated as cuts. ``groups`` gives, for each
    variable of the Pyomo model, its indices and their column numbers in the same order; ``row_names`` name the rows.
    """

    cost: Vector
    offset: float
    matrix: sparse.csr_array
    row_lower: Vector
    row_upper: Vector
    lower: Vector
    upper: Vector
    integer: Mask
    strengthening: Mask
    row_names: tuple[str, ...] = field(repr=False, default=())
    groups: Mapping[str, Mapping[Any, int]] = field(repr=False, default_factory=dict)

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.cost)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    def with_rows(self, chosen: Mask) -> Milp:
        """The program with only the chosen rows."""
        return replace(
            self,
            matrix=self.matrix[chosen],
            row_lower=self.row_lower[chosen],
            row_upper=self.row_upper[chosen],
            strengthening=self.strengthening[chosen],
            row_names=tuple(name for name, keep in zip(self.row_names, chosen, strict=True) if keep),
        )

    def column_mask(self, group: str, chosen: Any) -> Mask:
        """Columns of a variable whose index satisfies the predicate ``chosen``."""
        mask = np.zeros(self.columns, dtype=bool)
        mask[[column for index, column in self.groups.get(group, {}).items() if chosen(index)]] = True
        return mask

    def objective(self, values: Vector) -> float:
        """Objective of a point (model units)."""
        return float(self.cost @ values) + self.offset
