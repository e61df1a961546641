"""From the Pyomo model to arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from hubopt.model import CONSTRAINTS
from hubopt.solve.milp import Milp


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
