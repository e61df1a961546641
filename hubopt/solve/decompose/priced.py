"""What a decomposition starts from: prices of all rows, of the linear relaxation or good enough to stand for them.

A Lagrangian bound holds at any prices. A small relaxation is solved to the end; for a large one a first-order method
comes near enough, and a run that starts from the result of another takes over the prices that that one ended with.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from hubopt.solution.duals import WHOLE, Duals
from hubopt.solve.decompose.cut import Cut, cut
from hubopt.solve.decompose.kept_duals import relaxed_duals
from hubopt.solve.decompose.lagrangian import start
from hubopt.solve.decompose.upper_asked import relaxed_bound
from hubopt.solve.engine.first_order import FirstOrder, RowPrices
from hubopt.solve.engine.jobs import Relaxed
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.milp import Vector
from hubopt.solve.staged import LEFT_OUT, Staged

LARGE = 80_000
"""Columns from which on prices near the optimum stand for a relaxation solved to the end."""
FIRST, EARLIER = "prices by a first-order method", "duals of the earlier run"
"""What stands for the relaxation, in the log."""
PRICED = 1e-4
"""Price (model units) of a strengthening row from which on it is kept."""


@dataclass
class Priced(Staged):
    """A staged run whose relaxation need not be solved; ``solved`` says whether it was.

    ``earlier`` are the duals of an earlier run to start from, None where there are none or they are of no use.
    """

    earlier: Duals | None = None
    relaxed: Relaxed | None = field(default=None, init=False)
    solved: bool = field(default=True, init=False)

    def _relaxed(self, prover: SolverProcess) -> Relaxed:
        """The relaxation; prices from an earlier run, or near the optimum of a large one, stand for it."""
        relaxed = self._as_before(prover)
        if relaxed is None:
            self.earlier = None
            relaxed = self._nearly(prover)
        return super()._relaxed(prover) if relaxed is None else relaxed

    def _as_before(self, prover: SolverProcess) -> Relaxed | None:
        """What stands for the relaxation where an earlier run left its duals; None if they are of no use."""
        before, point = self.earlier, self.start
        if before is None or point is None or self.steady or self._cut is None:
            return None
        duals = relaxed_duals(before, self.program)
        relaxed = Relaxed("optimal", None, point, ~self.program.strengthening | (duals != 0), duals)
        return self._bounded(prover, relaxed, before)

    def _nearly(self, prover: SolverProcess) -> Relaxed | None:
        """Prices of a large relaxation by a first-order method; None if it is small, or none were found."""
        program = self.program
        if self.steady or self._cut is None or program.columns < LARGE:
            return None
        found = prover.run(FirstOrder(self.tracker.left * self._relaxation_share))
        if not isinstance(found, RowPrices) or found.reason not in ("near", "infeasible"):
            return None
        if found.duals is None:
            return Relaxed("infeasible", None, None, ~program.strengthening)
        kept = ~program.strengthening | (np.abs(found.duals) > PRICED)
        return self._bounded(prover, Relaxed("optimal", None, found.values, kept, found.duals))

    def _bounded(self, prover: SolverProcess, relaxed: Relaxed, before: Duals | None = None) -> Relaxed | None:
        """What stands for the relaxation, with the bound at its prices; None if these give none."""
        self.relaxed, self.solved = relaxed, False
        pieces = self._pieces
        assert pieces is not None
        ascent = start(self.network, *pieces)
        if before is not None and (near := before.near(WHOLE)) is not None:
            ascent.root.trial = ascent.known(before.rows, near)
        bound = relaxed_bound(prover, ascent, ascent.root, self.tracker.left)
        prover.replace(self.searched.at_zero("shortfall"))
        self.log(f"{FIRST if before is None else EARLIER}: bound {bound}\n")
        self.solved = bound is None
        return None if bound is None else replace(relaxed, bound=bound)

    def _relax_after_all(self, prover: SolverProcess) -> None:
        """The relaxation, where the prices that stood for it turn out to be of no use."""
        assert self.relaxed is not None
        self.log(f"{FIRST if self.earlier is None else EARLIER}: not used\n")
        self.earlier, self.solved = None, True
        again = self._relax_again(prover, self.searched.at_zero("shortfall"))
        if again.row_duals is not None and again.values is not None:
            duals = np.zeros(self.program.rows)
            duals[self.relaxed.rows] = again.row_duals
            self.relaxed = replace(again, rows=self.relaxed.rows, row_duals=duals)
            self.tracker.proved(again.bound)

    def _prepared(self, relaxed: Relaxed) -> None:
        self.relaxed = relaxed

    @cached_property
    def _cut(self) -> Cut | None:
        """The program in pieces; None if it has no lowest sites that serve zones whole."""
        program = self.program
        if any(program.groups.get(name) for name in LEFT_OUT):
            program = program.without(LEFT_OUT)
        return cut(self.network, program)

    @property
    def _pieces(self) -> tuple[Cut, Vector, Vector] | None:
        """The program in pieces, with the duals of its rows and a point, relaxed or of the earlier plan."""
        relaxed, made = self.relaxed, self._cut
        if made is None or relaxed is None or relaxed.row_duals is None or relaxed.values is None:
            return None
        duals = relaxed.row_duals
        if made.program.rows != self.program.rows:
            by_name = dict(zip(self.program.row_names, duals, strict=True))
            duals = np.array([by_name[name] for name in made.program.row_names])
        # an earlier plan has no flows before it is completed
        point = relaxed.values if self.earlier is None or self.point is None else self.point
        return made, duals, point[: self.program.columns]
