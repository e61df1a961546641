"""Instance and policy to a Pyomo model: sets, variables, one named function per constraint, the objective."""

from hubopt.model.build import CONSTRAINTS, FAMILIES, add_constraint, build, empty_model
from hubopt.model.constraint import Constraint
from hubopt.model.network import Network, make_network
from hubopt.model.objective import PARTS
from hubopt.model.scale import Scale

__all__ = [
    "CONSTRAINTS",
    "FAMILIES",
    "PARTS",
    "Constraint",
    "Network",
    "Scale",
    "add_constraint",
    "build",
    "empty_model",
    "make_network",
]
