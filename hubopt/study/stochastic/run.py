"""The whole run: every scenario alone, the mean case, the best first stage for all, and what the three tell."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np

from hubopt.instance import InputError, Instance, Problem, sha256
from hubopt.model import Scale
from hubopt.solution.types import Limit, Status
from hubopt.solve.milp import Vector
from hubopt.solve.progress import Progress
from hubopt.solve.run import code_sha256
from hubopt.study.stochastic.cases import cases_of, mean_case
from hubopt.study.stochastic.extensive import Found, solve_extensive
from hubopt.study.stochastic.measures import Interval, Measure, conditional_value_at_risk, expected, measured
from hubopt.study.stochastic.program import Key, Part, part_of, shared_scale
from hubopt.study.stochastic.recourse import Answer, Bench, Clock, answer, bench, judged, with_better
from hubopt.study.stochastic.scenarios import ScenarioSet
from hubopt.study.stochastic.types import Line, Outcome, Question

EXTENSIVE_UP_TO = 60_000
"""Integer columns of the extensive form up to which ``auto`` takes it; hedging beyond."""

ALONE_SHARE, MEAN_SHARE, LAST_SHARE = 0.2, 0.2, 0.1
"""Shares of the time for the scenarios alone, for the mean case, and for the last answers to the best first stage."""

_LIMITS: dict[str, Limit] = {"time": "time", "interrupt": "interrupt", "memory": "memory", "crash": "crash"}

Points = list[Vector | None]


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

    def __post_init__(self) -> None:
        self.started = time.monotonic()
        question = self.question
        self.clock = Clock.of(question.time_limit)
        self.cases = cases_of(self.instance, question.policy, self.scenarios, self.file)
        self.scale: Scale = shared_scale(self.cases)
        self.parts = [part_of(case, self.scale) for case in self.cases]
        self.chances = [case.probability for case in self.cases]
        columns = sum(int(part.program.integer.sum()) for part in self.parts)
        way = question.method
        if way == "auto":
            large = columns > EXTENSIVE_UP_TO and question.measure.kind == "expected"
            way = "hedging" if large and hedging_is_installed() else "extensive"
        self.way = way
        self._booked("build")

    def _booked(self, phase: str) -> None:
        self.seconds[phase] = round(time.monotonic() - self.started - sum(self.seconds.values()), 3)

    # -- the steps ---------------------------------------------------------------------------------------------

    def go(self) -> None:
        """All steps; Ctrl-C ends them and what was found before stays."""
        question = self.question
        try:
            with bench(self.parts[0].program, question.seed, question.threads) as at:
                if self._alone(at):
                    points = self._mean(at)
                    found = self._search(at, points)
                    self._close(at, found)
        except KeyboardInterrupt:
            self.reason = "interrupt"
        self._booked("check")

    def _alone(self, at: Bench) -> bool:
        """Every scenario as if it were known; False if one has no plan at all."""
        clock = self.clock.share(ALONE_SHARE)
        for number, part in enumerate(self.parts):
            self.tell(f"scenario {part.case.id} alone")
            seconds = clock.left / (len(self.parts) - number)
            found, _ = answer(part, at, self.question.gap / 2, seconds)
            if found.reason == "infeasible" and part.case.probability > 0:
                self.reason = "infeasible"
                self.tell(f"scenario {part.case.id} has no plan at all")
                return False
            self.alone.append(found.cost)
        self._prove(self._measure([item.lower for item in self.alone]))
        self._booked("alone")
        return True

    def _mean(self, at: Bench) -> list[Vector] | None:
        """The first stage of the mean case in every scenario; its points, if it has one in each."""
        self.tell("mean of the scenarios")
        clock = self.clock.share(MEAN_SHARE)
        part = part_of(mean_case(self.instance, self.question.policy, self.scenarios), self.scale)
        found, values = answer(part, at, self.question.gap / 2, clock.left / 3)
        points = None
        if values is not None and found.plan is not None and part.decided.keys() >= self.parts[0].decided.keys():
            points = self._try(part.decision(values), at, clock)
        self._booked("mean")
        return points

    def _try(self, decision: Mapping[Key, float], at: Bench, clock: Clock) -> list[Vector] | None:
        """Answer a first stage in every scenario, and keep it if it is the best; the points if there is one in each."""
        found, points = self.answered(decision, at, clock)
        self.mean = found
        self.keep(decision, found)
        whole = [point for point in points if point is not None]
        return whole if len(whole) == len(self.parts) else None

    def answered(self, decision: Mapping[Key, float], at: Bench, clock: Clock) -> tuple[list[Answer], Points]:
        """The best answers to a first stage in all scenarios, and their points."""
        found, points = [], []
        for number, part in enumerate(self.parts):
            seconds = clock.left / (len(self.parts) - number)
            item, point = answer(part, at, self.question.gap / 2, seconds, decision)
            found.append(item)
            points.append(point)
        return found, points

    def keep(self, decision: Mapping[Key, float], found: list[Answer]) -> None:
        """Take a first stage as the best if its measure is."""
        if self.best is None or self._reached(found) < self._reached(self.best[1]):
            self.best = (decision, found)

    def _search(self, at: Bench, points: list[Vector] | None) -> Found:
        question, money = self.question, self.parts[0].money
        clock = self.clock.share(1 - LAST_SHARE)
        self.tell(f"all scenarios together, {self.way}")
        if self.way == "hedging":
            from hubopt.study.stochastic.hedging import hedge

            found = hedge(self, at, clock)
        else:
            least = np.array([item.upper / money for item in self.alone])
            found = solve_extensive(
                self.parts, question.measure, least, points, gap=question.gap, clock=clock, seed=question.seed,
                threads=question.threads, listen=self.listen,
            )  # fmt: skip
        self._prove(found.bound * money)
        self.reason, self.trace = found.reason, found.trace
        self._booked(self.way)
        return found

    def _close(self, at: Bench, found: Found) -> None:
        """The checked answers to the first stage that was found."""
        if found.decision is None:
            return
        settled: list[Answer] | None = None
        if found.points is not None:
            settled = []
            for part, point in zip(self.parts, found.points, strict=True):
                whole = at.settled(part.held(found.decision), point)
                settled.append(judged(part, whole, -math.inf))
            self.keep(found.decision, settled)
        if self.question.measure.kind != "expected" or settled is None:
            # where a scenario does not decide the measure its answer may have been left dearer than it needs to be
            again, _ = self.answered(found.decision, at, Clock.of(max(self.clock.left, 10.0)))
            both = again if settled is None else [with_better(*pair) for pair in zip(again, settled, strict=True)]
            self.keep(found.decision, both)
            if self.best is not None and self.best[0] is found.decision:
                self.best = (found.decision, both)

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
        none = Answer(Interval(-math.inf, math.inf), None, None, self.reason)
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
            method="hedging" if self.way == "hedging" else "extensive",
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
    if question.method == "hedging" and question.measure.kind != "expected":
        message = "finds the least expected cost only"
        problems.append(Problem("--method", message, "take --method extensive for this measure", value="hedging"))
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
