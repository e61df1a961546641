"""What a solver process is asked about its program, and what it answers: runs and linear relaxations."""

from __future__ import annotations

from dataclasses import dataclass

from hubopt.solve.milp import Mask, Vector


@dataclass(frozen=True)
class Job:
    """One run: the program with other bounds or integrality, a start, and where to stop.

    ``near`` is a gap in model units at which to stop as well; ``seconds`` counts from the start of the run;
    ``heuristics`` off leaves HiGHS's effort to the bound, and without ``restarts`` it never begins anew;
    ``tolerance`` is how far a row may be missed. ``work`` limits the ticks (HiGHS's looks at whether to go on), those
    below the root counting :data:`BELOW_ROOT` of one; unlike a clock it stops every run at the same place.
    """

    lower: Vector
    upper: Vector
    integer: Mask
    start: Vector | None = None
    gap: float = 1e-4
    near: float | None = None
    seconds: float = float("inf")
    nodes: int | None = None
    seed: int = 0
    threads: int = 1
    presolve: bool = True
    heuristics: bool = True
    restarts: bool = True
    tolerance: float = 1e-8
    work: float | None = None


BELOW_ROOT = 0.06
"""What a tick below the root counts: it comes with an LP of a few pivots, one at the root with a round of cuts."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended: HiGHS's own words for why, its best point and its proven bound (model units).

    ``iterations`` of the simplex method in all of it.
    ``row_duals``, of a linear program solved to the end: what the objective gains per unit of each row's limit.
    """

    reason: str
    objective: float | None
    bound: float | None
    values: Vector | None
    nodes: int = 0
    row_duals: Vector | None = None
    iterations: int = 0


@dataclass(frozen=True)
class Relaxation:
    """The linear relaxation to solve, with the strengthening rows added only where they are violated.

    ``rounds`` of cuts at most, and none after one that raised the bound by less than ``progress`` (relative).
    ``strengthened``: all strengthening rows from the start. Without ``crossover`` the interior-point method's own point
    and prices are the answer, the bound is what these prices prove, and there is no basis to go on from.
    """

    seconds: float
    rounds: int = 20
    progress: float = 3e-5
    strengthened: bool = False
    threads: int = 1
    crossover: bool = True


@dataclass(frozen=True)
class Relaxed:
    """The relaxation's value (a lower bound), its point, and the rows that were needed for it.

    ``row_duals`` are those of all rows of the program, 0 for rows that were not needed.
    """

    reason: str
    bound: float | None
    values: Vector | None
    rows: Mask
    row_duals: Vector | None = None
