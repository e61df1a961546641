"""Several periods: the last one first, then back to today for a plan, then all together; a proof goes on beside it.

1. The last period alone, from today's facilities (:func:`relaxed_period`), gives the goal. Each earlier period is
   solved on the sites, designs and sizes of the next, so that what is built stays, and from the plan of the next, which
   is one for less demand too.
2. The plans together are a point of the whole program, which a large-neighbourhood search improves over all periods.
3. On the other core the relaxation of all periods bounds the whole, and branching on each by itself, at the prices of
   that relaxation, raises the bound (:mod:`hubopt.solve.by_period`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from hubopt.instance import Design, Instance, Period, Policy
from hubopt.model import Network, build
from hubopt.model.objective import capital_recovery
from hubopt.solve.by_period import Proof
from hubopt.solve.compile import compile_model
from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.lockstep import ROUND_SECONDS
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.monolith import Found, fixed_job
from hubopt.solve.plans.search import SECONDS, LocalSearch, improve
from hubopt.solve.progress import Progress, Tracker
from hubopt.solve.staged import LEFT_OUT, SHARES, SHORTFALL_PRICE, WHOLE, Staged

GOAL_SHARE, NESTED_SHARE = 0.35, 0.4
"""Shares of the time left that the goal may take, and then the nested ones together."""

_DECISIONS = ("open", "modules", "link", "converted")


def _cheapest(design: Design, others: tuple[Design, ...], rate: float) -> Design:
    """The design at what a site may pay for it at least if it first stands in another design for a while."""
    crf = {item.id: capital_recovery(rate, item.life_years) for item in (design, *others)}
    own = crf[design.id]
    capital, fixed = design.capital_cny_m2, design.fixed_capital_cny
    for other in others:
        detour = crf[other.id] * other.capital_cny_m2 + own * design.conversion_cny_m2
        capital = min(capital, detour / own)
        dearer = max(0.0, detour - own * design.capital_cny_m2) * other.module_gfa_m2 * other.min_modules
        fixed = min(fixed, (crf[other.id] * other.fixed_capital_cny + dearer) / own)
    return design.model_copy(
        update={
            "capital_cny_m2": capital, "fixed_capital_cny": fixed, "conversion_months": 0.0, "converts_from": None,
        }
    )  # fmt: skip


def one_period(instance: Instance, period: Period) -> Instance:
    """An effective instance with one of its periods only, which counts as one; without its capital budget."""
    alone = period.model_copy(update={"weight": 1.0, "capital_budget_cny": None})
    structure = instance.structure.model_copy(update={"periods": (alone,)})
    demand = instance.demand[instance.demand["period"] == period.id].reset_index(drop=True)
    return replace(instance, structure=structure).with_tables(demand=demand)


def relaxed_period(instance: Instance, period: Period) -> Instance:
    """As :func:`one_period`, with designs at least possible cost and no time lost in converting: a relaxation."""
    alone = one_period(instance, period)
    designs = instance.structure.designs
    relaxed = tuple(
        _cheapest(
            design,
            tuple(x for x in designs if x.id != design.id and set(x.levels) & set(design.levels)),
            instance.info.discount_rate,
        )
        for design in designs
    )
    return replace(alone, structure=alone.structure.model_copy(update={"designs": relaxed}))


def one_period_policy(policy: Policy) -> Policy:
    """What of a policy travels beside an effective instance, without what binds periods together."""
    return Policy(
        off=policy.off,
        weights=policy.weights,
        land_charge_cny_ha_year=policy.land_charge_cny_ha_year,
        unmet_share_max=policy.unmet_share_max,
        stock_share_min=policy.stock_share_min,
    )


@dataclass
class Phased:
    """One run over several periods; :meth:`run` does it all.

    ``steady``: nothing but the time limit depends on the clock; shares of the time become shares of the work.
    """

    network: Network
    program: Milp
    tracker: Tracker
    gap: float
    seed: int
    start: Vector | None
    log: Callable[[str], None]
    best: Vector | None = None
    steady: bool = False
    nodes: int | None = None
    given: float = 0.0
    _proof: Proof = field(init=False)

    def run(self) -> Found:
        """Run to the gap, the time limit or an interrupt (KeyboardInterrupt is caught and kept as the reason)."""
        try:
            relaxed = self.program.without(LEFT_OUT)
            with SolverProcess(relaxed) as prover:
                proof = Proof(
                    prover, relaxed, tuple(self.network.period), self.tracker, self.seed, self.log, steady=self.steady
                )
                return self._beside(proof)
        except KeyboardInterrupt:
            return Found("interrupt", self.best)

    def _beside(self, proof: Proof) -> Found:
        """Look for a plan while the proof goes on; in a steady run after it."""
        self._proof = proof
        if self.steady:
            self.tracker.enter("bound")
            proof.run()
        else:
            proof.start()
        try:
            found = self._plan()
        finally:
            proof.end()
        self.hear()
        return found if self.tracker.gap > self.gap else replace(found, reason="optimal")

    def hear(self) -> None:
        """Note what the proof has come to."""
        self.tracker.proved(self._proof.bound)

    def _plan(self) -> Found:
        point = self.start
        if point is None:
            period = list(self.network.period.values())[-1]
            goal = _Alone(self, relaxed_period(self.network.instance, period), period.id)
            found = goal.solve(max(1.0, self._left * GOAL_SHARE), f"{period.id} alone")
            if found.reason in ("infeasible", "interrupt"):
                return Found(found.reason, None)
            point = self._nested(goal)
        if self._proof.infeasible:
            return Found("infeasible", None)
        if point is not None:
            return self._improve(point)
        with SolverProcess(self.program) as solver:
            return self._exactly(solver, self.program, None)

    @property
    def _left(self) -> float:
        """Seconds to be shared out: those left or, in a steady run, what is left of the limit after what was given."""
        return max(0.0, self.tracker.time_limit - self.given) if self.steady else self.tracker.left

    @property
    def _now(self) -> float:
        """Seconds since the start or, in a steady run, those that were given to periods so far."""
        return self.given if self.steady else self.tracker.seconds

    def _nested(self, goal: _Alone) -> Vector | None:
        """A point of the whole program, period by period back from the goal; None if a period has no plan in time."""
        point = np.zeros(self.program.columns)
        periods = list(self.network.period.values())
        ends = self._now + self._left * NESTED_SHARE
        later = goal
        if later.values is None:
            return None
        self._enter_into(point, later)
        for place, period in enumerate(reversed(periods[:-1])):
            alone = _Alone(self, one_period(self.network.instance, period), period.id)
            alone.stay_within(later)
            seconds = max(1.0, (ends - self._now) / (len(periods) - 1 - place))
            if alone.solve(seconds, f"{period.id} towards the goal", alone.like(later)).values is None:
                return None
            self._enter_into(point, alone)
            later = alone
        return point

    def _enter_into(self, point: Vector, alone: _Alone) -> None:
        """Enter the decisions of a period into a point of the whole program."""
        assert alone.values is not None
        for name in _DECISIONS:
            columns = self.program.groups.get(name, {})
            for index, column in alone.program.groups.get(name, {}).items():
                if index in columns:
                    point[columns[index]] = alone.values[column]

    def _improve(self, point: Vector) -> Found:
        """Complete the point in the whole program and search its neighbourhoods until time is up."""
        self.tracker.enter("all periods")
        price = SHORTFALL_PRICE * max(abs(self.tracker.bound), 1.0)
        program = self.program.elastic(SHARES, price)
        start = np.concatenate([point, np.zeros(program.columns - len(point))])
        with SolverProcess(program) as improver:
            outcome = improver.run(fixed_job(program, start, self.tracker.left))
            if not isinstance(outcome, Outcome) or outcome.values is None or outcome.objective is None:
                return self._exactly(improver, program.at_zero("shortfall"), None)
            self.log(f"all periods: objective {outcome.objective}\n")
            whole = program.rounded(outcome.values)
            search = LocalSearch(
                self.network, program, whole, outcome.objective, self.seed, steady=self.steady,
                longest=SECONDS * len(self.network.periods),
            )  # fmt: skip
            self._take(search.point, search.objective)

            def absorbed(improved: bool) -> bool:
                if improved:
                    self._take(search.point, search.objective)
                self.hear()
                return self.tracker.gap > self.gap

            self.hear()
            if self.tracker.gap > self.gap and not improve(improver, search, self.tracker, absorbed):
                return self._exactly(improver, program.at_zero("shortfall"), search.point)
        return Found("optimal" if self.tracker.gap <= self.gap else "time", self.best)

    def _exactly(self, solver: SolverProcess, program: Milp, start: Vector | None) -> Found:
        """Nothing can be improved piece by piece: branch on the whole program for the rest of the time."""
        self.tracker.enter("branch and bound")
        solver.replace(program)
        job = Job(
            program.lower, program.upper, program.integer, start,
            gap=self.gap, seconds=self.tracker.left, nodes=self.nodes, seed=self.seed,
        )  # fmt: skip
        outcome = solver.run(job)
        assert isinstance(outcome, Outcome)
        if outcome.values is not None and outcome.objective is not None:
            self._take(outcome.values, outcome.objective)
        self.tracker.proved(outcome.bound)
        return Found(outcome.reason, self.best, outcome.nodes)

    def _take(self, values: Vector, objective: float) -> None:
        if values[self.program.columns :].sum() <= WHOLE and self.tracker.improves(objective):
            # kept before it is told of: Ctrl-C may come while somebody listens
            self.best = self._proof.best = values[: self.program.columns]
            self.tracker.found(objective, self.best)


class _Alone:
    """One period on its own: its program, what it must stay within, and what became of it."""

    def __init__(self, whole: Phased, instance: Instance, period: str) -> None:
        self.whole, self.period = whole, period
        model = build(instance, one_period_policy(whole.network.policy))
        self.network: Network = model.network
        self.program = compile_model(model)
        self.values: Vector | None = None

    def stay_within(self, later: _Alone) -> None:
        """Allow only what can become the plan of the next period: its sites, designs, sizes, and today's facilities.

        Of today's facilities those that are open then must be open now, in either design.
        """
        later_sizes, later_open = later.sizes(), later.open_sites()
        upper = self.program.upper.copy()
        opened = self.program.groups["open"]
        choices: dict[str, list[int]] = {f"stays_open[{i}]": [] for i in self.network.existing if i in later_open}
        for (i, d, t), column in self.program.groups["modules"].items():
            goes_on = later_sizes.get((i, d), 0.0)
            today = self.network.existing.get(i)
            if today is not None and today.design == d:
                goes_on = max(goes_on, float(today.modules))
            upper[column] = min(upper[column], goes_on)
            if goes_on == 0:
                upper[opened[i, d, t]] = 0.0
            elif f"stays_open[{i}]" in choices:
                choices[f"stays_open[{i}]"].append(opened[i, d, t])
        self.program = replace(self.program, upper=upper).with_one_of({k: v for k, v in choices.items() if v})

    def like(self, later: _Alone) -> Vector:
        """The decisions of another period's plan as a start for this one."""
        assert later.values is not None
        point = np.zeros(self.program.columns)
        for name in _DECISIONS:
            columns = self.program.groups.get(name, {})
            for index, column in later.program.groups.get(name, {}).items():
                here = (*index[:-1], self.period)
                if here in columns:
                    point[columns[here]] = later.values[column]
        return np.clip(point, self.program.lower, self.program.upper)

    def sizes(self) -> dict[tuple[str, str], float]:
        """Modules by (site, design) of the plan."""
        assert self.values is not None
        columns = self.program.groups["modules"]
        return {(i, d): float(np.round(self.values[column])) for (i, d, _), column in columns.items()}

    def open_sites(self) -> set[str]:
        """Sites that are open in the plan."""
        return {i for (i, _), modules in self.sizes().items() if modules > 0}

    def solve(self, seconds: float, name: str, start: Vector | None = None) -> Found:
        """Find a plan of the period in so many seconds."""
        money = self.network.scale.money_cny
        seen = ""

        def tell(progress: Progress) -> None:
            nonlocal seen
            if progress.phase != seen:
                seen = progress.phase
                self.whole.tracker.enter(f"{name}: {seen}")
            self.whole.hear()

        whole = self.whole
        tracker = Tracker(money, whole.tracker.left if whole.steady else seconds, tell)
        tracker.time_limit = seconds
        whole.given += seconds
        staged = Staged(
            self.network, self.program, tracker, whole.gap / 2, whole.seed, start, whole.log, steady=whole.steady,
            rounds=max(1, round(seconds / ROUND_SECONDS)) if whole.steady else None, bounding=False,
        )  # fmt: skip
        found = staged.run()
        self.values = found.values
        self.whole.log(f"{name}: {found.reason}, incumbent {tracker.incumbent * money}\n")
        return found
