"""The whole run: every scenario alone, the mean case, the best first stage for all, and what the three tell."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Literal

import numpy as np

from hubopt.instance import InputError, Instance, Problem, sha256
from hubopt.model import Scale
from hubopt.solution.types import Limit, Status
from hubopt.solve.milp import Vector
from hubopt.solve.progress import Progress
from hubopt.solve.versions import code_sha256
from hubopt.study.stochastic.cases import cases_of, mean_case
from hubopt.study.stochastic.extensive import solve_extensive
from hubopt.study.stochastic.l_shaped import solve_l_shaped
from hubopt.study.stochastic.large import Large, hedge_relaxations
from hubopt.study.stochastic.master import switches_of
from hubopt.study.stochastic.measures import Interval, Measure, conditional_value_at_risk, expected, measured
from hubopt.study.stochastic.program import Key, Part, part_of, shared_scale
from hubopt.study.stochastic.recourse import Answer, Bench, Clock, answer, bench, confirmed, solved_alone, with_better
from hubopt.study.stochastic.scenarios import ScenarioSet
from hubopt.study.stochastic.types import Line, Outcome, Question, rank

EXTENSIVE_UP_TO = 60_000
"""Integer columns of the extensive form up to which ``auto`` takes it; hedging beyond."""

EXTENSIVE_ALWAYS_UP_TO = 2_000
"""Integer columns of the extensive form up to which ``auto`` takes it whatever the first stage."""

L_SHAPED_UP_TO = 60
"""Yes-or-no questions of the first stage up to which ``auto`` takes the L-shaped method."""

ALONE_SHARE, MEAN_SHARE, LAST_SHARE = 0.2, 0.2, 0.1
"""Shares of the time for the scenarios alone, for the mean case, and for the last answers to the best first stage."""

LARGE_ALONE_SHARE, LARGE_MEAN_SHARE = 0.5, 0.5
"""The same shares for large scenarios, where the bounds of the scenarios alone are most of what can be proven."""

LARGE_FROM = 1500
"""Integer columns of a scenario from which the methods of ``hubopt solve`` find its own best answer."""

_LIMITS: dict[str, Limit] = {"time": "time", "interrupt": "interrupt", "memory": "memory", "crash": "crash"}


@dataclass
class Run:
    """A run as it goes; :meth:`outcome` is what it has found so far."""

    instance: Instance
    scenarios: ScenarioSet
    question: Question
    tell: Callable[[str], None]
    listen: Callable[[Progress], None] | None
    file: str = "scenarios"
    seconds: dict[str, float] = field(default_factory=dict)
    reason: str = "time"
    bound: float = -math.inf
    trace: tuple[tuple[float, float | None, float | None], ...] = ()
    alone: list[Interval] = field(default_factory=list)
    mean: list[Answer] | None = None
    best: tuple[Mapping[Key, float], list[Answer]] | None = None
    own: list[Mapping[Key, float] | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.started = time.monotonic()
        question = self.question
        self.clock = Clock.of(question.time_limit)
        self.cases = cases_of(self.instance, question.policy, self.scenarios, self.file)
        self.scale: Scale = shared_scale(self.cases)
        self.parts = [part_of(case, self.scale) for case in self.cases]
        self.chances = [case.probability for case in self.cases]
        self.way = self._way()
        is_large = all(self._is_large(part) for part in self.parts) and question.measure.kind == "expected"
        self.large = Large(self) if is_large and self.way != "l-shaped" else None
        self.booked("build")

    def _way(self) -> Literal["extensive", "hedging", "l-shaped"]:
        """How the scenarios are solved together."""
        asked, switches = self.question.method, switches_of(self.parts)
        if asked == "l-shaped" and not math.isfinite(switches):
            message = (
                "is for first stages of whole numbers within bounds; here floor area is converted by the square metre"
            )
            raise InputError([Problem("--method", message, "take --method extensive or hedging", value="l-shaped")])
        if asked != "auto":
            return asked
        columns = sum(int(part.program.integer.sum()) for part in self.parts)
        if self.question.measure.kind != "expected" or columns <= EXTENSIVE_ALWAYS_UP_TO:
            return "extensive"
        if switches <= L_SHAPED_UP_TO and not self._is_large(self.parts[0]):
            return "l-shaped"
        return "hedging" if columns > EXTENSIVE_UP_TO and hedging_is_installed() else "extensive"

    def booked(self, phase: str) -> None:
        """Book the time since the last phase."""
        self.seconds[phase] = round(time.monotonic() - self.started - sum(self.seconds.values()), 3)

    # -- the steps ---------------------------------------------------------------------------------------------

    def go(self) -> None:
        """All steps; Ctrl-C ends the search and the best of what was found before is checked."""
        question = self.question
        try:
            with bench(self.parts[0].program, question.seed, question.threads) as at:
                if rank() > 0:
                    # of an MPI run the first process does all but the hedging
                    if self.way == "hedging" and self.large is None:
                        self._search(at)
                elif self.large is not None:
                    if self.large.prepare(at):
                        self._search(at)
                elif self._alone(at):
                    self._mean(at)
                    self._search(at)
        except KeyboardInterrupt:
            self.reason = "interrupt"
        self._confirm()
        self.booked("check")

    def _alone(self, at: Bench) -> bool:
        """Every scenario as if it were known; False if one has no plan at all."""
        clock = self.clock.share(LARGE_ALONE_SHARE if self._is_large(self.parts[0]) else ALONE_SHARE)
        for number, part in enumerate(self.parts):
            self.tell(f"scenario {part.case.id} alone")
            found = self._known(part, at, clock.left / (len(self.parts) - number))
            if found.reason == "infeasible" and part.case.probability > 0:
                self.reason = "infeasible"
                self.tell(f"scenario {part.case.id} has no plan at all")
                return False
            self.alone.append(found.cost)
            self.own.append(None if found.point is None else part.decision(found.point))
        self.prove_alone()
        self.booked("alone")
        return True

    def prove_alone(self) -> None:
        """Take what the scenarios cost by themselves at least: together they cost no less."""
        self._prove(self._measure([item.lower for item in self.alone]))

    @staticmethod
    def _is_large(part: Part) -> bool:
        return int(part.program.integer.sum()) >= LARGE_FROM

    def _known(self, part: Part, at: Bench, seconds: float) -> Answer:
        """The best answer in one scenario with the first stage free; large ones by the methods of ``hubopt solve``."""
        gap = self.question.gap / 2
        if not self._is_large(part):
            return answer(part, at, gap, seconds)
        return solved_alone(part, gap, seconds, self.question.threads, self.question.seed)

    def _mean(self, at: Bench) -> None:
        """The first stage of the mean case in every scenario."""
        self.tell("mean of the scenarios")
        clock = self.clock.share(LARGE_MEAN_SHARE if self._is_large(self.parts[0]) else MEAN_SHARE)
        part = part_of(mean_case(self.instance, self.question.policy, self.scenarios), self.scale)
        found = self._known(part, at, clock.left / 3)
        if found.point is not None and part.decided.keys() >= self.parts[0].decided.keys():
            decision = part.decision(found.point)
            self.mean = self.answered(decision, at, clock)
            self.keep(decision, self.mean)
        self.booked("mean")

    def answered(
        self, decision: Mapping[Key, float], at: Bench, clock: Clock, starts: Sequence[Answer] | None = None
    ) -> list[Answer]:
        """The best answers to a first stage in all scenarios, not yet checked."""
        found = []
        for number, part in enumerate(self.parts):
            seconds = clock.left / (len(self.parts) - number)
            start = None if starts is None else starts[number].point
            found.append(answer(part, at, self.question.gap / 2, seconds, decision, start))
        return found

    def keep(self, decision: Mapping[Key, float], found: list[Answer]) -> bool:
        """Take a first stage as the best if its measure is; whether it is."""
        better = self.best is None or self._reached(found) < self._reached(self.best[1])
        if better:
            self.best = (decision, found)
        return better

    def _points(self) -> list[Vector] | None:
        """Points of the best first stage, if it has one in every scenario."""
        points = [] if self.best is None else [item.point for item in self.best[1] if item.point is not None]
        return points if len(points) == len(self.parts) else None

    def _search(self, at: Bench) -> None:
        question, money = self.question, self.parts[0].money
        clock = self.clock.share(1 - LAST_SHARE)
        self.tell(f"all scenarios together, {self.way}")
        if self.way == "hedging" and self.large is not None:
            found = hedge_relaxations(self, self.large, clock)
        elif self.way == "hedging":
            from hubopt.study.stochastic.hedging import hedge

            found = hedge(self, at, clock)
        elif self.way == "l-shaped":
            found = solve_l_shaped(self, at, clock)
        else:
            least = np.array([item.upper / money for item in self.alone])
            found = solve_extensive(
                self.parts, question.measure, least, self._points(), gap=question.gap, clock=clock,
                seed=question.seed, threads=question.threads, listen=self.listen,
            )  # fmt: skip
        self._prove(found.bound * money)
        self.reason, self.trace = found.reason, found.trace
        if found.decision is not None and found.points is not None:
            self._take(at, found.decision, found.points)
        self.booked(self.way)

    def _take(self, at: Bench, decision: Mapping[Key, float], points: Sequence[Vector]) -> None:
        """Take the first stage of the extensive form with the points of its scenarios."""
        own: list[Answer] = []
        for part, point in zip(self.parts, points, strict=True):
            cost = part.program.objective(point) * part.money
            own.append(Answer(Interval(-math.inf, cost), "optimal", point))
        if self.question.measure.kind != "expected":
            # a scenario that does not decide the measure may have been left dearer than it needs to be
            again = self.answered(decision, at, Clock.of(max(self.clock.left, 10.0)), own)
            own = [with_better(*pair) for pair in zip(again, own, strict=True)]
        self.keep(decision, own)

    def _confirm(self) -> None:
        """Exact flows for the best first stage, and the checker's word on each scenario's plan."""
        if self.best is None:
            return
        decision, found = self.best
        self.tell("check")
        with bench(self.parts[0].program, self.question.seed, self.question.threads) as at:
            checked = [confirmed(part, at, decision, item) for part, item in zip(self.parts, found, strict=True)]
        self.best = (decision, checked)

    # -- what they amount to -------------------------------------------------------------------------------------

    def _prove(self, bound: float) -> None:
        if not math.isnan(bound):
            self.bound = max(self.bound, bound)

    def _measure(self, costs: Sequence[float], *, upper: bool = False) -> float:
        """Measure of costs by scenario; a regret is from the end of the interval that keeps it on its side."""
        least = [item.lower if upper else item.upper for item in self.alone]
        if any(math.isnan(cost) for cost in costs) or not self.alone:
            return math.nan
        if any(cost == -math.inf for cost, chance in zip(costs, self.chances, strict=True) if chance > 0):
            return -math.inf
        if any(cost == math.inf for cost, chance in zip(costs, self.chances, strict=True) if chance > 0):
            return math.inf
        return measured(self.question.measure, self.chances, costs, least)

    def _reached(self, found: Sequence[Answer]) -> float:
        return self._measure([item.cost.upper for item in found], upper=True)

    def reached(self) -> float:
        """Measure of the best first stage so far (CNY/year)."""
        return math.inf if self.best is None else self._reached(self.best[1])

    def gap_reached(self, bound: float) -> bool:
        """Whether a lower bound (model units) is within the gap of the best first stage."""
        best = self.reached()
        money = self.parts[0].money
        return math.isfinite(best) and best - bound * money <= self.question.gap * max(abs(best), 1e-9)

    def _interval(self, found: Sequence[Answer]) -> Interval:
        return Interval(self._measure([item.cost.lower for item in found]), self._reached(found))

    def _status(self, value: Interval) -> Status:
        if self.reason == "infeasible":
            return "infeasible"
        if not math.isfinite(value.upper):
            return "error" if self.reason in ("error", "crash") else "no-solution"
        room = self.question.gap * max(abs(value.upper), 1e-9)
        return "optimal" if value.upper - value.lower <= room + 1e-9 else "feasible"

    def outcome(self) -> Outcome:
        """What has been found so far."""
        question, kind = self.question, self.question.measure.kind
        none = Answer(Interval(-math.inf, math.inf), self.reason)
        alone = self.alone if len(self.alone) == len(self.parts) else [none.cost] * len(self.parts)
        decision, chosen = self.best if self.best is not None else (None, [none] * len(self.parts))
        upper = self._reached(chosen) if self.best is not None else math.inf
        if not math.isfinite(upper):
            decision = None
        bound = max(self.bound, 0.0) if kind == "regret" else self.bound
        value = Interval(min(bound, upper), upper)
        together = Interval(
            *(expected(self.chances, costs) for costs in ([x.lower for x in alone], [x.upper for x in alone]))
        )
        mean = None if self.mean is None else self._interval(self.mean)
        status = self._status(value)
        limit = _LIMITS.get(self.reason, "none") if status != "optimal" or self.reason == "interrupt" else "none"
        costs = [item.cost.upper for item in chosen]
        has = decision is not None
        known = Measure("expected") if kind == "expected" else question.measure
        best_known = Interval(
            *(
                measured(known, self.chances, side, [0.0] * len(side)) if all(map(math.isfinite, side)) else math.nan
                for side in ([x.lower for x in alone], [x.upper for x in alone])
            )
        )
        lines = tuple(
            Line(case.id, case.probability, item, apart, None if self.mean is None else self.mean[number].cost)
            for number, (case, item, apart) in enumerate(zip(self.cases, chosen, alone, strict=True))
        )
        return Outcome(
            question=question,
            scenarios=self.scenarios,
            instance_id=self.instance.info.id,
            instance_sha256=sha256(self.instance),
            method=self.way,
            status=status,
            limit=limit,
            value=value,
            expected=expected(self.chances, costs) if has else None,
            cvar=conditional_value_at_risk(self.chances, costs, question.measure.alpha) if has else None,
            regret=max(line.regret.upper for line in lines if line.probability > 0) if has else None,
            alone=together,
            mean=mean,
            vss=None if mean is None else (mean - value).at_least(0.0),
            evpi=None if kind == "regret" or not self.alone else (value - best_known).at_least(0.0),
            decision=decision,
            lines=lines,
            seconds={**self.seconds, "total": round(time.monotonic() - self.started, 3)},
            versions=versions(),
            trace=self.trace,
        )


def hedging_is_installed() -> bool:
    """Whether the library for progressive hedging is there."""
    from importlib.util import find_spec

    return find_spec("mpisppy") is not None


def versions() -> dict[str, str]:
    """Versions of what decides a result."""
    import platform

    import hubopt

    names = ["highspy", "pyomo", "numpy", "scipy", "pandas", *(["mpi-sppy"] if hedging_is_installed() else [])]
    own = {"hubopt": hubopt.__version__, "code": code_sha256()[:16], "python": platform.python_version()}
    return own | {name: version(name) for name in names}


def _check_question(instance: Instance, question: Question) -> None:
    problems = []
    if instance.info.sense != "min":
        message = f"states an objective of sense {instance.info.sense!r}"
        problems.append(Problem("INSTANCE", message, "give an instance whose objective is a cost (sense 'min')"))
    if question.method in ("hedging", "l-shaped") and question.measure.kind != "expected":
        message = "finds the least expected cost only"
        problems.append(Problem("--method", message, "take --method extensive for this measure", value=question.method))
    if question.method == "hedging" and not hedging_is_installed():
        mend = "install hubopt with its extra 'stochastic', or take --method extensive"
        problems.append(Problem("--method", "needs mpi-sppy, which is not installed", mend, value="hedging"))
    if problems:
        raise InputError(problems)


def stochastic(
    instance: Instance, scenarios: ScenarioSet, question: Question | None = None, *,
    tell: Callable[[str], None] = lambda sentence: None, listen: Callable[[Progress], None] | None = None,
    file: str = "scenarios",
) -> Outcome:  # fmt: skip
    """Find the first stage that is best over all scenarios, and prove how good it is.

    Parameters
    ----------
    tell
        Called at the beginning of each step with a sentence.
    listen
        Called when the bound or the best first stage of the extensive form improves.
    file
        What problems of the scenarios give as their file.

    Returns
    -------
    Outcome
        After Ctrl-C with the best first stage so far.

    Raises
    ------
    InputError
        If the scenarios or the question do not fit the instance.
    """
    asked = question or Question()
    _check_question(instance, asked)
    run = Run(instance, scenarios, asked, tell, listen, file)
    run.go()
    return run.outcome()
