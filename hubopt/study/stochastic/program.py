"""The programs of the scenarios, and the one program in which they share the columns of the first stage.

Every scenario's program is the model's own, built from an ordinary instance and compiled; nothing of it is written
again here. What is decided before the scenario is known are sites, designs and sizes of all periods, with what follows
from them alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hubopt.instance import apply
from hubopt.model import Network, Scale, build
from hubopt.model.scale import choose_scale
from hubopt.solve.compile import compile_model
from hubopt.solve.milp import Mask, Milp, Vector
from hubopt.study.stochastic.cases import Case

DECIDED = ("open", "modules", "converted")
"""Variables of the first stage that are decisions; a point of the first stage is their values."""

FIRST_STAGE = (*DECIDED, "stopped", "built", "founded", "in_use", "carried_over")
"""All variables of the first stage: the others follow from the decisions."""

Key = tuple[str, Any]
"""A variable of the model and its index."""

Numbers = NDArray[np.int64]

_CONVERTED_SLACK = 1e-7
"""Modules by which converted floor area may miss what was decided: it is no whole number."""


@dataclass(frozen=True, eq=False)
class Part:
    """A scenario's case, network and program (all parts in the same units)."""

    case: Case
    network: Network
    program: Milp

    @cached_property
    def first(self) -> Mapping[Key, int]:
        """Columns of the first stage."""
        groups = self.program.groups
        return {(name, index): column for name in FIRST_STAGE for index, column in groups.get(name, {}).items()}

    @cached_property
    def decided(self) -> Mapping[Key, int]:
        """Columns of the decisions of the first stage."""
        return {key: column for key, column in self.first.items() if key[0] in DECIDED}

    @property
    def money(self) -> float:
        """CNY/year in one model unit."""
        return self.network.scale.money_cny

    def decision(self, values: Vector) -> dict[Key, float]:
        """The decisions of the first stage at a point: whole numbers, but for converted floor area."""
        whole = {key: float(values[column]) for key, column in self.decided.items()}
        return {key: value if key[0] == "converted" else float(round(value)) for key, value in whole.items()}

    def held(self, decision: Mapping[Key, float]) -> Milp:
        """The program of what is left to decide once the first stage is."""
        lower, upper = self.program.lower.copy(), self.program.upper.copy()
        for key, column in self.decided.items():
            value = decision[key]
            slack = _CONVERTED_SLACK if key[0] == "converted" else 0.0
            lower[column], upper[column] = max(lower[column], value - slack), min(upper[column], value + slack)
        return replace(self.program, lower=lower, upper=upper)

    def priced(self, prices: Mapping[Key, float]) -> Milp:
        """The program with further costs on the decisions of the first stage (model units)."""
        cost = self.program.cost.copy()
        for key, column in self.decided.items():
            cost[column] += prices.get(key, 0.0)
        return replace(self.program, cost=cost)


def shared_scale(cases: Sequence[Case]) -> Scale:
    """The units of the first case, for all of them."""
    return choose_scale(apply(cases[0].instance, cases[0].policy))


def part_of(case: Case, scale: Scale) -> Part:
    """Build and compile the program of a case in the given units."""
    model = build(case.instance, case.policy, scale)
    return Part(case, model.network, compile_model(model))


def alike(program: Milp, row: int, own: Numbers, place: Numbers) -> tuple[Any, ...]:
    """A row of first-stage columns, so that equal rows of two scenarios are equal."""
    columns = program.matrix.indices[own]
    order = np.argsort(place[columns])
    return (
        tuple(place[columns[order]].tolist()), tuple(program.matrix.data[own][order].tolist()),
        float(program.row_lower[row]), float(program.row_upper[row]),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Joined:
    """The extensive form: one program of all scenarios.

    ``places[s]`` are the columns of scenario s's program in it; ``program`` minimises the expected cost.
    """

    parts: tuple[Part, ...]
    program: Milp
    places: tuple[Numbers, ...]

    def values(self, number: int, values: Vector) -> Vector:
        """The point of one scenario."""
        return values[self.places[number]]

    def decision(self, values: Vector) -> dict[Key, float]:
        """The decisions of the first stage at a point."""
        return self.parts[0].decision(self.values(0, values))

    def costs(self, number: int) -> tuple[Vector, float]:
        """Cost of one scenario over the columns of the whole, and its constant (model units)."""
        program = self.parts[number].program
        cost = np.zeros(self.program.columns)
        cost[self.places[number]] = program.cost
        return cost, program.offset


def join(parts: Sequence[Part]) -> Joined:
    """Join the programs of scenarios on their first stage; the objective is the expected cost."""
    shared: dict[Key, int] = {}
    for part in parts:
        for key in part.first:
            shared.setdefault(key, len(shared))
    count, places = len(shared), []
    for part in parts:
        place = np.full(part.program.columns, -1, dtype=np.int64)
        for key, column in part.first.items():
            place[column] = shared[key]
        own = np.flatnonzero(place < 0)
        place[own] = count + np.arange(len(own))
        count += len(own)
        places.append(place)
    lower, upper = np.full(count, -np.inf), np.full(count, np.inf)
    cost, integer, offset = np.zeros(count), np.zeros(count, dtype=bool), 0.0
    matrices, row_lower, row_upper, strengthening, names = [], [], [], [], []
    known: set[tuple[Any, ...]] = set()
    for part, place in zip(parts, places, strict=True):
        program, chance = part.program, part.case.probability
        np.maximum.at(lower, place, program.lower)
        np.minimum.at(upper, place, program.upper)
        integer[place] |= program.integer
        np.add.at(cost, place, chance * program.cost)
        offset += chance * program.offset
        kept = _kept_rows(program, place, len(shared), known)
        entries = program.matrix[np.flatnonzero(kept)].tocoo()
        shape = (int(kept.sum()), count)
        matrices.append(sparse.csr_array((entries.data, (entries.row, place[entries.col])), shape=shape))
        row_lower.append(program.row_lower[kept])
        row_upper.append(program.row_upper[kept])
        strengthening.append(program.strengthening[kept])
        names += [f"{part.case.id}: {name}" for name, keep in zip(program.row_names, kept, strict=True) if keep]
    joined = Milp(
        cost, offset, sparse.csr_array(sparse.vstack(matrices, format="csr")), np.concatenate(row_lower),
        np.concatenate(row_upper), lower, upper, integer, np.concatenate(strengthening), tuple(names),
    )  # fmt: skip
    return Joined(tuple(parts), joined, tuple(places))


def _kept_rows(program: Milp, place: Numbers, shared: int, known: set[tuple[Any, ...]]) -> Mask:
    """Rows of a scenario that no scenario before it has said already: those of the first stage are mostly alike."""
    kept = np.ones(program.rows, dtype=bool)
    pointers, first = program.matrix.indptr, place[program.matrix.indices] < shared
    for row in range(program.rows):
        own = np.arange(pointers[row], pointers[row + 1])
        if len(own) and first[own].all():
            mark = alike(program, row, own, place)
            kept[row] = mark not in known
            known.add(mark)
    return kept
