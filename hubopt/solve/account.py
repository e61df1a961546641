"""One run: what was asked of it, and the account that it gives of a point: plan, cost, bound, why it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hubopt.check import Report, check
from hubopt.instance import Instance, Policy
from hubopt.instance.types import Info
from hubopt.model import Network
from hubopt.solution import Limit, Plan, Proof, Solution, Status
from hubopt.solution.duals import Duals
from hubopt.solution.types import Asked
from hubopt.solve.extract import plan_of
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.monolith import Found
from hubopt.solve.progress import Progress, Tracker
from hubopt.solve.versions import versions

_LIMITS: dict[str, Limit] = {
    "time": "time", "interrupt": "interrupt", "nodes": "nodes", "memory": "memory", "crash": "crash",
}  # fmt: skip


def _stated(info: Info, value: float | None) -> float | None:
    """A value of what is minimised, as the instance states its objective (CNY/year)."""
    return None if value is None else info.sign * value


def as_stated(info: Info, now: Progress) -> Progress:
    """Progress with its figures as the instance states its objective."""
    return replace(now, incumbent=_stated(info, now.incumbent), bound=_stated(info, now.bound))


def _status(found: Found, has_plan: bool, gap: float | None, asked: float) -> Status:
    if found.reason == "infeasible":
        return "infeasible"
    if not has_plan:
        return "error" if found.reason in ("error", "crash", "unbounded") else "no-solution"
    return "optimal" if gap is not None and gap <= asked + 1e-9 else "feasible"


@dataclass(frozen=True)
class Run:
    """One run: what was asked, and how its points become checked solutions."""

    instance: Instance
    policy: Policy
    asked: Asked
    gap: float
    threads: int
    seed: int
    tracker: Tracker
    digest: str
    earlier: Solution | None
    duals: Duals | None = None

    def judged(self, network: Network, program: Milp, values: Vector) -> tuple[Plan, Report]:
        """The plan of a point and what the checker says of it."""
        plan = plan_of(self.instance, self.policy, network, program, values)
        return plan, check(self.instance, self.policy, plan)

    def carried_bound(self) -> float | None:
        """The bound of the run that this one goes on with (CNY/year), if it holds here too."""
        earlier = self.earlier
        if earlier is None or earlier.proof.bound is None or earlier.policy != self.policy:
            return None
        same = earlier.proof.instance_sha256 == self.digest and earlier.proof.versions.get("code") == versions()["code"]
        return self.instance.info.sign * earlier.proof.bound if same else None

    def solution(self, found: Found, method: str, plan: Plan | None = None, report: Report | None = None) -> Solution:
        """The solution of a plan, or of having none, as things stand."""
        info, tracker = self.instance.info, self.tracker
        now = tracker.now()
        bound, objective = now.bound, None if report is None else report.objective
        if bound is not None:
            bound *= info.sign
            if objective is not None:
                bound = min(bound, objective) if info.sense == "min" else max(bound, objective)
        before = 0.0 if self.earlier is None else self.earlier.proof.seconds.get("total", 0.0)
        trace = [(at + before, _stated(info, best), _stated(info, proven)) for at, best, proven in tracker.trace]
        seconds = dict(tracker.phase_seconds) | ({"earlier": before} if self.earlier is not None else {})
        proof = Proof(
            status="error",
            limit=_LIMITS.get(found.reason, "none"),
            objective=objective,
            bound=bound,
            gap_asked=self.gap,
            method=method,
            seed=self.seed,
            threads=self.threads,
            seconds={name: round(value, 3) for name, value in (seconds | {"total": before + now.seconds}).items()},
            versions=versions(),
            instance_sha256=self.digest,
            sense=info.sense,
            trace=(*(() if self.earlier is None else self.earlier.proof.trace), *trace),
            asked=self.asked,
        )
        if report is None or report.ok:
            proof = replace(proof, status=_status(found, plan is not None, proof.gap, self.gap))
        return Solution(
            instance_id=info.id,
            policy=self.policy,
            proof=proof,
            plan=plan,
            cost=dict(report.cost) if report is not None else {},
            kpi=dict(report.kpi) if report is not None else {},
            duals=found.duals,
        )
