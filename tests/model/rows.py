"""Rows of a Pyomo model as canonical text, one line a row, for comparison and for golden files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyomo.environ as pyo
from pyomo.repn import generate_standard_repn

from hubopt.instance import Policy
from hubopt.model import CONSTRAINTS, Scale, add_constraint, empty_model, make_network
from tests.model.small import small

GOLDEN = Path(__file__).parent / "golden"


def _number(value: float) -> str:
    return f"{round(value, 9) + 0.0:.10g}"


def _name(component: Any) -> str:
    return str(component.name).replace("'", "")


def text_of(row: Any) -> str:
    """``name: +a x -b y <= c``, terms by name; constants are brought to the right."""
    repn = generate_standard_repn(row.body)
    assert repn.is_linear()
    terms: dict[str, float] = {}
    for factor, variable in zip(repn.linear_coefs, repn.linear_vars, strict=True):
        terms[_name(variable)] = terms.get(_name(variable), 0.0) + factor
    left = " ".join(f"{'+' if factor >= 0 else ''}{_number(factor)} {name}" for name, factor in sorted(terms.items()))
    if row.equality:
        return f"{_name(row)}: {left} = {_number(row.upper - repn.constant)}"
    assert (row.lower is None) != (row.upper is None)
    relation, limit = ("<=", row.upper) if row.lower is None else (">=", row.lower)
    return f"{_name(row)}: {left} {relation} {_number(pyo.value(limit) - repn.constant)}"


def rows_of(name: str, policy: Policy | None = None) -> list[str]:
    """The rows of one family, alone in a model of the small case in t/d and CNY."""
    model = empty_model(make_network(small(), policy or Policy(), Scale()))
    add_constraint(model, CONSTRAINTS[name])
    assert [block.local_name for block in model.component_objects(pyo.Constraint)] == [name]
    return sorted(text_of(row) for row in model.component(name).values())
