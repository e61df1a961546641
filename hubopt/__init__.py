"""hubopt sizes and places a three-level logistics network.

The Python functions read like the commands::

    import hubopt

    if __name__ == "__main__":  # HiGHS runs in processes of its own
        city = hubopt.load("tiny")
        plan = hubopt.solve(city, "least-land", gap=0.001)
        assert hubopt.check(city, plan).ok
        hubopt.map(plan, city).save("map.html")
        print(hubopt.compare(plan, hubopt.solve(city)))

Rooms, in the order the data flows through them: ``hubopt.data`` (geography to
instance), ``hubopt.instance``, ``hubopt.model``, ``hubopt.solve``,
``hubopt.solution``, ``hubopt.check`` and ``hubopt.viz``.

Nothing is loaded before it is used: importing this package takes no time.
"""

import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hubopt.api import (
        Comparison,
        InputError,
        Instance,
        Page,
        Policy,
        Report,
        Solution,
        check,
        compare,
        load,
        load_policy,
        load_result,
        map,
        report,
        solve,
    )

__version__ = "0.1.0"

__all__ = [
    "Comparison",
    "InputError",
    "Instance",
    "Page",
    "Policy",
    "Report",
    "Solution",
    "check",
    "compare",
    "load",
    "load_policy",
    "load_result",
    "map",
    "report",
    "solve",
]

_ROOMS = ("check", "solve")
"""Functions that share their name with a room of this package."""


class _CallableRoom(ModuleType):
    """A room that can be called as the function of its name: ``hubopt.solve(...)`` beside ``hubopt.solve.Method``."""

    def __call__(self, *args: object, **options: object) -> object:
        return self._function(*args, **options)

    @property
    def _function(self):  # type: ignore[no-untyped-def]
        from hubopt import api

        return getattr(api, self.__name__.rpartition(".")[2])

    @property
    def __signature__(self):  # type: ignore[no-untyped-def]
        from inspect import signature

        return signature(self._function)


class _Package(ModuleType):
    """The package itself: the rooms above become callable when they are loaded, whoever loads them."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in _ROOMS and type(value) is ModuleType:
            value.__class__ = _CallableRoom
        super().__setattr__(name, value)


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return import_module(f"hubopt.{name}") if name in _ROOMS else getattr(import_module("hubopt.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


sys.modules[__name__].__class__ = _Package
