"""A mixed-integer program in arrays, and where each variable of the model went (no Pyomo: solver processes load it)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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

    @property
    def nameless(self) -> Milp:
        """The numbers alone, as a solver process needs them: names and groups are most of what would be sent."""
        return replace(self, row_names=(), groups={})

    def with_rows(self, chosen: Mask) -> Milp:
        """The program with only the chosen rows."""
        return replace(
            self,
            matrix=self.matrix[chosen],
            row_lower=self.row_lower[chosen],
            row_upper=self.row_upper[chosen],
            strengthening=self.strengthening[chosen],
            row_names=tuple(name for name, keep in zip(self.row_names, chosen, strict=bool(self.row_names)) if keep),
        )

    def without(self, names: Iterable[str]) -> Milp:
        """A relaxation without some variables: their columns stay, at 0, and rows that need them are left out.

        Kept are the rows in which such columns only use up room, so that a bound on the result is one on the whole if
        the columns cost nothing less than 0.

        Raises
        ------
        ValueError
            If one of the columns is integer or has a negative lower bound or cost.
        """
        gone = self.columns_of(names)
        if (self.integer & gone).any() or (self.lower[gone] < 0).any() or (self.cost[gone] < 0).any():
            raise ValueError("only continuous columns of no gain can be left out")
        part = self.matrix[:, np.flatnonzero(gone)].tocoo()
        least, most = np.zeros(self.rows), np.zeros(self.rows)
        np.minimum.at(least, part.row, part.data)
        np.maximum.at(most, part.row, part.data)
        kept = ((most <= 0) | np.isneginf(self.row_lower)) & ((least >= 0) | np.isposinf(self.row_upper))
        return replace(self, upper=np.where(gone, 0.0, self.upper)).with_rows(kept)

    def elastic(self, families: Collection[str], penalty: float) -> Milp:
        """The program with a column ``shortfall`` at the end for each row of the families, which may miss its limit.

        Parameters
        ----------
        families
            Names of constraints that may be missed.
        penalty
            Cost of one unit of a row's shortfall (model units).
        """
        soft = np.array([name.partition("[")[0] in families for name in self.row_names], dtype=bool)
        numbers = np.flatnonzero(soft)
        signs = np.where(np.isfinite(self.row_lower[numbers]), 1.0, -1.0)
        added = sparse.csr_array((signs, (numbers, np.arange(len(numbers)))), shape=(self.rows, len(numbers)))
        none = np.zeros(len(numbers))
        return replace(
            self,
            cost=np.concatenate([self.cost, none + penalty]),
            matrix=sparse.csr_array(sparse.hstack([self.matrix, added], format="csr")),
            lower=np.concatenate([self.lower, none]),
            upper=np.concatenate([self.upper, none + np.inf]),
            integer=np.concatenate([self.integer, none.astype(bool)]),
            groups={**self.groups, "shortfall": {number: self.columns + place for place, number in enumerate(numbers)}},
        )

    def with_one_of(self, choices: Mapping[str, Collection[int]]) -> Milp:
        """The program with a row more for each choice: at least one of its columns is at 1.

        Parameters
        ----------
        choices
            Columns by the name of their row.
        """
        columns = [column for chosen in choices.values() for column in chosen]
        numbers = [number for number, chosen in enumerate(choices.values()) for _ in chosen]
        added = sparse.csr_array((np.ones(len(columns)), (numbers, columns)), shape=(len(choices), self.columns))
        return replace(
            self,
            matrix=sparse.csr_array(sparse.vstack([self.matrix, added], format="csr")),
            row_lower=np.concatenate([self.row_lower, np.ones(len(choices))]),
            row_upper=np.concatenate([self.row_upper, np.full(len(choices), np.inf)]),
            strengthening=np.concatenate([self.strengthening, np.zeros(len(choices), dtype=bool)]),
            row_names=(*self.row_names, *choices),
        )

    def at_zero(self, name: str) -> Milp:
        """The program with every column of a variable fixed at 0."""
        return replace(self, upper=np.where(self.columns_of([name]), 0.0, self.upper))

    def priced(self, name: str, cost: float) -> Milp:
        """The program with another cost of every column of a variable (model units)."""
        return replace(self, cost=np.where(self.columns_of([name]), cost, self.cost))

    def columns_of(self, names: Iterable[str]) -> Mask:
        """Columns of some variables."""
        mask = np.zeros(self.columns, dtype=bool)
        for name in names:
            mask[list(self.groups.get(name, {}).values())] = True
        return mask

    def column_mask(self, group: str, chosen: Any) -> Mask:
        """Columns of a variable whose index satisfies the predicate ``chosen``."""
        mask = np.zeros(self.columns, dtype=bool)
        mask[[column for index, column in self.groups.get(group, {}).items() if chosen(index)]] = True
        return mask

    def rounded(self, values: Vector) -> Vector:
        """A point with its integer columns rounded."""
        return np.where(self.integer, np.round(values), values)

    def objective(self, values: Vector) -> float:
        """Objective of a point (model units)."""
        return float(self.cost @ values) + self.offset
