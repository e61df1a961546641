"""The program of the first stage alone: its decisions, what is known of the scenarios' costs, and what was tried."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from hubopt.solve.milp import Milp, Vector
from hubopt.study.stochastic.program import Key, Numbers, Part, alike
from hubopt.study.stochastic.recourses import Plane


def decisions_of(parts: Sequence[Part]) -> tuple[Key, ...]:
    """The decisions of the first stage, of all scenarios."""
    return tuple(dict.fromkeys(key for part in parts for key in part.decided))


def columns_of(part: Part, keys: Sequence[Key]) -> Numbers:
    """A scenario's columns of some decisions; -1 where it has none."""
    return np.array([part.decided.get(key, -1) for key in keys], dtype=np.int64)


def bounds_of(parts: Sequence[Part], keys: Sequence[Key]) -> tuple[Vector, Vector]:
    """The bounds of decisions that hold in every scenario."""
    lower, upper = np.full(len(keys), -np.inf), np.full(len(keys), np.inf)
    for part in parts:
        columns = columns_of(part, keys)
        has = columns >= 0
        lower[has] = np.maximum(lower[has], part.program.lower[columns[has]])
        upper[has] = np.minimum(upper[has], part.program.upper[columns[has]])
    return lower, upper


def switches_of(parts: Sequence[Part]) -> float:
    """How many yes-or-no questions the first stage is: steps of whole numbers; infinite if it is more than that."""
    keys = decisions_of(parts)
    lower, upper = bounds_of(parts, keys)
    whole = np.ones(len(keys), dtype=bool)
    for part in parts:
        columns = columns_of(part, keys)
        has = columns >= 0
        whole[has] &= part.program.integer[columns[has]]
    free = upper > lower + 1e-9
    if (free & ~whole).any() or not np.isfinite(upper - lower).all():
        return math.inf
    return float(np.sum(np.floor(upper + 1e-9) - np.ceil(lower - 1e-9)))


class Master:
    """Least expected cost as far as planes below the scenarios' costs tell, over the first stages not yet tried.

    Columns: the decisions; one per step of a whole number (``x = lower + sum of steps``, each only after the one
    before), so that a first stage is a set of steps; the cost of each scenario. Further rows are planes and first
    stages that are struck out.

    Parameters
    ----------
    parts
        The scenarios.
    floors
        What each scenario costs at least, whatever the first stage (model units).
    """

    def __init__(self, parts: Sequence[Part], floors: Vector) -> None:
        self.keys = decisions_of(parts)
        self.lower, self.upper = bounds_of(parts, self.keys)
        self._chances = np.array([part.case.probability for part in parts])
        count = len(self.keys)
        sizes = np.round(self.upper - self.lower).astype(int)
        self._owner = np.repeat(np.arange(count), sizes)
        self._first = np.concatenate([[0], np.cumsum(sizes)])
        steps = len(self._owner)
        self._cost_at = count + steps
        self.columns = self._cost_at + len(parts)
        self._lower = np.concatenate([self.lower, np.zeros(steps), floors])
        self._upper = np.concatenate([self.upper, np.ones(steps), np.full(len(parts), np.inf)])
        self._integer = np.zeros(self.columns, dtype=bool)
        self._integer[count : self._cost_at] = True
        self._rows: list[dict[int, float]] = []
        self._limits: list[tuple[float, float]] = []
        for number in range(count):
            own = {number: 1.0} | {count + step: -1.0 for step in self._steps(number)}
            self._add(own, self.lower[number], self.lower[number])
            for one, after in zip(self._steps(number)[:-1], self._steps(number)[1:], strict=True):
                self._add({count + one: 1.0, count + after: -1.0}, 0.0, np.inf)
        self._take_rows(parts)

    def _steps(self, number: int) -> range:
        return range(self._first[number], self._first[number + 1])

    def _add(self, row: dict[int, float], lower: float, upper: float) -> None:
        self._rows.append(row)
        self._limits.append((lower, upper))

    def _take_rows(self, parts: Sequence[Part]) -> None:
        """The rows of the scenarios that are about the decisions alone, each once."""
        known = set()
        for part in parts:
            program = part.program
            place = np.full(program.columns, -1, dtype=np.int64)
            columns = columns_of(part, self.keys)
            place[columns[columns >= 0]] = np.flatnonzero(columns >= 0)
            pointers, decided = program.matrix.indptr, place[program.matrix.indices] >= 0
            for row in range(program.rows):
                own = np.arange(pointers[row], pointers[row + 1])
                if not len(own) or not decided[own].all():
                    continue
                mark = alike(program, row, own, place)
                if mark not in known:
                    known.add(mark)
                    entries = zip(place[program.matrix.indices[own]], program.matrix.data[own], strict=True)
                    limits = float(program.row_lower[row]), float(program.row_upper[row])
                    self._add({int(column): float(value) for column, value in entries}, *limits)

    # -- what is learned -----------------------------------------------------------------------------------------

    def learn(self, scenario: int, plane: Plane) -> None:
        """Take a plane of a scenario."""
        row = {number: -float(slope) for number, slope in enumerate(plane.slopes) if slope != 0.0}
        if plane.cost:
            row[self._cost_at + scenario] = 1.0
        self._add(row, plane.value - float(plane.slopes @ plane.at), np.inf)

    def strike_out(self, at: Vector) -> None:
        """Never come back to a first stage: at least one step must be another one."""
        count = len(self.keys)
        taken = {
            step
            for number in range(count)
            for step in list(self._steps(number))[: round(float(at[number] - self.lower[number]))]
        }
        row = {count + step: -1.0 if step in taken else 1.0 for step in range(len(self._owner))}
        self._add(row, 1.0 - len(taken), np.inf)

    # -- what it is asked ----------------------------------------------------------------------------------------

    def program(self, *, relaxed: bool = False) -> Milp:
        """The program as it stands, or its linear relaxation."""
        entries = [(row, column, value) for row, own in enumerate(self._rows) for column, value in own.items()]
        rows, columns, values = (np.array(part) for part in zip(*entries, strict=True)) if entries else ([], [], [])
        cost = np.zeros(self.columns)
        cost[self._cost_at :] = self._chances
        limits = np.array(self._limits).reshape(-1, 2)
        return Milp(
            cost, 0.0, sparse.csr_array((values, (rows, columns)), shape=(len(self._rows), self.columns)),
            limits[:, 0], limits[:, 1], self._lower, self._upper,
            np.zeros(self.columns, dtype=bool) if relaxed else self._integer, np.zeros(len(limits), dtype=bool),
        )  # fmt: skip

    def decision(self, values: Vector) -> Vector:
        """The decisions at a point of the program."""
        return np.clip(values[: len(self.keys)], self.lower, self.upper)

    def costs(self, values: Vector) -> Vector:
        """What the scenarios cost at a point of the program, as far as it knows."""
        return values[self._cost_at :]
