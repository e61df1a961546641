"""The whole diagnosis: proofs, whether there is a plan, what clashes, what would mend it, and what looks odd."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from hubopt.check import check
from hubopt.diagnose.bench import NOTHING, Bench
from hubopt.diagnose.conflict import Conflict, conflicts, rescaled, unexplained
from hubopt.diagnose.elastic import Elastic, make_elastic
from hubopt.diagnose.finding import Finding
from hubopt.diagnose.limits import Limit, limits_of
from hubopt.diagnose.mend import Mend, any_plan, mend, verified
from hubopt.diagnose.odd import odd_instance, odd_result
from hubopt.diagnose.places import Places
from hubopt.diagnose.proofs import proofs
from hubopt.instance import InputError, Instance, Policy, Problem, sha256
from hubopt.solution import Solution

Status = Literal["feasible", "infeasible", "unknown"]

_FIRST_SHARE = 0.3

_PLAN_SHARE = 0.6
"""Share of the time left in which a large case has to show that it has a plan."""


@dataclass(frozen=True)
class Diagnosis:
    """What was found.

    ``status``: feasible with a plan that the checker confirms, infeasible by proof, or unknown in the time given.
    ``mend`` is None where the case is feasible, or nothing helps but limits that were to be kept.
    """

    status: Status
    proofs: tuple[Finding, ...]
    conflicts: tuple[Conflict, ...]
    mend: Mend | None
    odd: tuple[Finding, ...]
    limits: tuple[Limit, ...]
    seconds: float


def _kept(limits: tuple[Limit, ...], keep: tuple[str, ...]) -> frozenset[str]:
    """Ids of the limits that are not to be changed: those named, or below a name.

    Raises
    ------
    InputError
        If a name is that of no limit.
    """
    found: set[str] = set()
    for name in keep:
        own = {limit.id for limit in limits if limit.id == name or limit.id.startswith((f"{name}.", f"{name}:"))}
        if not own:
            families = sorted({limit.id.partition(".")[0] for limit in limits})
            mend_it = "name one of: " + ", ".join(families) if families else "there is none"
            raise InputError([Problem("--keep", f"{name!r} is no limit of this case", mend_it)])
        found |= own
    return frozenset(found)


def _status(instance: Instance, policy: Policy, elastic: Elastic, bench: Bench) -> Status:
    relaxed = bench.relaxed(elastic, share=2 * _FIRST_SHARE)
    if relaxed.reason == "infeasible" or (
        relaxed.reason == "optimal" and relaxed.objective is not None and relaxed.objective > NOTHING
    ):
        return "infeasible"
    if bench.is_large:
        found = any_plan(instance, policy, bench.left * _PLAN_SHARE, bench.seed)
        return {"infeasible": "infeasible", "plan": "feasible"}.get(found, "unknown")  # type: ignore[return-value]
    outcome = bench.run(elastic.program, gap=0.0, share=_FIRST_SHARE)
    if outcome.values is not None and not elastic.changes_at(outcome.values):
        # a plan counts once the checker, which knows nothing of the model, has found it in order
        if verified(instance, policy, (), elastic, outcome.values, bench):
            return "feasible"
        return "unknown"
    if outcome.reason == "infeasible" or (outcome.bound is not None and outcome.bound > NOTHING):
        return "infeasible"
    return "unknown"


def diagnose(
    instance: Instance,
    policy: Policy | None = None,
    *,
    solution: Solution | None = None,
    places: Places | None = None,
    keep: tuple[str, ...] = (),
    seconds: float = 300.0,
    threads: int = 1,
) -> Diagnosis:
    """Find out why an instance has no plan under a policy and what would mend it, or what looks odd if it has one.

    Parameters
    ----------
    solution
        A result of this instance under this policy: a plan that holds settles the question without solving.
    places
        Where the figures stand.
    keep
        Limits, or beginnings of their ids, that a mend may not change.
    seconds
        Time for everything but building the model.
    threads
        Threads of the solver.

    Raises
    ------
    InputError
        If the policy does not fit the instance, the result belongs to another, or a name in ``keep`` is of no limit.
    """
    clock, chosen = time.monotonic(), policy or Policy()
    limits = limits_of(instance, chosen, places)
    rigid = _kept(limits, keep)
    odd = odd_instance(instance, chosen)
    if solution is not None:
        if sha256(instance) != solution.proof.instance_sha256:
            message = "was solved for another instance than the one given"
            raise InputError([Problem("RESULT", message, "give the instance that was solved, or solve again")])
        odd += odd_result(instance, solution)
        if solution.plan is not None and solution.policy == chosen and check(instance, chosen, solution.plan).ok:
            return Diagnosis("feasible", (), (), None, odd, limits, time.monotonic() - clock)
    proven = proofs(instance, chosen)
    elastic = make_elastic(instance, chosen, limits, frozenset())
    with Bench(elastic.program, seconds, threads) as bench:
        status = "infeasible" if proven else _status(instance, chosen, elastic, bench)
        if status == "feasible":
            return Diagnosis(status, (), (), None, odd, limits, time.monotonic() - clock)
        clashes = conflicts(elastic, bench, proven)
        if clashes:
            status = "infeasible"
            elastic = rescaled(elastic, bench, clashes)
        found = mend(instance, chosen, elastic, bench, rigid & set(elastic.number))
        if found is not None and not found.changes:
            found = None
        if found is not None and status == "infeasible":
            ids = frozenset(change.limit.id for change in found.changes)
            clashes += unexplained(elastic, bench, clashes, ids)
    return Diagnosis(status, proven, clashes, found, odd, limits, time.monotonic() - clock)
