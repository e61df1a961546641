"""Model to solution: methods around HiGHS, a watchdog, and a solution whose cost the checker recomputed.

Names are loaded when first used: solver processes import this package and need neither Pyomo nor pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hubopt.solve.progress import Progress
    from hubopt.solve.run import Method, solve

__all__ = ["Method", "Progress", "solve"]

_HOMES = {"Method": "run", "Progress": "progress", "solve": "run"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
