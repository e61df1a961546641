"""Runs for fronts in tests: each solved at once and numbered."""

from __future__ import annotations

from dataclasses import dataclass

from hubopt.instance import Instance, Policy
from hubopt.solution import Solution
from hubopt.study.prices import Run, solved

EXACT = Run(seconds=30, gap=1e-6, threads=1)


@dataclass
class Runs:
    """Answers every run by solving; ``stop_after`` runs Ctrl-C is pressed."""

    case: Instance
    run: Run = EXACT
    stop_after: int = 1000
    made: int = 0

    def __call__(self, policy: Policy, start: Solution | None) -> tuple[str, Solution]:
        """Name and solution of a run."""
        if self.made >= self.stop_after:
            raise KeyboardInterrupt
        self.made += 1
        return f"{self.made:03d}", solved(self.case, policy, self.run, start)
