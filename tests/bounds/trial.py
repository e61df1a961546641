"""One random small instance against every method: bound <= optimum <= objective, and the checker agrees."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from hubopt.instance import Instance, Policy, sha256
from hubopt.model import build
from hubopt.solution.types import Asked
from hubopt.solve import run
from hubopt.solve.compile import compile_model
from hubopt.solve.progress import Tracker
from tests.bounds.scip import scip_optimum
from tests.bruteforce import varied_case
from tests.cases import random_case
from tests.featured_cases import featured_case
from tests.model.rich import rich_case

METHODS: tuple[run.Method, ...] = tuple(name for name in get_args(run.Method) if name != "auto")
"""Every method there is; one that is added is tried without a word here."""

GAPS = (0.0, 0.0, 0.02, 0.1, 0.3)
"""Gaps at which a run may stop, so that bounds of every age are seen."""

SLACK = 1e-6
"""Relative difference that is taken for the solvers' tolerance."""


@dataclass(frozen=True)
class Tried:
    """What a method ended with: the bound and the objective (model units), None where there is none."""

    method: str
    gap: float
    reason: str
    bound: float | None
    objective: float | None


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


def trial(
    number: int, folder: Path, seconds: float = 30.0, checks: int = 1
) -> tuple[float | None, list[Tried], list[str]]:
    """The optimum, what every method found, and what is wrong (nothing, one hopes).

    The checker takes most of the time: of every ``checks`` instances it sees the plan of one method, each in turn.
    """
    name, instance, policy = drawn(number)
    rng = random.Random(number)
    model = build(instance, policy)
    program = compile_model(model)
    optimum = scip_optimum(model, folder)
    tried, wrong = [], []
    checked = METHODS[number // checks % len(METHODS)] if number % checks == 0 else None
    for method in METHODS:
        gap, seed = rng.choice(GAPS), rng.randrange(1000)
        tracker = Tracker(model.network.scale.money_cny, seconds)
        asked = Asked(method, seconds)
        this = run._Run(instance, policy, asked, gap, 1, seed, tracker, sha256(instance), None)
        found = run._searched(this, method, model.network, program, None, [])
        objective = None if found.values is None else program.objective(found.values)
        bound = tracker.bound if tracker.now().bound is not None else None
        tried.append(Tried(method, gap, found.reason, bound, objective))
        wrong += [f"{name}, {method}, gap {gap}: {text}" for text in _wrong(optimum, tried[-1])]
        if method == checked and found.values is not None:
            _, report = run._closed(this, model.network, program, found)
            assert report is not None
            wrong += [f"{name}, {method}: {finding}" for finding in report.findings]
            at_most = objective * model.network.scale.money_cny if objective is not None else 0.0
            if report.objective > at_most + SLACK * max(1.0, abs(at_most)):
                wrong.append(f"{name}, {method}: costs {report.objective} by the checker, {at_most} by the model")
    return optimum, tried, wrong


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
