"""The search for a front: the augmented epsilon-constraint method over runs of the solver.

The method is AUGMECON2 (Mavrotas and Florios 2013, doi:10.1016/j.amc.2013.03.002), in short: a lexicographic pay-off
table gives the extent of every measure; a grid of limits is laid over all measures but the first; at each grid point
the first measure is minimised, less a small reward for what is left of the limits, so that what comes out is not only
weakly efficient; grid points that the plan just found keeps as well are jumped over (the bypass coefficient), and where
there is no plan the tighter ones are left out. Jumps hold across all measures here: a plan settles every limit between
its own levels and the limits that it was found under, as with the flags of AUGMECON-R (Nikas and others 2022,
doi:10.1007/s12351-020-00574-6).

With limits as policies state them, ``minimise f1 - eps * sum(slack / range)`` is ``minimise f1 + eps * sum(level /
range)`` less a constant, which is what the policy's charges say.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hubopt.instance import Instance, Policy, apply
from hubopt.solution import Solution, Status
from hubopt.study.pareto.front import (
    ROUNDING,
    Box,
    Front,
    Infeasible,
    Levels,
    Line,
    Payoff,
    keeps,
    knee,
    loosened,
    point_of,
    undominated,
)
from hubopt.study.pareto.measures import Measure, base_policy, levels, limited, priced, unmet_share

AUGMENTATION = 1e-3
"""What all of a measure's extent is worth, as a share of the first one's, in the objective at a grid point."""

FOLLOWING = 1e-4
"""The same for the measures that follow the one that is minimised in the pay-off table."""

LOOSER = 1e-7
"""By how much, relatively, a limit at a level found lies above it, so that rounding keeps no plan out."""

Answer = Callable[[Policy, Solution | None], tuple[str, Solution]]
"""Solves under a policy, perhaps from a plan; name and solution of the run. KeyboardInterrupt ends the search."""

Listener = Callable[[str, int, int], None]
"""Told the step, the number of the run and how many there will be at most, before each run."""


class NoPlanError(Exception):
    """The first run of a front found no plan; ``status`` is that of the run."""

    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class FrontSearch:
    """A front in the making; :meth:`run` does it all, :meth:`front` is what there is so far.

    ``points``: limits on each measure but the first, both ends included, at least 2.
    """

    instance: Instance
    policy: Policy
    measures: tuple[Measure, ...]
    points: int
    answer: Answer
    listen: Listener = lambda *_: None
    start: Solution | None = None
    """A result whose plan the first run starts from."""
    lines: list[Line] = field(default_factory=list)
    rows: list[tuple[int, Line]] = field(default_factory=list)
    """Rows of the pay-off table: the measure's place and the run that ended it."""
    passed: set[str] = field(default_factory=set)
    """Runs of the pay-off table that the next one went on from: their plans are no points."""
    jumped: int = 0
    complete: bool = False
    unmet: float = 1.0
    base: Policy = field(init=False)
    periods: tuple[str, ...] = field(init=False)
    unit: Levels = field(init=False, default=())
    """CNY/year that one unit of each level is taken to be worth, so that all objectives are of one size."""

    def __post_init__(self) -> None:
        self.base = base_policy(self.measures, self.instance, self.policy)
        self.periods = tuple(period.id for period in apply(self.instance, self.base).structure.periods)

    # --- one run ------------------------------------------------------------------------------------------------------

    @property
    def most_runs(self) -> int:
        """How many runs there can be."""
        count = len(self.measures)
        return count * count + int(self.points ** (count - 1))

    def _policy(self, step: str, prices: Levels, box: Box) -> Policy:
        policy = priced(self.base, self.measures, prices)
        for measure, limit in zip(self.measures, box, strict=True):
            if limit is not None:
                policy = limited(policy, measure, self.instance, limit)
        names = {"name_en": f"{self.policy.name_en}: {step}", "name_zh": f"{self.policy.name_zh}：{step}"}
        return policy.model_copy(update=names)

    def _line(self, step: str, prices: Levels, box: Box, start: Solution | None) -> Line:
        """A run; its plan counts only if the checker has confirmed it."""
        number = len(self.lines) + 1
        self.listen(step, number, max(self.most_runs - self.jumped, number))
        name, solution = self.answer(self._policy(step, prices, box), start)
        proof, info = solution.proof, self.instance.info
        good = solution.plan is not None and proof.objective is not None and proof.status != "error"

        def minimised(stated: float | None) -> float | None:
            return None if stated is None else info.sign * (stated - info.objective_constant)

        line = Line(
            name, step, prices, box, solution,
            tuple(levels(measure, solution, self.periods) for measure in self.measures) if good else None,
            minimised(proof.objective) if good else None,
            minimised(proof.bound) if proof.status != "error" else None,
        )  # fmt: skip
        self.lines.append(line)
        return line

    def _start(self, box: Box, place: int, otherwise: Line | None) -> Solution | None:
        """The plan known that keeps the box and is best at ``place``, else one from which the search may go on."""
        inside = [line for line in self.lines if line.levels is not None and keeps(line.levels, box)]
        best = min(inside, key=lambda line: (line.levels or ())[place], default=otherwise)
        return None if best is None else best.solution

    # --- the pay-off table --------------------------------------------------------------------------------------------

    def _reference(self) -> None:
        """The cheapest plan: what it leaves unmet is the most that any other may, and it sets the scale of prices."""
        count = len(self.measures)
        kinds = [measure.kind for measure in self.measures]
        if "cost" in kinds:
            prices = tuple(1.0 if kind == "cost" else 0.0 for kind in kinds)
            first = self._line("least cost", prices, (None,) * count, self.start)
        else:
            first = self._cheapest()
        if first.levels is None:
            raise NoPlanError(first.solution.proof.status)
        own = self.policy.unmet_share_max
        allowed = unmet_share(first.solution, self.periods) + LOOSER
        self.unmet = min(1.0, allowed if own is None else min(own, allowed))
        self.base = self.base.model_copy(update={"unmet_share_max": self.unmet})
        worth = max(abs(sum(first.solution.cost.values())), 1.0)
        self.unit = tuple(
            1.0 if kind == "cost" else worth / (level if level > LOOSER else 1.0)
            for kind, level in zip(kinds, first.levels, strict=True)
        )

    def _cheapest(self) -> Line:
        """The cheapest plan where cost is no measure of the front: its objective bounds none of them."""
        self.listen("least cost", 1, self.most_runs)
        policy = self.base.model_copy(update={"name_en": f"{self.policy.name_en}: least cost"})
        name, solution = self.answer(policy, self.start)
        good = solution.plan is not None and solution.proof.status != "error"
        found = tuple(levels(measure, solution, self.periods) for measure in self.measures) if good else None
        nothing = (0.0,) * len(self.measures)
        line = Line(name, "least cost", nothing, (None,) * len(self.measures), solution, found, None, None)
        self.lines.append(line)
        return line

    def _row(self, at: int) -> None:
        """One measure after the other is minimised, that at place ``at`` first, each held when the next one follows."""
        order = [at, *(place for place in range(len(self.measures)) if place != at)]
        box: list[float | None] = [None] * len(self.measures)
        last: Line | None = None
        for turn, place in enumerate(order):
            if turn == 0 and self.measures[place].kind == "cost":
                line = self.lines[0]  # the cheapest plan is there already
            else:
                prices = tuple(
                    unit * (1.0 if other == place else FOLLOWING if other not in order[:turn] else 0.0)
                    for other, unit in enumerate(self.unit)
                )
                step = f"pay-off {self.measures[at].name}, {self.measures[place].name}"
                line = self._line(step, prices, tuple(box), self._start(tuple(box), place, last))
            if line.levels is None:
                break  # the plan before keeps the box, so that there is one: the run was only too short
            if last is not None:
                self.passed.add(last.name)  # this plan is as good where it was held, but for a rounding
            last = line
            box[place] = loosened(line.levels[place], LOOSER)
        if last is not None:
            self.rows.append((at, last))

    # --- the grid -----------------------------------------------------------------------------------------------------

    def _grid(self) -> list[Box]:
        """Boxes from loose to tight, the last measure outermost; the loosest value of each sets no limit."""
        columns = [line.levels for _, line in self.rows if line.levels is not None]
        axes: list[list[float | None]] = []
        for place in range(1, len(self.measures)):
            own = [row[place] for row in columns]
            best, worst = min(own), max(own)
            axis: list[float | None] = [None]
            if worst - best > LOOSER * max(abs(worst), LOOSER):
                steps = self.points - 1
                axis += [loosened(worst - (worst - best) * k / steps, LOOSER) for k in range(1, steps)]
                # exactly what the pay-off held the measure at, so that its row answers for the tightest limit
                held = [limit for _, line in self.rows if (limit := line.box[place]) is not None]
                axis.append(min(held, default=loosened(best, LOOSER)))
            axes.append(axis)
        inner, *outer = axes
        return [(None, value, *rest) for rest in itertools.product(*outer) for value in inner]

    def _prices(self) -> Levels:
        """The first measure, and so much for the others that all of their extent is worth little of its own."""
        columns = list(zip(*(line.levels for _, line in self.rows if line.levels is not None), strict=True))
        spans = [max(column) - min(column) for column in columns]
        first = self.unit[0]
        worth = AUGMENTATION * first * (spans[0] if spans[0] > 0 else abs(columns[0][0]) * FOLLOWING)
        return (first, *(worth / span if span > 0 else FOLLOWING * unit
                         for span, unit in zip(spans[1:], self.unit[1:], strict=True)))  # fmt: skip

    def _settled(self, box: Box) -> bool:
        """Whether runs under limits no tighter have answered for the box: no plan, or the best one keeps it."""
        plans = [line.levels[0] for line in self.lines if line.levels is not None and keeps(line.levels, box)]
        best = min(plans, default=None)
        for line in self.lines:
            if not line.reaches_over(box):
                continue
            if line.status == "infeasible":
                return True
            if line.levels is None or best is None or not self._is_of_first(line):
                continue
            if best <= line.levels[0] + ROUNDING * abs(line.levels[0]):
                return True
        return False

    def _is_of_first(self, line: Line) -> bool:
        """Whether the run minimised the first measure above all, as those of the grid and some of the pay-off do."""
        worth = [price / unit for price, unit in zip(line.prices, self.unit, strict=True)]
        return worth[0] > 0 and worth[0] >= max(worth)

    def run(self) -> Front:
        """Search to the end.

        Raises
        ------
        NoPlanError
            If there is no plan to start from.
        InputError
            If the policy does not fit the instance.
        KeyboardInterrupt
            On Ctrl-C; :meth:`front` then has what was finished.
        """
        self._reference()
        for at in range(len(self.measures)):
            self._row(at)
        if self.rows:
            prices = self._prices()
            last: Line | None = None
            for box in self._grid():
                if self._settled(box):
                    self.jumped += 1
                    continue
                limits = [
                    f"{measure.name} {measure.shown(limit):.6g}"
                    for measure, limit in zip(self.measures, box, strict=True)
                    if limit is not None
                ]
                step = f"grid {', '.join(limits) or 'without limits'}"
                last = self._line(step, prices, box, self._start(box, 0, last))
        self.complete = True
        return self.front()

    # --- what there is ------------------------------------------------------------------------------------------------

    def front(self) -> Front:
        """The front of the runs that have ended."""
        found = [line for line in self.lines if line.levels is not None and line.name not in self.passed]
        if self.unit:
            # the cheapest plan may leave more unmet than was told to the others by a rounding only
            found = [line for line in found if unmet_share(line.solution, self.periods) <= self.unmet + LOOSER]
        kept = [found[at] for at in undominated([line.levels or () for line in found])]
        points = sorted(
            (point_of(line, self.measures, self.lines) for line in kept),
            key=lambda item: (*item.levels[1:], item.levels[0]),
        )
        bend = knee([point.levels for point in points])
        if bend is not None:
            points[bend] = replace(points[bend], knee=True)
        return Front(
            measures=self.measures,
            points=tuple(points),
            payoff=tuple(self._payoff_row(*row) for row in self.rows),
            infeasible=tuple(
                Infeasible(tuple(None if limit is None else measure.shown(limit)
                                 for measure, limit in zip(self.measures, line.box, strict=True)), line.name)
                for line in self.lines if line.status == "infeasible"
            ),
            grid=self.points ** (len(self.measures) - 1),
            runs=len(self.lines),
            jumped=self.jumped,
            beaten=len(found) - len(kept),
            without_plan=sum(line.levels is None and line.status != "infeasible" for line in self.lines),
            unmet_share_max=self.unmet,
            complete=self.complete,
        )  # fmt: skip

    def _payoff_row(self, at: int, line: Line) -> Payoff:
        assert line.levels is not None
        columns = list(zip(*(row.levels for _, row in self.rows if row.levels is not None), strict=True))
        box = tuple(None if place == at else max(column) for place, column in enumerate(columns))
        bounds = [bound for other in self.lines if (bound := other.bound_on(at, box)) is not None]
        values = tuple(measure.shown(level) for measure, level in zip(self.measures, line.levels, strict=True))
        proven = self.measures[at].shown(min(max(bounds), line.levels[at])) if bounds else None
        return Payoff(self.measures[at].name, values, proven, line.name)
