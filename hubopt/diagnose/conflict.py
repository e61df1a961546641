"""Which limits clash: sets that no network keeps together, though it can keep them once any one of them is let go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hubopt.diagnose.bench import ANY_PLAN, NOTHING, Bench, priced
from hubopt.diagnose.elastic import Elastic
from hubopt.diagnose.finding import Finding
from hubopt.diagnose.limits import Limit
from hubopt.solve.engine.jobs import Outcome
from hubopt.solve.milp import Milp, Vector

MOST_CONFLICTS = 5

_TEST_SHARE = 0.15
"""Share of the time left that one test of a set may take."""

_RELAXED_SHARE = 0.3
"""The same for a test in the relaxation: one that does not end tells nothing."""

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
class _Whole:
    """Search among whole sizes and links: each test is a mixed-integer program."""

    elastic: Elastic
    bench: Bench
    sure: bool = True

    def _clash(self, program: Milp, rigid: set[str]) -> bool | None:
        """Whether no plan keeps the limits in ``rigid``; None if that could not be told in time."""
        outcome = self.bench.run(program, upper=self.elastic.upper(rigid), gap=ANY_PLAN, share=_TEST_SHARE)
        if outcome.reason == "infeasible":
            return True
        return False if outcome.values is not None else None

    def reduced(self, program: Milp, names: set[str]) -> set[str]:
        """An irreducible part of a set that clashes; limits whose need could not be told stay in it."""
        kept = set(names)
        for name in _wishes_last(self.elastic, names):
            rest = kept - {name}
            verdict = self._clash(program, rest) if rest else False
            if verdict is None:
                self.sure = False
            elif verdict:
                kept = rest
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


@dataclass
class _Relaxed:
    """Search in the relaxation: the prices of each proof tell which limits it rests on."""

    elastic: Elastic
    bench: Bench
    sure: bool = True
    proof: Outcome | None = None

    def part(self, names: set[str]) -> set[str] | None:
        """Limits of ``names`` that clash already; empty if all of them can be kept, None if there was no time."""
        outcome = self.bench.relaxed(self.elastic, set(self.elastic.number) - names, share=_RELAXED_SHARE)
        if outcome.objective is None or outcome.row_duals is None:
            return None
        if outcome.objective <= NOTHING:
            return set()
        self.proof = outcome
        return _held_by(self.elastic, outcome.row_duals) & names or names

    def reduced(self, names: set[str]) -> set[str]:
        """An irreducible part of a set that clashes; limits whose need could not be told stay in it."""
        kept = set(names)
        for name in _wishes_last(self.elastic, names):
            if name not in kept or len(kept) == 1:
                continue
            part = self.part(kept - {name})
            if part is None:
                self.sure = False
            elif part:
                kept = part
        return kept


def _wishes_last(elastic: Elastic, names: set[str]) -> list[str]:
    """Names in the order in which they are tried: figures before what is either asked or not."""
    return sorted(names, key=lambda name: (elastic.limits[elastic.number[name]].is_wish, name))


def facts(elastic: Elastic, duals: Vector) -> Mapping[str, tuple[str, ...]]:
    """Places that a proof rests on, from its prices."""
    weight: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    sizes = np.maximum(1.0, np.abs(np.where(np.isfinite(elastic.plain.row_lower), elastic.plain.row_lower, 1.0)))
    for row, (family, index) in enumerate(elastic.rows):
        if family in _FACTS and abs(duals[row]) > 1e-9:
            sort, place = _FACTS[family]
            weight[sort][str(index[place])] += abs(duals[row]) * float(sizes[row])
    return {sort: tuple(sorted(found, key=lambda x: (-found[x], x))) for sort, found in weight.items()}


def _conflict(elastic: Elastic, names: set[str], proof: Outcome | None, *, sure: bool, whole: bool) -> Conflict:
    limits = tuple(elastic.limits[elastic.number[name]] for name in _wishes_last(elastic, names))
    known = {} if proof is None or proof.row_duals is None else facts(elastic, proof.row_duals)
    return Conflict(limits, sure, whole, known)


def _proven(elastic: Elastic, bench: Bench, names: set[str]) -> Conflict | None:
    """The clash among the limits that a proof rests on; None if the relaxation can keep them."""
    search = _Relaxed(elastic, bench)
    part = search.part(names)
    if not part:
        return None
    return _conflict(elastic, search.reduced(part), search.proof, sure=search.sure, whole=False)


def _next(elastic: Elastic, bench: Bench, done: frozenset[str]) -> Conflict | None:
    """A clash among the limits that are not in ``done``; None if there is none or none was found in time."""
    first = bench.relaxed(elastic, share=_RELAXED_SHARE)
    if first.values is None or not done or not set(elastic.changes_at(first.values)) <= done:
        search = _Relaxed(elastic, bench)
        names = search.part(set(elastic.number) - done)
        if names:
            kept = search.reduced(names)
            return _conflict(elastic, kept, search.proof, sure=search.sure, whole=False)
    if done and bench.is_large:
        return None
    whole = _Whole(elastic, bench)
    program = priced(elastic, done)
    found = whole.clashing(program, done)
    if not found:
        return None
    return _conflict(elastic, whole.reduced(program, found), None, sure=whole.sure, whole=True)


def conflicts(elastic: Elastic, bench: Bench, proven: Sequence[Finding] = ()) -> tuple[Conflict, ...]:
    """Clashes that have no limit in common, until the rest can be kept together or the time is up.

    What ``proven`` rests on is looked at first: there the search is short.
    """
    found: list[Conflict] = []
    done: frozenset[str] = frozenset()
    for proof in proven:
        names = {name for name in proof.limits if name in elastic.number}
        if names and len(found) < MOST_CONFLICTS and bench.left > 0 and not names & done:
            conflict = _proven(elastic, bench, names)
            if conflict is not None:
                found.append(conflict)
                done |= {limit.id for limit in conflict.limits}
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
            outcome = bench.relaxed(elastic, free, rigid, share=_TEST_SHARE)
            if outcome.values is not None:
                column = elastic.first + elastic.number[limit.id]
                needed = limit.value + float(outcome.values[column]) * limit.grain
                scales[limit.id] = max(limit.scale, needed)
    return elastic.rescaled(scales) if scales else elastic
