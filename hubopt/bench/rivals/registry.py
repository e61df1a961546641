"""Which rivals there are, and whether they are installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec


@dataclass(frozen=True)
class Rival:
    """A solver beside hubopt: what it is called, its package, the module here that runs it, and what to know of it."""

    title: str
    package: str
    imported: str
    module: str
    note: str


RIVALS: Mapping[str, Rival] = {
    "highs": Rival("HiGHS", "highspy", "highspy", "hubopt.bench.rivals.highs", "branch and cut"),
    "scip": Rival("SCIP", "pyscipopt", "pyscipopt", "hubopt.bench.rivals.scip", "branch and cut, LPs by SoPlex"),
    "cpsat": Rival(
        "CP-SAT",
        "ortools",
        "ortools",
        "hubopt.bench.rivals.cpsat",
        "takes whole numbers only: flows are whole where that loses nothing, else multiples of 1/1000, and then its "
        "bound is not one of the program and is not shown; where equations have no such solution they get room for "
        "rounding, and the flows are solved once more for the integers found",
    ),
    "cbc": Rival(
        "CBC",
        "ortools",
        "ortools",
        "hubopt.bench.rivals.cbc",
        "the one in OR-Tools; tells of its end only, and its clock counts CPU seconds",
    ),
}


def is_installed(name: str) -> bool:
    """Whether the rival's package is there (nothing is loaded)."""
    return find_spec(RIVALS[name].imported) is not None


def version_of(name: str) -> str:
    """Version of the rival's package, or an empty text."""
    try:
        return version(RIVALS[name].package)
    except PackageNotFoundError:
        return ""
