"""Rows of a Pyomo model as canonical text, one line a row, for comparison and for golden files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pyomo.environ as pyo
from pyomo.repn import generate_standard_repn

from hubopt.instance import Policy
from hubopt.instance.policy import Charges
from hubopt.model import (
    CONSTRAINTS,
    Network,
    Scale,
    add_constraint,
    budgets,
    carbon,
    chain,
    charges,
    concentration,
    empty_model,
    exchange,
    make_network,
    modes,
    outages,
    phasing,
    stock,
)
from tests.model import planned
from tests.model.small import small, stretched

GOLDEN = Path(__file__).parent / "golden"

OF_THE_WHOLE_PLAN = {
    item.name
    for family in (phasing, stock, exchange, modes, chain, concentration, outages, carbon, budgets, charges)
    for item in family.CONSTRAINTS
} - {"worst_access", "worst_delivery"} | {"used_enough", "presence_at_least", "presence_at_most"}
"""Families whose golden file is of the case of two periods; the others' is of the small case."""


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


@cache
def planned_network() -> Network:
    """The case of two periods in t/d and CNY."""
    return make_network(planned.planned(), planned.POLICY, Scale())


@cache
def small_network() -> Network:
    """The small case in t/d and CNY; missed service is charged for."""
    return make_network(small(), Policy(charges=Charges(missed_cny_year=1e5)), Scale())


@cache
def stretched_network() -> Network:
    """The small case whose stations may take more than their modules do, for 7 CNY/t, in t/d and CNY."""
    return make_network(stretched(), Policy(), Scale())


def rows_of(name: str) -> list[str]:
    """The rows of one family, alone in a model of its case in t/d and CNY."""
    whole = planned_network() if name in OF_THE_WHOLE_PLAN else small_network()
    model = empty_model(stretched_network() if name == "overflow_needs_open" else whole)
    add_constraint(model, CONSTRAINTS[name])
    assert [block.local_name for block in model.component_objects(pyo.Constraint)] == [name]
    return sorted(text_of(row) for row in model.component(name).values())
