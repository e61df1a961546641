"""Progressive hedging through mpi-sppy: many scenarios, each solved alone, drawn together by prices and distance.

mpi-sppy does the hedging, over MPI ranks where there are some. Its prices W sum to 0 over the scenarios (weighted by
their chances), so that the scenarios' own programs with these prices give a lower bound (Gade et al. 2016); that bound
is computed here with the model's own programs and HiGHS's proven bounds. The first stages that the scenarios ask for on
the way are tried in all of them, which gives upper bounds.
"""

from __future__ import annotations

import contextlib
import io
import logging
import math
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hubopt.model import build
from hubopt.study.stochastic.extensive import Found
from hubopt.study.stochastic.program import Key, Part
from hubopt.study.stochastic.recourse import Bench, Clock, answer

if TYPE_CHECKING:
    from hubopt.study.stochastic.run import Run

MOST_ROUNDS = 200
"""Rounds of hedging after which it ends."""

PRICE_SHARE = 0.2
"""Price of a unit of distance over what the decision itself costs: small steps of the prices give better bounds."""

PATIENCE = 25
"""Rounds without a better bound or first stage after which the hedging ends."""

SUBPROBLEM_GAP = 1e-3
"""Relative gap of the scenarios' programs within the hedging; the bounds do not depend on it."""


class _EnoughError(Exception):
    """The gap is reached, or the time is over."""


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """mpi-sppy and Pyomo tell of their steps on standard output and warn of each other; hubopt tells of its own."""
    logger = logging.getLogger("pyomo")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def lagrangian_bound(
    parts: Mapping[str, Part], prices: Mapping[str, Mapping[Key, float]], at: Bench, gap: float, clock: Clock
) -> float:
    """Sum over scenarios of chance times the least cost with prices on the first stage (model units).

    A lower bound on the expected cost if the prices, weighted by the chances, sum to 0 over all scenarios.
    """
    total = 0.0
    for number, (name, part) in enumerate(parts.items()):
        outcome = at.solve(part.priced(prices[name]), gap, clock.left / (len(parts) - number))
        if outcome.bound is None or outcome.reason == "infeasible":
            return -math.inf
        total += part.case.probability * outcome.bound
    return total


def balanced(prices: Mapping[str, Mapping[Key, float]], chances: Mapping[str, float]) -> dict[str, dict[Key, float]]:
    """The prices with what their sum misses 0 by taken off each of them: round-off must not enter a bound."""
    total = sum(chances[name] for name in prices)
    keys = next(iter(prices.values()))
    over = {key: sum(chances[name] * own[key] for name, own in prices.items()) / total for key in keys}
    return {name: {key: value - over[key] for key, value in own.items()} for name, own in prices.items()}


class _Hedge:
    """What is done between the rounds: bounds from the prices, trials of first stages, and when to stop."""

    def __init__(self, run: Run, at: Bench, clock: Clock) -> None:
        self.run, self.at, self.clock = run, at, clock
        self.parts = {part.case.id: part for part in run.parts}
        self.keys = list(run.parts[0].decided)
        self.bound = -math.inf
        self.trace: list[tuple[float, float | None, float | None]] = []
        self.tried: set[tuple[float, ...]] = set()
        self.idle = 0

    # -- what mpi-sppy asks for ------------------------------------------------------------------------------------

    def scenario(self, name: str, **_: Any) -> Any:
        """The model of a scenario with its decisions of the first stage made known."""
        import mpisppy.utils.sputils as sputils

        part = self.parts[name]
        model = build(part.case.instance, part.case.policy, self.run.scale)
        decisions = [model.component(group)[index] for group, index in self.keys]
        sputils.attach_root_node(model, 0, decisions, do_uniform=False)
        model._mpisppy_probability = part.case.probability
        return model

    def weights(self, model: Any) -> list[tuple[int, float]]:
        """Price of a unit of distance for each decision: what the decision itself costs."""
        costs = [self._cost(key) for key in self.keys]
        some = [cost for cost in costs if cost > 0]
        other = float(np.median(some)) if some else 1.0
        variables = [model.component(group)[index] for group, index in self.keys]
        return [(id(x), PRICE_SHARE * (cost if cost > 0 else other)) for x, cost in zip(variables, costs, strict=True)]

    def _cost(self, key: Key) -> float:
        part = self.run.parts[0]
        return abs(float(part.program.cost[part.decided[key]]))

    # -- between the rounds ----------------------------------------------------------------------------------------

    def _stop_together(self, ph: Any) -> None:
        """End on all ranks at once when the first of them says so."""
        done = None
        if ph.cylinder_rank == 0:
            done = self.run.gap_reached(self.bound) or self.clock.left <= 0 or self.idle > PATIENCE
        if ph.mpicomm.bcast(done, root=0):
            raise _EnoughError

    def priced(self, ph: Any) -> None:
        """After new prices: the bound that they give."""
        own = {
            name: {key: float(model._mpisppy_model.W["ROOT", place].value) for place, key in enumerate(self.keys)}
            for name, model in ph.local_scenarios.items()
        }
        gathered = ph.mpicomm.gather(own, root=0)
        whole = None
        if ph.cylinder_rank == 0:
            prices = {name: item for part in gathered for name, item in part.items()}
            whole = balanced(prices, {name: part.case.probability for name, part in self.parts.items()})
        whole = ph.mpicomm.bcast(whole, root=0)
        local = {name: self.parts[name] for name in ph.local_scenarios}
        part = lagrangian_bound(local, whole, self.at, self.run.question.gap / 4, self.clock)
        bound = float(ph.mpicomm.allreduce(part))
        self.idle += 1
        if bound > self.bound + 1e-7 * abs(bound):
            self.bound = bound
            self._note()
        self._stop_together(ph)

    def tried_out(self, ph: Any) -> None:
        """After a round: the first stage of the scenario that is nearest to the mean of all is tried in all of them."""
        own = {
            name: [float(x.value) for x in model._mpisppy_data.nonant_indices.values()]
            for name, model in ph.local_scenarios.items()
        }
        gathered = ph.mpicomm.gather(own, root=0)
        if ph.cylinder_rank == 0:
            stages = {name: item for part in gathered for name, item in part.items()}
            self._try_nearest({name: np.array(stages[name]) for name in self.parts})
        self._stop_together(ph)

    def _try_nearest(self, stages: Mapping[str, Any]) -> None:
        chances = {name: part.case.probability for name, part in self.parts.items()}
        mean = sum(chances[name] * values for name, values in stages.items())
        cost = np.array([max(self._cost(key), 1e-9) for key in self.keys])
        order = sorted(stages, key=lambda name: float(cost @ np.abs(stages[name] - mean)))
        for name in order:
            decision = {
                key: float(value) if key[0] == "converted" else float(round(value))
                for key, value in zip(self.keys, stages[name], strict=True)
            }
            mark = tuple(round(value, 6) for value in decision.values())
            if mark not in self.tried:
                self.tried.add(mark)
                self.try_out(decision)
                return

    def try_out(self, decision: Mapping[Key, float]) -> None:
        """Answer a first stage in all scenarios, unless it is found out before to be no better than the best."""
        run, found = self.run, []
        for number, part in enumerate(run.parts):
            seconds = self.clock.left / (len(run.parts) - number)
            item = answer(part, self.at, run.question.gap / 4, seconds, decision)
            if item.point is None:
                return
            found.append(item)
        if run.keep(decision, found):
            self._note()

    def _note(self) -> None:
        self.idle = 0
        money = self.run.parts[0].money
        best = self.run.reached()
        bound = self.bound * money
        self.trace.append(
            (
                round(self.run.question.time_limit - self.run.clock.left, 2),
                best if math.isfinite(best) else None,
                bound if math.isfinite(bound) else None,
            )
        )


def hedge(run: Run, at: Bench, clock: Clock) -> Found:
    """Hedge until the gap is reached or the time is over; the best first stage is kept in ``run``."""
    own = _Hedge(run, at, clock)
    reason = "optimal"
    # the first stages that the scenarios ask for by themselves, the most common first
    wishes: dict[tuple[float, ...], list[Mapping[Key, float]]] = {}
    for wish in (item for item in run.own if item is not None):
        wishes.setdefault(tuple(round(value, 6) for value in wish.values()), []).append(wish)
    for mark, alike in sorted(wishes.items(), key=lambda item: -len(item[1]))[:1]:
        own.tried.add(mark)
        own.try_out(alike[0])
    with _quiet():
        from mpisppy.extensions.extension import Extension
        from mpisppy.opt.ph import PH

        class Between(Extension):  # type: ignore[misc]  # (no types)
            """What mpi-sppy calls between the steps of a round."""

            def miditer(self) -> None:
                own.priced(self.opt)

            def enditer(self) -> None:
                own.tried_out(self.opt)

        solver = {"mip_rel_gap": SUBPROBLEM_GAP, "threads": 1, "random_seed": run.question.seed}
        options = {
            "solver_name": "appsi_highs", "PHIterLimit": MOST_ROUNDS, "defaultPHrho": 1.0, "convthresh": -1.0,
            "verbose": False, "display_timing": False, "display_progress": False,
            "display_convergence_detail": False, "smoothed": 0, "toc": False, "time_limit": clock.left,
            "asynchronousPH": False, "linearize_binary_proximal_terms": True, "linearize_proximal_terms": True,
            "proximal_linearization_tolerance": 1e-1, "iter0_solver_options": solver, "iterk_solver_options": solver,
        }  # fmt: skip
        try:
            ph = PH(
                options, list(own.parts), own.scenario, extensions=Between, rho_setter=own.weights,
            )  # fmt: skip
            ph.ph_main(finalize=False)
            reason = "rounds"
        except _EnoughError:
            reason = "optimal" if run.gap_reached(own.bound) else "time" if clock.left <= 0 else "rounds"
        except KeyboardInterrupt:
            reason = "interrupt"
    return Found(reason, None, None, own.bound, tuple(own.trace))
