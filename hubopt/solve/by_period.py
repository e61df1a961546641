"""A bound on a plan of several periods: the linear relaxation of all, then each period by itself at its prices.

Rows that tie periods together are dualised with the relaxation's duals (A. M. Geoffrion: Lagrangean relaxation for
integer programming. Mathematical Programming Study 2 (1974) 82-114). What is left falls apart into one program for each
period. At these multipliers the relaxations of the periods add up to that of the whole, so that whatever branching
proves of a period raises the bound on all.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from hubopt.solve.engine.jobs import Job, Outcome, Relaxation, Relaxed
from hubopt.solve.engine.process import SolverProcess, Task
from hubopt.solve.lockstep import tick_seconds
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.progress import Tracker

RELAXATION_SHARE = 0.4
"""Share of the time left that the relaxation of the whole may take."""
ENDLESS = 1e-6
"""Reduced cost that counts as none for a column without a limit (model units)."""


@dataclass(frozen=True)
class Part:
    """A period by itself: its ``columns`` in the whole, the program over them, and its relaxation's value."""

    period: str
    columns: np.ndarray
    program: Milp
    floor: float


def separated(program: Milp, periods: Collection[str], duals: Vector) -> tuple[float, tuple[Part, ...]]:
    """A program of several periods taken apart at the rows that tie them.

    Parameters
    ----------
    periods
        Names of the periods; the index of a variable ends with one, columns of none go with the first.
    duals
        Duals of all rows in the linear relaxation (model units per unit of the row).

    Returns
    -------
    float, tuple of Part
        A constant and the parts: the constant and a lower bound on each part add up to one on the whole.
    """
    number = {period: place for place, period in enumerate(periods)}
    owner = np.zeros(program.columns, dtype=np.int64)
    for group in program.groups.values():
        for index, column in group.items():
            last = index[-1] if isinstance(index, tuple) else index
            owner[column] = number.get(last, 0)
    matrix = program.matrix
    rows = np.repeat(np.arange(program.rows), np.diff(matrix.indptr))
    first, last = np.full(program.rows, len(number)), np.full(program.rows, -1)
    np.minimum.at(first, rows, owner[matrix.indices])
    np.maximum.at(last, rows, owner[matrix.indices])
    ties = first < last
    least = np.where(np.isfinite(program.row_upper), -np.inf, 0.0)
    most = np.where(np.isfinite(program.row_lower), np.inf, 0.0)
    signed = np.clip(duals, least, most)
    sides = np.where(signed > 0, program.row_lower, program.row_upper)
    gains = np.where(signed == 0, 0.0, signed * np.where(signed == 0, 0.0, sides))
    cost = program.cost - matrix.T @ np.where(ties, signed, 0.0)
    reduced = program.cost - matrix.T @ signed
    with np.errstate(invalid="ignore"):
        best = np.where(reduced > 0, reduced * program.lower, reduced * program.upper)
    best = np.where((reduced == 0) | (~np.isfinite(best) & (np.abs(reduced) <= ENDLESS)), 0.0, best)
    parts = []
    for period, place in number.items():
        columns = np.flatnonzero(owner == place)
        mine = np.flatnonzero((first == place) & (last == place))
        own = Milp(
            cost=cost[columns],
            offset=0.0,
            matrix=matrix[mine][:, columns],
            row_lower=program.row_lower[mine],
            row_upper=program.row_upper[mine],
            lower=program.lower[columns],
            upper=program.upper[columns],
            integer=program.integer[columns],
            strengthening=program.strengthening[mine],
        )
        parts.append(Part(period, columns, own, float(best[columns].sum() + gains[mine].sum())))
    return float(program.offset + gains[ties].sum()), tuple(parts)


@dataclass
class Proof:
    """Raises ``bound`` (model units) beside the search for a plan, in a solver process and a thread of its own.

    ``best`` is a plan to start from, if one is known; ``infeasible`` says that there is none. Without ``start`` the
    proof can be :meth:`run` as it is, where nothing may depend on the clock (``steady``).
    """

    solver: SolverProcess
    program: Milp
    periods: Collection[str]
    tracker: Tracker
    seed: int
    log: Callable[[str], None]
    steady: bool = False
    bound: float = -np.inf
    best: Vector | None = None
    infeasible: bool = False

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, and return at once."""
        # a stop that is asked for reaches the thread through its context
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._quietly,), name="proof", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop within a moment; the bound stays."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _quietly(self) -> None:
        try:
            self.run()
        except KeyboardInterrupt:
            # the search hears of it as well, and it is the one that ends the run
            return

    def run(self) -> None:
        """Prove until nothing is left to prove, the time is up or :meth:`end` is called."""
        seconds = self.tracker.left * (1.0 if self.steady else RELAXATION_SHARE)
        relaxed = self._result(Relaxation(seconds), self._raise)
        if not isinstance(relaxed, Relaxed):
            return
        self.infeasible = relaxed.reason == "infeasible"
        if relaxed.bound is None or relaxed.row_duals is None:
            return
        self._raise(relaxed.bound)
        self.log(f"all periods: relaxation {relaxed.bound}\n")
        constant, parts = separated(
            self.program.with_rows(relaxed.rows), self.periods, relaxed.row_duals[relaxed.rows]
        )  # fmt: skip
        floors = {part.period: part.floor for part in parts}
        for place, part in enumerate(parts):
            self._prove(part, len(parts) - place, constant, floors)

    def _prove(self, part: Part, left: int, constant: float, floors: dict[str, float]) -> None:
        """Branch on a period for its share of the time left, ``left`` periods being still to come."""
        own = part.program

        def hear(bound: float) -> None:
            floors[part.period] = max(floors[part.period], bound)
            self._raise(constant + sum(floors.values()))

        self.solver.replace(own)
        share = self.tracker.time_limit * (1 - RELAXATION_SHARE) / len(floors)
        job = Job(
            own.lower, own.upper, own.integer, None if self.best is None or self.steady else self.best[part.columns],
            seconds=self.tracker.left if self.steady else self.tracker.left / left, seed=self.seed, heuristics=False,
            work=share / tick_seconds(own) if self.steady else None,
        )  # fmt: skip
        outcome = self._result(job, hear)
        if isinstance(outcome, Outcome):
            self.infeasible = self.infeasible or outcome.reason == "infeasible"
            if outcome.bound is not None:
                hear(outcome.bound)
            self.log(f"{part.period} at prices of the whole: {outcome.reason}, from {part.floor} to {outcome.bound}\n")

    def _raise(self, bound: float) -> None:
        self.bound = max(self.bound, bound)

    def _result(self, task: Task, hear: Callable[[float], None]) -> object:
        """What becomes of a task; None if the proof was ended meanwhile."""
        self.solver.submit(task)
        while not self._ended.is_set():
            for report in self.solver.reports(wait=0.1):
                if report[0] == "done":
                    return report[1]
                if report[0] == "progress" and isinstance(report[2], float):
                    hear(report[2])
        return None
