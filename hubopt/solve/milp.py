"""The compiled model: a mixed-integer program in arrays, and where each Pyomo variable went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from hubopt.model import CONSTRAINTS

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


def compile_model(model: pyo.ConcreteModel) -> Milp:
    """Compile a Pyomo model with one objective to arrays. Variables that no row and no cost uses are left out."""
    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    columns = form.columns
    senses = np.array([row.bound_type for row in form.rows])
    rhs = np.asarray(form.rhs, dtype=float)
    lower = np.array([-np.inf if x.lb is None else x.lb for x in columns], dtype=float)
    upper = np.array([np.inf if x.ub is None else x.ub for x in columns], dtype=float)
    families = [CONSTRAINTS.get(row.constraint.parent_component().local_name) for row in form.rows]
    groups: dict[str, dict[Any, int]] = {}
    for number, variable in enumerate(columns):
        groups.setdefault(variable.parent_component().local_name, {})[variable.index()] = number
    return Milp(
        cost=np.asarray(form.c.todense(), dtype=float).ravel(),
        offset=float(np.asarray(form.c_offset).ravel()[0]),
        matrix=sparse.csr_array(form.A),
        row_lower=np.where(senses == 1, -np.inf, rhs),
        row_upper=np.where(senses == -1, np.inf, rhs),
        lower=lower,
        upper=upper,
        integer=np.array([not x.is_continuous() for x in columns], dtype=bool),
        strengthening=np.array([item is not None and item.strengthening for item in families], dtype=bool),
        row_names=tuple(row.constraint.name for row in form.rows),
        groups=groups,
    )
