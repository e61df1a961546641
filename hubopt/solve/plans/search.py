"""Large-neighbourhood search: frees a few neighbouring decisions of the incumbent at a time and re-solves them exactly.

Three kinds of neighbourhood take turns. ``stations``: some neighbouring stations with their zones and the centres
that feed them. ``centres``: some neighbouring transfer centres with what they feed. ``hubs``: all hubs with some
neighbouring centres. Their sizes follow how long the last re-solves of the kind took. A neighbourhood in which
nothing has changed since it was last proven best is passed over.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from hubopt.instance import LEVELS
from hubopt.model import Network
from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.milp import Mask, Milp, Vector
from hubopt.solve.plans.neighbourhoods import Neighbourhoods
from hubopt.solve.progress import Tracker

KINDS = ("stations", "centres", "stations", "hubs")
FIRST_SIZE = {"stations": 10, "centres": 6, "hubs": 6}
SECONDS = 3.0
"""Longest re-solve of one neighbourhood of a program of one period."""
CRUMB = 1e-9
"""Values below this are rounding errors of the solver (model units)."""
TOLERANCE = 1e-6
"""How far a row may be missed: columns that are fixed keep the rounding errors of several solves."""
FINEST, COARSEST = 3e-5, 4e-4
"""Gaps (relative to the whole objective) at which a re-solve may stop."""
OPENING_SECONDS = 10.0
"""Longest re-solve of all sizes at the start."""
REFRESH_TURNS = 20
"""Neighbourhoods between two re-solves of all flows."""
ITERATION_SECONDS, TICK_SECONDS, SIZE = 1.7e-4, 0.035, 1200
"""Nominal time of a simplex iteration and of a tick at the root of a re-solve with so many free columns."""
QUICK, SLOW = 0.3, 0.8
"""Shares of the longest re-solve below which a kind grows and above which it shrinks."""


@dataclass
class LocalSearch:
    """The state of a search. ``point`` is the incumbent, whole in its integer columns.

    ``steady``: re-solves are limited by their work and not by the clock, so that every run goes the same way.
    ``longest`` is how many seconds the re-solve of one neighbourhood may take.
    """

    network: Network
    program: Milp
    point: Vector
    objective: float
    seed: int
    steady: bool = False
    longest: float = SECONDS
    _turn: int = 0
    _columns: int = 0
    _time_left: float = 0.0
    _kind: str = ""
    _centre: str = ""
    _free: frozenset[str] = frozenset()
    _size: dict[str, float] = field(default_factory=lambda: dict(FIRST_SIZE))
    _settled: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    _changed: dict[str, int] = field(default_factory=dict)
    _queue: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.near = Neighbourhoods(self.network, self.program)
        self._openings = self._opening_moves()
        self._random = np.random.default_rng(self.seed)

    def _centres(self, kind: str) -> list[str]:
        level = "station" if kind == "stations" else "utc"
        found = self.near.of_level(level) or self.near.of_level("utc") or self.near.of_level("hub")
        order = [str(node) for node in self._random.permutation(found)]
        return [*order, *self._unserved()] if kind == "stations" else order

    def _unserved(self) -> list[str]:
        """Zones with unmet demand, the largest last (they are taken from the end)."""
        short: dict[str, float] = {}
        for (zone, _, _), column in self.program.groups.get("unmet", {}).items():
            if self.point[column] > 1e-6:
                short[zone] = short.get(zone, 0.0) + self.point[column]
        return sorted(short, key=lambda zone: short[zone])

    def _nodes(self, kind: str, centre: str) -> list[str]:
        size = max(2, round(self._size[kind]))
        near, hubs = self.near, self.near.of_level("hub")
        if kind == "stations":
            stations = near.nearest(centre, "station", size)
            zones = [*near.linked_to(self.point, stations), *near.nearest(centre, "zone", size)]
            return [*stations, *near.nearest(centre, "utc", 3 + size // 6), *zones]
        centres = near.nearest(centre, "utc", size) or hubs
        fed = near.linked_to(self.point, centres)
        return [*centres, *fed, *(hubs if kind == "hubs" else near.nearest(centre, "zone", 3 * size))]

    def _is_settled(self, kind: str, centre: str) -> bool:
        known = self._settled.get((kind, centre))
        if known is None or known[1] < round(self._size[kind]):
            return False
        return all(self._changed.get(node, -1) <= known[0] for node in self._nodes(kind, centre))

    def _opening_moves(self) -> list[tuple[str, Mask]]:
        """What sets the sizes right after a dive has rounded them up, last first."""
        return [self._all_sizes(), ("lowest designs", self.near.designs_and_sizes(self._lowest))]

    def _all_sizes(self) -> tuple[str, Mask]:
        """All flows and the sizes of the upper levels: neighbourhoods leave flows elsewhere as they are."""
        return "upper sizes", self.near.sizes_and_flows(frozenset(LEVELS) - self._lowest)

    @property
    def _lowest(self) -> frozenset[str]:
        return frozenset(leg.split("-")[0] for leg in self.network.single_sourced if leg.endswith("-zone"))

    def next_job(self, seconds: float, gap: float) -> Job | None:
        """The next neighbourhood as a job, solved the finer the smaller the whole ``gap`` is; None if none is left."""
        self._time_left = seconds
        if self.steady:
            seconds = OPENING_SECONDS
        if self._turn % REFRESH_TURNS == REFRESH_TURNS - 1:
            self._turn += 1
            self._openings.append(self._all_sizes())
        if self._openings:
            self._kind, free = self._openings.pop()
            self._free = frozenset()
            return self._job_on(free, min(seconds, OPENING_SECONDS), gap)
        for _ in range(len(KINDS)):
            kind = KINDS[self._turn % len(KINDS)]
            self._turn += 1
            for _ in range(2):
                queue = self._queue.setdefault(kind, [])
                while queue:
                    centre = queue.pop()
                    if not self._is_settled(kind, centre):
                        return self._job(kind, centre, seconds, gap)
                self._queue[kind] = self._centres(kind)
        if all(self._size[kind] >= len(self.near.nodes) for kind in self._size):
            return None
        self._size = {kind: size * 1.3 for kind, size in self._size.items()}
        return self.next_job(seconds, gap)

    def _job(self, kind: str, centre: str, seconds: float, gap: float) -> Job:
        nodes = dict.fromkeys(self._nodes(kind, centre))
        self._kind, self._centre, self._free = kind, centre, frozenset(nodes)
        return self._job_on(self.near.free_columns(self.point, nodes), min(seconds, self.longest), gap)

    def nominal_seconds(self, outcome: Outcome) -> float:
        """How long the last re-solve would have taken, judged by its work."""
        return float(outcome.iterations * ITERATION_SECONDS * (self._columns / SIZE) ** 0.5)

    def _job_on(self, free: Mask, seconds: float, gap: float) -> Job:
        self._columns = int(free.sum())
        work = seconds / (TICK_SECONDS * max(self._columns / SIZE, 0.1) ** 1.5) if self.steady else None
        return Job(
            lower=np.where(free, self.program.lower, self.point),
            upper=np.where(free, self.program.upper, self.point),
            integer=self.program.integer,
            start=self.point,
            gap=min(COARSEST, max(FINEST, gap / 500)),
            seconds=self._time_left if self.steady else seconds,
            seed=self.seed,
            tolerance=TOLERANCE,
            work=work,
        )

    def _resize(self, seconds: float, solved: bool) -> None:
        size = self._size[self._kind]
        if seconds < QUICK * self.longest and solved:
            self._size[self._kind] = min(size * 1.15, float(len(self.near.nodes)))
        elif seconds > SLOW * self.longest:
            self._size[self._kind] = max(3.0, size * 0.85)

    def absorb(self, outcome: Outcome, seconds: float) -> bool:
        """Take in the outcome of the last job; whether the incumbent improved."""
        size = self._size.get(self._kind, 0.0)
        if self._kind in self._size:
            self._resize(seconds, outcome.reason == "optimal")
        improved = False
        if outcome.values is not None and outcome.objective is not None:
            improved = outcome.objective < self.objective - 1e-9 * abs(self.objective)
        if improved:
            self.adopt(outcome.values, outcome.objective)  # type: ignore[arg-type]
        if outcome.reason == "optimal" and self._kind in self._size:
            self._settled[self._kind, self._centre] = (self._turn, round(size))
        return improved

    def adopt(self, values: Vector, objective: float) -> None:
        """Make a better point, perhaps found elsewhere, the incumbent."""
        whole = values.copy()
        whole[self.program.integer] = np.round(whole[self.program.integer])
        whole[np.abs(whole) < CRUMB] = 0.0
        for group in ("open", "modules", "link"):
            for index, column in self.program.groups.get(group, {}).items():
                if whole[column] != self.point[column]:
                    for node in (index[0], index[-2]):
                        self._changed[node] = self._turn
        self.point, self.objective = whole, objective


def improve(
    improver: SolverProcess, search: LocalSearch, tracker: Tracker, absorbed: Callable[[bool], bool]
) -> bool:  # fmt: skip
    """Search by itself, one neighbourhood after the other, until the time is up.

    Parameters
    ----------
    absorbed
        Called after each re-solve with whether it improved the point; says whether to go on.

    Returns
    -------
    bool
        False if no neighbourhood is left that might hold anything better.
    """
    while tracker.left > 0:
        job = search.next_job(tracker.left, tracker.gap)
        if job is None:
            return False
        began = time.monotonic()
        outcome = improver.run(job)
        if not isinstance(outcome, Outcome):
            continue
        seconds = search.nominal_seconds(outcome) if search.steady else time.monotonic() - began
        if not absorbed(search.absorb(outcome, seconds)):
            break
    return True
