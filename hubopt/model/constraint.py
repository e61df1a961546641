"""What a constraint is: a named rule over a named sparse index set, perhaps under a policy switch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyomo.environ as pyo

from hubopt.instance.policy import Switch
from hubopt.model.network import Network

Index = tuple[Any, ...]


@dataclass(frozen=True)
class Constraint:
    """A family of rows: ``rule(model, *index)`` for every index in ``index_set(network)``.

    ``rule`` returns a Pyomo relational expression. The mathematics page is made from its docstring. ``switch``
    names the policy switch that turns the family off; None means that it always holds. A ``strengthening`` family is
    implied by the others at integer points and only tightens the relaxation: a solver may add its rows as cuts.
    """

    rule: Callable[..., Any]
    index_set: Callable[[Network], Sequence[Index]]
    switch: Switch | None = None
    strengthening: bool = False

    @property
    def name(self) -> str:
        """Name of the family, that of its rule."""
        return self.rule.__name__


def row(model: Any, expression: Any, relation: Literal["<=", ">=", "=="], limit: float) -> Any:
    """``expression relation limit``, also where the expression has no variable.

    A row without variables is left out if it holds; if it cannot hold it is kept as a named, impossible row
    (``nothing`` is fixed at 0), so that an infeasible model can still name its cause.
    """
    if isinstance(expression, int | float):
        holds = {"<=": expression <= limit, ">=": expression >= limit, "==": expression == limit}[relation]
        if holds:
            return pyo.Constraint.Skip
        return model.nothing == 1
    if relation == "<=":
        return expression <= limit
    if relation == ">=":
        return expression >= limit
    return expression == limit
