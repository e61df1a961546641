"""Two processes in step: what they hand each other, and when, follows from work that is counted, never from a clock.

The search goes in rounds. In each, the prover goes on until it has made so many ticks (HiGHS's looks at whether to go
on, of which it makes the same ones in every run), and the improver solves so many neighbourhoods, each with a limit on
its ticks. Who is ready first waits. Between two rounds incumbents are exchanged and the gap is looked at.

Work is weighed in nominal seconds, a rough guess from the size of a program at how long a tick or a simplex iteration
takes, so that both have about as much to do in a round. The guess decides what is done, not when it must be over: a
slower machine takes longer for the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.monolith import Found
from hubopt.solve.plans.search import LocalSearch
from hubopt.solve.progress import Tracker

ROUND_SECONDS = 3.0
"""Nominal length of a round."""
JOB_SECONDS = 1.5
"""Nominal length of a neighbourhood's re-solve."""
TICK_SECONDS, TICK_ENTRIES, TICK_POWER = 0.06, 12_000, 1.6
"""A tick at the root of a program with so many matrix entries, and the power with which it grows with them."""


def tick_seconds(program: Milp) -> float:
    """Nominal seconds of one tick of a program (measured on two cases a factor of 20 apart)."""
    return float(TICK_SECONDS * (max(program.matrix.nnz, 1) / TICK_ENTRIES) ** TICK_POWER)


def round_of(program: Milp) -> tuple[int, int]:
    """Ticks of the prover and neighbourhoods of the improver in a round."""
    tick = tick_seconds(program)
    ticks = max(1, round(ROUND_SECONDS / tick))
    return ticks, max(1, round(max(tick, ROUND_SECONDS) / JOB_SECONDS))


@dataclass
class Lockstep:
    """The search of the staged method in rounds.

    ``take`` keeps a better point, ``press`` is called after each neighbourhood, ``ended`` when the prover is done.
    ``rounds`` at most; None: until gap or time end it.
    """

    program: Milp
    tracker: Tracker
    gap: float
    search: LocalSearch
    take: Callable[[Vector | None, float | None], bool]
    press: Callable[[SolverProcess, LocalSearch], None]
    log: Callable[[str], None]
    rounds: int | None = None
    _heard: list[tuple[object, ...]] = field(default_factory=list)

    def run(self, prover: SolverProcess, improver: SolverProcess, job: Job) -> Found | Outcome:
        """Rounds until the gap is closed or time or rounds are over; the prover's outcome if it is done before."""
        ticks, jobs = round_of(self.program)
        number = 0
        prover.let(ticks)
        prover.submit(job)
        try:
            while True:
                number += 1
                if not self._improved(prover, improver, jobs) or not self._proved(prover):
                    return Found("time", None)
                if (outcome := self._exchanged()) is not None:
                    return outcome
                if self.tracker.gap <= self.gap:
                    return Found("optimal", None)
                if self.rounds is not None and number >= self.rounds:
                    return Found("rounds", None)
                prover.offer(self.search.point)
                prover.let((number + 1) * ticks)
        finally:
            prover.let(None)

    def _improved(self, prover: SolverProcess, improver: SolverProcess, jobs: int) -> bool:
        """Solve a round's neighbourhoods; False if time is over."""
        search = self.search
        gap = self.tracker.gap
        for _ in range(jobs):
            if (job := search.next_job(self.tracker.left, gap)) is None:
                return self.tracker.left > 0
            improver.submit(job)
            outcome: Outcome | None = None
            while outcome is None:
                if self.tracker.left <= 0:
                    return False
                for report in improver.reports(wait=0.02):
                    if report[0] == "done" and isinstance(report[1], Outcome):
                        outcome = report[1]
                self._listen(prover)
            if search.absorb(outcome, search.nominal_seconds(outcome)):
                self.take(search.point, search.objective)
            self.press(improver, search)
        return True

    def _listen(self, prover: SolverProcess, wait: float = 0.0) -> None:
        for report in prover.reports(wait=wait):
            if report[0] == "log":
                self.log(str(report[1]))
            elif report[0] in ("incumbent", "reached", "done"):
                self._heard.append(report)

    def _proved(self, prover: SolverProcess) -> bool:
        """Wait for the prover to reach the end of the round, or to be done; False if time is over."""
        while not any(report[0] in ("reached", "done") for report in self._heard):
            if self.tracker.left <= 0:
                return False
            self._listen(prover, wait=0.05)
        return True

    def _exchanged(self) -> Outcome | None:
        """Take in what the prover said in this round; its outcome if it is done."""
        heard, self._heard = self._heard, []
        for report in heard:
            if report[0] == "incumbent" and self.take(report[2], report[1]):  # type: ignore[arg-type]
                self.search.adopt(report[2], report[1])  # type: ignore[arg-type]
            elif report[0] == "reached":
                self.tracker.proved(report[2])  # type: ignore[arg-type]
            elif report[0] == "done" and isinstance(report[1], Outcome):
                return report[1]
        return None
