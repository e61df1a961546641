"""One random small instance against every method: bound <= optimum <= objective, and the checker agrees."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args
from unittest import mock

import numpy as np

from hubopt.instance import Instance, Policy, sha256
from hubopt.model import Network, build
from hubopt.solution.types import Asked
from hubopt.solve import monolith, run
from hubopt.solve.account import Run
from hubopt.solve.compile import compile_model
from hubopt.solve.decompose import priced
from hubopt.solve.engine import sifting
from hubopt.solve.milp import Milp
from hubopt.solve.progress import Tracker
from tests.bounds.scip import scip_optimum
from tests.bruteforce import varied_case
from tests.cases import random_case
from tests.featured_cases import featured_case
from tests.model.rich import rich_case

NARROWED = "monolith, narrowed"
"""The whole program, first narrowed by the prices of a relaxation as large programs are."""

NEARLY = "decompose, priced nearly"
"""Decomposition, from prices near those of a relaxation as large programs are."""

METHODS: tuple[str, ...] = (*get_args(run.Method), NARROWED, NEARLY)
"""Every method there is; one that is added is tried without a word here. ``auto`` takes small cases for large ones
half of the time."""

GAPS = (0.0, 0.0, 0.02, 0.1, 0.3)
"""Gaps at which a run may stop, so that bounds of every age are seen."""

SLACK = 1e-6
"""Relative difference that is taken for the solvers' tolerance."""


@dataclass(frozen=True)
class Tried:
    """What a method ended with: the bound and the objective (model units), None where there is none.

    ``checked``: whether its plan went through the checker; ``wrong``: what is wrong with it.
    """

    method: str
    gap: float
    reason: str
    bound: float | None
    objective: float | None
    checked: bool = False
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """An instance, its optimum (None: it has no plan), and what every method found."""

    number: int
    name: str
    optimum: float | None
    tried: tuple[Tried, ...]

    @property
    def wrong(self) -> list[str]:
        """What is wrong (nothing, one hopes)."""
        return [f"{self.name}, {item.method}, gap {item.gap}: {text}" for item in self.tried for text in item.wrong]


def drawn(number: int) -> tuple[str, Instance, Policy]:
    """A random small instance of one of four families, and its policy."""
    family, seed = ("random", "varied", "featured", "rich")[number % 4], number // 4
    if family == "random":
        return f"random {seed}", random_case(seed), Policy()
    if family == "varied":
        return f"varied {seed}", varied_case(seed), Policy()
    if family == "featured":
        found = featured_case(seed)
        return f"featured {seed}", found.case, found.policy
    case, policy = rich_case(seed)
    return f"rich {seed}", case, policy


@contextmanager
def _chosen(way: str, network: Network, program: Milp, rng: random.Random) -> Iterator[run.Method]:
    """The method behind one of :data:`METHODS`, within the block as that one runs it."""
    least = rng.choice((0, run.STAGED_FROM))
    changes = {
        "auto": (run, "STAGED_FROM", least), NARROWED: (monolith, "NARROW_FROM", 0), NEARLY: (priced, "LARGE", 0)
    }  # fmt: skip
    meant = {NARROWED: "monolith", NEARLY: "decompose"}
    large = rng.choice((0, sifting.LARGE))
    with (
        mock.patch.object(*changes[way]) if way in changes else nullcontext(),
        mock.patch.object(sifting, "LARGE", large),
        mock.patch.object(monolith, "OPEN_NEAR", np.inf),
    ):
        yield run._method_for(network, program) if way == "auto" else meant.get(way, way)  # type: ignore[misc]


def trial(number: int, folder: Path, seconds: float = 30.0, checks: int = 1) -> Trial:
    """Every method on the instance of a number; ``seconds``: what each may take.

    Of every ``checks`` instances the checker sees the plan of one method, each in turn.
    """
    name, instance, policy = drawn(number)
    rng = random.Random(number)
    model = build(instance, policy)
    program = compile_model(model)
    optimum = scip_optimum(model, folder)
    tried = []
    turn = number // checks
    turns = METHODS[(turn + turn // 4) % len(METHODS)] if number % checks == 0 else None
    for method in METHODS:
        gap, seed = rng.choice(GAPS), rng.randrange(1000)
        tracker = Tracker(model.network.scale.money_cny, seconds)
        this = Run(instance, policy, Asked(method, seconds), gap, 1, seed, tracker, sha256(instance), None)
        with _chosen(method, model.network, program, rng) as meant:
            found = run._searched(this, meant, model.network, program, None, [])
        objective = None if found.values is None else program.objective(found.values)
        bound = tracker.bound if tracker.now().bound is not None else None
        ended = Tried(method, gap, found.reason, bound, objective, method == turns and found.values is not None)
        wrong = list(_wrong(optimum, ended))
        if ended.checked:
            _, report = run._closed(this, model.network, program, found)
            assert report is not None
            wrong += [str(finding) for finding in report.findings]
            at_most = objective * model.network.scale.money_cny if objective is not None else 0.0
            if report.objective > at_most + SLACK * max(1.0, abs(at_most)):
                wrong.append(f"costs {report.objective} by the checker, {at_most} by the model")
        tried.append(replace(ended, wrong=tuple(wrong)))
    return Trial(number, name, optimum, tuple(tried))


def _wrong(optimum: float | None, tried: Tried) -> Iterator[str]:
    if optimum is None:
        if tried.objective is not None:
            yield f"finds {tried.objective} where SCIP finds that there is no plan"
        if tried.reason not in ("infeasible", "time"):
            yield f"ends with {tried.reason} where there is no plan"
        return
    slack = SLACK * max(1.0, abs(optimum))
    if tried.reason == "infeasible":
        yield f"calls infeasible what costs {optimum}"
    if tried.bound is not None and tried.bound > optimum + slack:
        yield f"bound {tried.bound} above the optimum {optimum}"
    if tried.objective is not None and tried.objective < optimum - slack:
        yield f"objective {tried.objective} below the optimum {optimum}"
    if tried.reason == "optimal" and tried.objective is not None:
        missed = tried.objective - optimum
        if missed > tried.gap * abs(tried.objective) + slack:
            yield f"says optimal within {tried.gap}, but is {missed} above the optimum {optimum}"
