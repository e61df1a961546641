"""What a kind of fault is, the cases that it is brought about on, and what every kind asserts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from hubopt.instance import Instance
from hubopt.solution import Solution
from tests.cases import random_case, tiny
from tests.faults import injected
from tests.faults.scene import Scene, Started
from tests.solve.medium import medium

SHORT = ("--gap", "0", "--time-limit", "15", "--method", "staged")
"""A run on the larger case that its time limit ends."""

LONG = ("--gap", "0", "--time-limit", "60", "--method", "staged")

TWENTY = ("--gap", "0", "--time-limit", "20", "--method", "staged")


def small() -> Instance:
    """A case whose run takes a second, for what is brought about hundreds of times."""
    return random_case(6)


def larger() -> Instance:
    """A case that is not solved to the end in seconds."""
    return medium(zones=24, stations=14, utcs=5, hubs=3)


@dataclass(frozen=True)
class Kind:
    """A kind of fault. ``strike`` brings it about in a scene and asserts that nothing is lost."""

    name: str
    how: str
    keeps: str
    strike: Callable[[Scene, random.Random], None]
    case: Callable[[], Instance] = tiny
    options: tuple[str, ...] = ("--gap", "0")


KINDS: list[Kind] = []


def kind(
    name: str, how: str, keeps: str, case: Callable[[], Instance] = tiny, options: tuple[str, ...] = ("--gap", "0")
) -> Callable[[Callable[[Scene, random.Random], None]], Callable[[Scene, random.Random], None]]:
    """Enter a function as a kind of fault."""

    def enter(strike: Callable[[Scene, random.Random], None]) -> Callable[[Scene, random.Random], None]:
        KINDS.append(Kind(name, how, keeps, strike, case, options))
        return strike

    return enter


def no_trace(run: Started) -> None:
    """The run showed no traceback and left no process behind."""
    assert "Traceback" not in run.errors, run.errors[-800:]
    assert run.alone(), "a solver process outlived its run"


def goes_on(scene: Scene, best: Solution | None) -> None:
    """``--resume`` ends with a whole result, no worse than what was kept, and nothing lies about."""
    left = scene.out.exists() or scene.best.parent.exists()
    enough = ("--gap", "0.1", "--time-limit", "60")
    again = (scene.resume if left else scene.solve)(*enough, fault=injected.quick)
    code = again.wait()
    if left and code == 2 and "holds no run" in again.errors:
        # killed before the run began: only the lock lay there
        again = scene.solve(*enough, fault=injected.quick)
        code = again.wait()
    no_trace(again)
    assert code == 0, again.errors[-800:]
    found = scene.result()
    assert found is not None
    assert not scene.litter(), scene.litter()
    if best is not None and best.proof.objective is not None and found.proof.objective is not None:
        assert found.proof.objective <= best.proof.objective * (1 + 1e-6)
    same_code = best is not None and best.proof.versions.get("code") == found.proof.versions.get("code")
    if best is not None and same_code and best.proof.bound is not None and found.proof.bound is not None:
        assert found.proof.bound >= min(best.proof.bound, found.proof.objective or 0) * (1 - 1e-9)


def last(scene: Scene) -> Solution | None:
    """The better of what stands and what is kept; both must be whole."""
    found = [solution for solution in (scene.kept(), scene.result()) if solution is not None]
    return min(found, key=lambda solution: solution.proof.objective or 0.0, default=None)


class NotComeError(Exception):
    """The run ended before the moment at which the fault was to be brought about: nothing was tried."""


def searching(run: Started) -> None:
    """Wait until the run has a plan.

    Raises
    ------
    NotComeError
        If it finds none in its time, as on a busy machine.
    """
    if not run.until(r"best +\d"):
        assert run.wait() == 4, run.errors[-800:]
        assert "time limit" in run.errors, run.errors[-800:]
        raise NotComeError


def survived(scene: Scene, run: Started) -> None:
    assert run.wait() == 0, run.errors[-800:]
    no_trace(run)
    assert scene.result() is not None
    assert not scene.litter(), scene.litter()
