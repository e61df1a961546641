"""Which limits clash: sets that no network keeps together, though it can keep them once any one of them is let go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hubopt.diagnose.bench import ANY_PLAN, NOTHING, Bench, priced
from hubopt.diagnose.elastic import Elastic
from hubopt.diagnose.limits import Limit
from hubopt.solve.milp import Milp, Vector

MOST_CONFLICTS = 5

_TEST_SHARE = 0.15
"""Share of the time left that one test of a set may take."""

_FACTS: Mapping[str, tuple[str, int]] = {
    "demand_met_or_unmet": ("zones", 0),
    "covered_by_open_site": ("zones", 1),
    "one_source_per_zone": ("zones", 1),
    "on_time_over_link": ("zones", 2),
    "modules_at_most": ("sites", 0),
    "throughput_capacity": ("sites", 0),
    "requirement_capacity": ("sites", 0),
    "modules_at_least": ("sites", 0),
    "one_source_per_site": ("sites", 1),
}
"""Families whose rows tell which places a proof rests on: the sort of place and where it is in the index."""


@dataclass(frozen=True)
class Conflict:
    """Limits that clash.

    No network keeps them together; ``irreducible``: without any one of them there is one. ``whole``: that sizes and
    links are whole numbers is part of the reason, without it they could be kept. ``facts`` has places (zones, sites)
    that the proof rests on, those that count most first.
    """

    limits: tuple[Limit, ...]
    irreducible: bool
    whole: bool
    facts: Mapping[str, tuple[str, ...]]


def _held_by(elastic: Elastic, duals: Vector) -> set[str]:
    """Limits whose rows have a price."""
    return {hold.limit for hold in elastic.holds if abs(duals[hold.row]) > 1e-9 and hold.limit in elastic.number} | {
        elastic.limits[column - elastic.first].id
        for row in np.flatnonzero(np.abs(duals[elastic.plain.rows :]) > 1e-9) + elastic.plain.rows
        for column in elastic.program.matrix.indices[
            elastic.program.matrix.indptr[row] : elastic.program.matrix.indptr[row + 1]
        ]
        if column >= elastic.first
    }


@dataclass
class _Search:
    elastic: Elastic
    bench: Bench
    whole: bool
    sure: bool = True

    def clash(self, program: Milp, rigid: set[str]) -> bool | None:
        """Whether no plan keeps the limits in ``rigid``; None if that could not be told in time."""
        outcome = self.bench.run(
            program, upper=self.elastic.upper(rigid), whole=self.whole, gap=ANY_PLAN, share=_TEST_SHARE
        )
        if outcome.reason == "infeasible":
            return True
        return False if outcome.values is not None else None

    def reduced(self, program: Milp, names: set[str]) -> list[str]:
        """An irreducible part of a set that clashes; limits whose need could not be told stay in it."""
        kept = sorted(names, key=lambda name: (self.elastic.limits[self.elastic.number[name]].is_wish, name))
        for name in list(kept):
            rest = set(kept) - {name}
            verdict = self.clash(program, rest) if rest else False
            if verdict is None:
                self.sure = False
            elif verdict:
                kept.remove(name)
        return kept

    def clashing(self, program: Milp, free: frozenset[str]) -> set[str] | None:
        """A set that clashes, found by holding what gives way until nothing can; None if there is none, or no time."""
        held: set[str] = set()
        while True:
            outcome = self.bench.run(program, upper=self.elastic.upper(held), gap=ANY_PLAN, share=_TEST_SHARE)
            if outcome.reason == "infeasible":
                return held
            if outcome.values is None:
                return None
            more = set(self.elastic.changes_at(outcome.values)) - held - free
            if not more:
                return None
            held |= more


def facts(elastic: Elastic, bench: Bench, names: set[str]) -> Mapping[str, tuple[str, ...]]:
    """Places that the clash of some limits rests on, from the prices of the relaxation; none if it can keep them."""
    others = frozenset(limit.id for limit in elastic.limits if limit.id not in names)
    outcome = bench.run(priced(elastic, others), whole=False, share=_TEST_SHARE)
    if outcome.row_duals is None or outcome.objective is None or outcome.objective <= NOTHING:
        return {}
    weight: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    sizes = np.maximum(1.0, np.abs(np.where(np.isfinite(elastic.plain.row_lower), elastic.plain.row_lower, 1.0)))
    for row, (family, index) in enumerate(elastic.rows):
        if family in _FACTS and abs(outcome.row_duals[row]) > 1e-9:
            sort, place = _FACTS[family]
            weight[sort][str(index[place])] += abs(outcome.row_duals[row]) * float(sizes[row])
    return {sort: tuple(sorted(found, key=lambda x: (-found[x], x))) for sort, found in weight.items()}


def _next(elastic: Elastic, bench: Bench, done: frozenset[str]) -> Conflict | None:
    """A clash among the limits that are not in ``done``; None if there is none or none was found in time."""
    program = priced(elastic, done)
    relaxed = bench.run(program, whole=False, share=2 * _TEST_SHARE)
    if relaxed.reason == "optimal" and relaxed.objective is not None and relaxed.objective > NOTHING:
        assert relaxed.row_duals is not None
        search = _Search(elastic, bench, whole=False)
        names = _held_by(elastic, relaxed.row_duals) - done
        if not search.clash(program, names):
            names = set(elastic.number) - done
    else:
        search = _Search(elastic, bench, whole=True)
        found = search.clashing(program, done)
        if not found:
            return None
        names = found
    kept = search.reduced(program, names)
    limits = tuple(elastic.limits[elastic.number[name]] for name in kept)
    return Conflict(limits, search.sure, search.whole, facts(elastic, bench, set(kept)))


def conflicts(elastic: Elastic, bench: Bench) -> tuple[Conflict, ...]:
    """Clashes that have no limit in common, until the rest can be kept together or the time is up."""
    found: list[Conflict] = []
    done: frozenset[str] = frozenset()
    while len(found) < MOST_CONFLICTS and bench.left > 0:
        conflict = _next(elastic, bench, done)
        if conflict is None or not conflict.limits:
            break
        found.append(conflict)
        done |= {limit.id for limit in conflict.limits}
    return tuple(found)


def unexplained(
    elastic: Elastic, bench: Bench, found: tuple[Conflict, ...], changed: frozenset[str]
) -> tuple[Conflict, ...]:
    """Further clashes, one for each limit that a mend changes and no clash of ``found`` names.

    With the other changed limits let go, what is left of the clashes has that limit in it.
    """
    more: list[Conflict] = []
    for name in sorted(changed):
        named = {limit.id for conflict in (*found, *more) for limit in conflict.limits}
        if name in named or bench.left <= 0 or len(found) + len(more) >= MOST_CONFLICTS:
            continue
        conflict = _next(elastic, bench, changed - {name})
        if conflict is not None and conflict.limits:
            more.append(conflict)
    return tuple(more)


def rescaled(elastic: Elastic, bench: Bench, found: tuple[Conflict, ...]) -> Elastic:
    """The elastic program with amounts scaled by what they would have to be, if nothing else of their clash changed.

    A budget that is a hundredth of what is needed would else look as if a hundredfold change were asked for.
    """
    scales: dict[str, float] = {}
    for conflict in found:
        own = {limit.id for limit in conflict.limits}
        for limit in conflict.limits:
            if limit.unit in ("-", "", "sites"):
                continue
            free = frozenset(x.id for other in found if other is not conflict for x in other.limits) - own
            rigid = set(elastic.number) - free - {limit.id}
            outcome = bench.run(priced(elastic, free), upper=elastic.upper(rigid), whole=False, share=_TEST_SHARE)
            if outcome.values is not None:
                column = elastic.first + elastic.number[limit.id]
                needed = limit.value + float(outcome.values[column]) * limit.grain
                scales[limit.id] = max(limit.scale, needed)
    return elastic.rescaled(scales)
