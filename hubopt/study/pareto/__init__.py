"""Pareto fronts: plans that no other plan beats in every measure, with what is proven about each."""

from hubopt.study.pareto.front import Front, Infeasible, Payoff, Point
from hubopt.study.pareto.measures import MEASURES, Measure, measures_of
from hubopt.study.pareto.search import FrontSearch, NoPlanError
from hubopt.study.pareto.store import RunStore

__all__ = [
    "MEASURES", "Front", "FrontSearch", "Infeasible", "Measure", "NoPlanError", "Payoff", "Point", "RunStore",
    "measures_of",
]  # fmt: skip
