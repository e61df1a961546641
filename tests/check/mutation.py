"""How mutations are made: a trial without a flaw, edits of it, and the list of what they must break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from hubopt.check import RULES
from hubopt.instance import Instance
from hubopt.solution.types import Plan
from tests.check.hand import FLOWS, Trial, hand_case, hand_trial


@dataclass(frozen=True)
class Mutation:
    """A broken trial, the rule that it is for and the other rules that it cannot help breaking."""

    rule: str
    what: str
    trial: Trial
    besides: frozenset[str] = frozenset()


MUTATIONS: list[Mutation] = []


def breaks(rule: str, *besides: str) -> Callable[[Callable[[], Trial]], Callable[[], Trial]]:
    """Register the trial that the function below makes."""
    assert {rule, *besides} <= set(RULES)

    def register(make: Callable[[], Trial]) -> Callable[[], Trial]:
        MUTATIONS.append(Mutation(rule, make.__name__, make(), frozenset(besides)))
        return make

    return register


# figures that came with the paper plan say nothing about a changed one
BASE = hand_trial().but(cost=None, objective=None, kpi=None)


def cell(table: str, row: int, column: str, value: Any) -> Callable[[Plan], Plan]:
    """An edit of one cell."""

    def edit(plan: Plan) -> Plan:
        frame = getattr(plan, table)
        cells = list(frame[column])
        cells[row] = value
        return replace(plan, **{table: frame.assign(**{column: cells})})

    return edit


def rows(table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Plan], Plan]:
    """An edit of one table."""
    return lambda plan: replace(plan, **{table: change(getattr(plan, table))})


def more(table: pd.DataFrame, *added: tuple[object, ...]) -> pd.DataFrame:
    """A table with some more rows."""
    return pd.concat([table, pd.DataFrame(list(added), columns=table.columns)], ignore_index=True)


def figures(kind: str, id: str, **values: object) -> Instance:
    """The paper case with other figures of one design, commodity or hub type."""
    structure = hand_case().structure
    items = tuple(item.model_copy(update=values) if item.id == id else item for item in getattr(structure, kind))
    return replace(hand_case(), structure=structure.model_copy(update={kind: items}))


def table_cell(table: str, key: str, id: str, column: str, value: object) -> Instance:
    """The paper case with another value in one cell of a table."""
    frame = getattr(hand_case(), table)
    return hand_case().with_tables(**{table: frame.assign(**{column: frame[column].mask(frame[key] == id, value)})})


def flows(**t_d: float) -> pd.DataFrame:
    """The paper flows with other amounts by origin."""
    return FLOWS.assign(
        t_d=[t_d.get(origin, amount) for origin, amount in zip(FLOWS["origin"], FLOWS["t_d"], strict=True)]
    )
