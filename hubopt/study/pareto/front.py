"""What a front consists of: runs and what they prove, points that none other beats, the knee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hubopt.instance import LEVELS
from hubopt.solution import Solution
from hubopt.study.pareto.measures import Measure

Levels = tuple[float, ...]
Box = tuple[float | None, ...]
"""Largest level of each measure; None: any."""

SAME = 1e-5
"""Difference of two levels, as a share of the front's extent, that counts for nothing."""

ROUNDING = 1e-6
"""Relative difference of levels that the tolerances of solver and checker explain."""

_TOLERANCE = 1e-9


def loosened(level: float, by: float) -> float:
    """A level that is larger by a share."""
    return level + by * max(abs(level), by)


def keeps(found: Sequence[float], box: Box) -> bool:
    """Whether levels keep a box, but for a rounding."""
    return all(limit is None or x <= loosened(limit, ROUNDING) for x, limit in zip(found, box, strict=True))


@dataclass(frozen=True)
class Line:
    """One run of a front: what it minimised (``prices`` times levels), within which box, and what came out.

    ``objective`` and ``bound`` are of that sum (CNY/year); ``levels`` are those of the checked plan, None without one.
    """

    name: str
    step: str
    prices: Levels
    box: Box
    solution: Solution
    levels: Levels | None
    objective: float | None
    bound: float | None

    @property
    def status(self) -> str:
        """Status of the run."""
        return self.solution.proof.status

    def reaches_over(self, box: Box) -> bool:
        """Whether every plan within ``box`` is one of those that the run chose from, but for a rounding of limits."""
        pairs = zip(self.box, box, strict=True)
        return all(own is None or (limit is not None and limit <= loosened(own, ROUNDING)) for own, limit in pairs)

    def bound_on(self, place: int, box: Box) -> float | None:
        """What the run proves of the measure at ``place`` within ``box``: no level lies below. None: nothing.

        The run's bound is on a sum of prices times levels; the box says how much of it the others can be.
        """
        if self.bound is None or self.prices[place] <= 0 or not self.reaches_over(box):
            return None
        others = 0.0
        for at, (price, limit) in enumerate(zip(self.prices, box, strict=True)):
            if at == place or price <= 0:
                continue
            if limit is None:
                return None
            others += price * limit
        return (self.bound - others) / self.prices[place]


@dataclass(frozen=True)
class Point:
    """A plan of the front. ``bound``: no plan that is no worse in the other measures is better in the first than this.

    ``values`` and ``bound`` are as people read them (shares reached); ``run`` names the run that found the plan.
    """

    run: str
    levels: Levels
    values: Levels
    bound: float | None
    status: str
    seconds: float
    served_share: float
    cost: Mapping[str, float]
    sites: Mapping[str, int]
    knee: bool = False

    def gap(self, measure: Measure) -> float | None:
        """|value - bound| of the first measure over the value; None without a bound."""
        if self.bound is None:
            return None
        return abs(self.values[0] - self.bound) / max(abs(self.values[0]), 1e-9)


@dataclass(frozen=True)
class Payoff:
    """A row of the pay-off table: the values where one measure is best and the others follow it, as people read them.

    ``bound``: no plan is better in that measure, of those within the table in the others; None while that is unknown.
    """

    measure: str
    values: Levels
    bound: float | None
    run: str


@dataclass(frozen=True)
class Infeasible:
    """A box in which it is proven that no plan lies; values as people read them."""

    box: Box
    run: str


@dataclass(frozen=True)
class Front:
    """Points by growing level of the second measure (and the third), the pay-off table, and what was spared.

    ``jumped`` grid points needed no run, since a plan found under a wider limit keeps theirs; ``beaten`` plans were
    found but another one beats or equals them. ``without_plan``: runs that found nothing and proved nothing.
    """

    measures: tuple[Measure, ...]
    points: tuple[Point, ...]
    payoff: tuple[Payoff, ...]
    infeasible: tuple[Infeasible, ...]
    grid: int
    runs: int
    jumped: int
    beaten: int
    without_plan: int
    unmet_share_max: float
    complete: bool


def extents(points: Sequence[Levels]) -> Levels:
    """Largest less least level of each measure."""
    columns = list(zip(*points, strict=True))
    return tuple(max(column) - min(column) for column in columns)


def _beats(one: Levels, other: Levels, slack: Levels) -> bool:
    """Whether ``one`` is no worse than ``other`` in anything, but for what counts for nothing."""
    return all(a <= b + s for a, b, s in zip(one, other, slack, strict=True))


def undominated(found: Sequence[Levels]) -> list[int]:
    """Places of the points that no other one beats or equals, the first of equal ones; in no order of theirs.

    Two points that differ by less than :data:`SAME` of the front's extent in every measure are equal.
    """
    if not found:
        return []
    extent = extents(found)
    slack = tuple(max(SAME * span, _TOLERANCE * max(abs(level) for level in column))
                  for span, column in zip(extent, zip(*found, strict=True), strict=True))  # fmt: skip
    scale = tuple(span if span > 0 else 1.0 for span in extent)
    # whoever is really better comes first, so that of two nearly equal ones the better is kept
    order = sorted(range(len(found)), key=lambda at: sum(x / s for x, s in zip(found[at], scale, strict=True)))
    kept: list[int] = []
    for at in order:
        if not any(_beats(found[other], found[at], slack) for other in kept):
            kept.append(at)
    return kept


def knee(points: Sequence[Levels]) -> int | None:
    """The place of the knee: the point of the least sum of levels, each scaled to 0 (best) to 1 (worst) on the front.

    With two measures that is the point farthest below the line between the ends of the front. None where an end itself
    (a point that is best in some measure) has the least sum, or the front has fewer than three points: no bend.
    """
    if len(points) < 3:
        return None
    lows = [min(column) for column in zip(*points, strict=True)]
    extent = extents(points)
    spans = [span if span > 0 else 1.0 for span in extent]
    sums = [sum((x - low) / span for x, low, span in zip(point, lows, spans, strict=True)) for point in points]
    ends = []
    for at, low in enumerate(lows):
        if extent[at] > 0:
            ends.append(min(sums[place] for place, point in enumerate(points) if point[at] <= low))
    best = min(range(len(points)), key=lambda place: sums[place])
    return best if ends and sums[best] < min(ends) - _TOLERANCE else None


def point_of(line: Line, measures: Sequence[Measure], lines: Sequence[Line]) -> Point:
    """The point of a run with a plan, with the best bound that any run proves for it."""
    assert line.levels is not None
    box: Box = (None, *line.levels[1:])
    bounds = [bound for other in lines if (bound := other.bound_on(0, box)) is not None]
    bound = min(max(bounds), line.levels[0]) if bounds else None
    kpi = line.solution.kpi
    return Point(
        run=line.name,
        levels=line.levels,
        values=tuple(measure.shown(level) for measure, level in zip(measures, line.levels, strict=True)),
        bound=None if bound is None else measures[0].shown(bound),
        status=line.status,
        seconds=line.solution.proof.seconds.get("total", 0.0),
        served_share=kpi.get("served_share", 1.0),
        cost=line.solution.cost,
        sites={level: int(kpi.get(f"sites.{level}", 0.0)) for level in LEVELS},
    )
