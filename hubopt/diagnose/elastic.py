"""The program in which every limit may give way: one column for each limit, at the price of its scaled change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyomo.environ as pyo
from scipy import sparse

from hubopt.diagnose.limits import Limit
from hubopt.diagnose.rows import Hold, Index, Reading, holds, indices
from hubopt.diagnose.wider import added_holds, widened
from hubopt.instance import Instance, Policy
from hubopt.model import Network, build
from hubopt.solve.compile import compile_model
from hubopt.solve.milp import Mask, Milp, Vector

_ROOM = 1e-7
"""Part of a change that is added before rounding, so that a solver's tolerance cannot take it back."""

_SNAP = 1e-3
"""Part of a step below which a figure is taken for the round one: solving the changed case again settles it."""


@dataclass(frozen=True)
class Elastic:
    """The program with elastic limits.

    Attributes
    ----------
    program
        Columns of ``plain`` first, from ``first`` on one for each of ``limits``, in its grains; the objective is the
        sum of the scaled changes.
    limits
        Limits that hold some row, in the order of their columns.
    plain
        The program without elastic limits, of the wider case: what the limits keep out is in it.
    rows
        Family and index of every row of the model, in the order of ``plain``.
    """

    program: Milp
    limits: tuple[Limit, ...]
    first: int
    plain: Milp
    rows: Sequence[tuple[str, Index]]
    holds: Sequence[Hold]
    network: Network

    @cached_property
    def number(self) -> Mapping[str, int]:
        """Place of each limit among ``limits``."""
        return {limit.id: place for place, limit in enumerate(self.limits)}

    def upper(self, rigid: set[str] | frozenset[str]) -> Vector:
        """Upper bounds of the columns when some limits may not give way."""
        bounds = self.program.upper.copy()
        for place, limit in enumerate(self.limits):
            if limit.id in rigid:
                bounds[self.first + place] = 0.0
        return bounds

    def changes_at(self, values: Vector) -> dict[str, float]:
        """By how much each limit has to change for a point to keep it, in the limit's unit; only those that must."""
        plan = values[: self.plain.columns]
        activity = self.plain.matrix @ plan
        found: dict[str, float] = {}
        for hold in self.holds:
            if hold.limit not in self.number:
                continue
            missed = (
                self.plain.row_lower[hold.row] - activity[hold.row]
                if hold.side == "lower"
                else activity[hold.row] - self.plain.row_upper[hold.row]
            )
            # a row misses by no more than rounding what its limit gives as much as asked
            base = sum(x * plan[column] for column, x in hold.base.items()) if hold.base else hold.gives
            if missed > 1e-7 * max(1.0, abs(base)) and base > 0:
                limit = self.limits[self.number[hold.limit]]
                # a row that cannot hold at all stands for the limit let go
                change = limit.span if self._is_impossible(hold.row) else missed / base
                found[hold.limit] = max(found.get(hold.limit, 0.0), change)
        return found

    def rescaled(self, scales: Mapping[str, float]) -> Elastic:
        """The same with other scales for some limits."""
        limits = tuple(replace(limit, scale=scales.get(limit.id, limit.scale)) for limit in self.limits)
        impossible = _impossible(self.plain)
        return replace(self, limits=limits, program=_extended(self.plain, limits, self.holds, impossible))

    def _is_impossible(self, row: int) -> bool:
        nothing = next(iter(self.plain.groups.get("nothing", {}).values()), None)
        part = self.plain.matrix.indices[self.plain.matrix.indptr[row] : self.plain.matrix.indptr[row + 1]]
        return nothing is not None and list(part) == [nothing]

    def outward(self, name: str, change: float) -> float:
        """The new figure of a limit that has to change by so much, rounded so that it holds."""
        limit = self.limits[self.number[name]]
        wanted = change * (1 + _ROOM) + _ROOM * limit.step
        sign = 1 if limit.raises else -1
        exact = (limit.value + sign * wanted) / limit.step
        near = round(exact)
        if abs(exact - near) < _SNAP:
            figure = near * limit.step
        else:
            figure = (math.ceil(exact) if limit.raises else math.floor(exact)) * limit.step
        digits = max(0, 3 - math.floor(math.log10(limit.step))) if limit.step < 1 else 0
        figure = round(figure, digits)
        return min(figure, limit.furthest) if limit.raises else max(figure, limit.furthest)


def _extended(program: Milp, limits: Sequence[Limit], rows: Sequence[Hold], impossible: Mask) -> Milp:
    """``program`` with a column at the end for each limit and the rows that it holds giving way."""
    places = {limit.id: place for place, limit in enumerate(limits)}
    row_lower, row_upper = program.row_lower.copy(), program.row_upper.copy()
    entries: list[tuple[int, int, float]] = []
    copies: list[tuple[int, int, float, float, float]] = []
    for hold in rows:
        place = places.get(hold.limit)
        if place is None:
            continue
        limit = limits[place]
        gives = hold.gives * limit.grain
        both = np.isfinite(row_lower[hold.row]) and np.isfinite(row_upper[hold.row])
        if impossible[hold.row]:
            row_upper[hold.row] = np.inf
            entries.append((hold.row, place, limit.grain / limit.span))
        elif both:
            # what gives way on one side only is said twice
            if hold.side == "lower":
                copies.append((hold.row, place, gives, row_lower[hold.row], np.inf))
                row_lower[hold.row] = -np.inf
            else:
                copies.append((hold.row, place, -gives, -np.inf, row_upper[hold.row]))
                row_upper[hold.row] = np.inf
        else:
            entries.append((hold.row, place, gives if hold.side == "lower" else -gives))
    count = len(limits)
    coefficients = sparse.csr_array(
        ([x for _, _, x in entries], ([r for r, _, _ in entries], [p for _, p, _ in entries])),
        shape=(program.rows, count),
    )
    matrix = sparse.hstack([program.matrix, coefficients], format="csr")
    if copies:
        numbers, places_of, amounts, least, most = (list(part) for part in zip(*copies, strict=True))
        gives_way = sparse.csr_array((amounts, (range(len(copies)), places_of)), shape=(len(copies), count))
        again = sparse.hstack([program.matrix[numbers], gives_way], format="csr")
        matrix = sparse.vstack([matrix, again], format="csr")
        row_lower, row_upper = np.concatenate([row_lower, least]), np.concatenate([row_upper, most])
    return replace(
        program,
        cost=np.concatenate([np.zeros(program.columns), [limit.scaled(limit.grain) for limit in limits]]),
        offset=0.0,
        matrix=sparse.csr_array(matrix),
        row_lower=row_lower,
        row_upper=row_upper,
        lower=np.concatenate([program.lower, np.zeros(count)]),
        upper=np.concatenate([program.upper, [limit.span / limit.grain for limit in limits]]),
        integer=np.concatenate([program.integer, [limit.whole for limit in limits]]),
        strengthening=np.concatenate([program.strengthening, np.zeros(len(copies), dtype=bool)]),
        row_names=(*program.row_names, *(f"{program.row_names[copy[0]]} again" for copy in copies)),
    )


def _impossible(program: Milp) -> Mask:
    """Rows that have only the column that is always nothing."""
    nothing = next(iter(program.groups.get("nothing", {}).values()), None)
    counts = np.diff(program.matrix.indptr)
    mask = np.zeros(program.rows, dtype=bool)
    if nothing is not None:
        only = np.flatnonzero(counts == 1)
        mask[only] = program.matrix.indices[program.matrix.indptr[only]] == nothing
    return mask


def make_elastic(instance: Instance, policy: Policy, limits: Sequence[Limit], fixed: frozenset[str]) -> Elastic:
    """Build the model of a case with elastic limits.

    Parameters
    ----------
    fixed
        Limits that may not give way.

    Raises
    ------
    InputError
        If the policy does not fit the instance.
    """
    wider = widened(instance, policy, [limit for limit in limits if limit.id not in fixed])
    model: pyo.ConcreteModel = build(wider.instance, wider.policy)
    plain = compile_model(model)
    of_rows = indices(model, plain)
    network: Network = model.network
    found = list(holds(Reading(instance, policy, network, plain), of_rows))
    wide, more = added_holds(wider, network, plain)
    used = {hold.limit for hold in [*found, *more]}
    loose = tuple(limit for limit in limits if limit.id in used and limit.id not in fixed)
    program = _extended(wide, loose, [*found, *more], _impossible(wide))
    return Elastic(program, loose, wide.columns, wide, of_rows, [*found, *more], network)
