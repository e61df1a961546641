"""Model to solution: methods around HiGHS, a watchdog, and a solution whose cost the checker recomputed."""

from hubopt.solve.progress import Progress
from hubopt.solve.run import Method, solve

__all__ = ["Method", "Progress", "solve"]
