"""``result.json``: how a run ended, what it costs and what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from hubopt.instance.policy import Policy
from hubopt.instance.records import later
from hubopt.instance.types import Record, Sense
from hubopt.solution.types import Asked, Limit, Plan, Proof, Solution, Status

FORMAT = 2
"""Version of the result folder's layout: 2 since there are exchanges, outages, staff and investments."""


class ResultRecord(Record):
    """The content of ``result.json``; amounts in CNY/year, times in seconds."""

    format: Literal[2] = Field(description="version of the layout")
    instance_id: str = Field(description="id of the instance")
    instance_sha256: str = Field(pattern="^[0-9a-f]{64}$", description="digest of the instance that was solved")
    instance_path: str | None = Field(
        default=None, description="where the instance lay, relative to the result folder if possible"
    )
    status: Status = Field(description="optimal, feasible, infeasible, no-solution or error")
    limit: Limit = Field(description="the limit that ended the run, or none")
    objective: float | None = Field(description="objective of the plan (CNY/year)")
    bound: float | None = Field(description="proven bound of the objective: below it (sense min) or above it (max)")
    gap: float | None = Field(description="|objective - bound| / |objective|")
    sense: Sense = Field(
        default="min", description="whether the objective is least or largest", json_schema_extra=later()
    )
    gap_asked: float = Field(ge=0, description="gap at which the run was to end")
    seconds: Mapping[str, float] = Field(description="time by phase, and in total")
    method: str = Field(description="how it was solved")
    seed: int = Field(description="random seed")
    threads: int = Field(ge=0, description="threads that the solver might use")
    versions: Mapping[str, str] = Field(description="versions of hubopt, the solver and Python")
    policy: Policy = Field(description="the policy of the run")
    cost: Mapping[str, float] = Field(description="CNY/year by part, over the periods with their weights")
    kpi: Mapping[str, float] = Field(description="indicators by dotted name")
    trace: tuple[tuple[float, float | None, float | None], ...] = Field(
        default=(), description="(seconds, incumbent, bound) whenever one of the two improved"
    )
    asked: Asked | None = Field(
        default=None, description="method, limits and start that the run was asked for", json_schema_extra=later()
    )


def record_of(solution: Solution, instance_path: str | None) -> ResultRecord:
    """The record of a solution."""
    proof = solution.proof
    return ResultRecord(
        format=FORMAT,
        instance_id=solution.instance_id,
        instance_sha256=proof.instance_sha256,
        instance_path=instance_path,
        status=proof.status,
        limit=proof.limit,
        objective=proof.objective,
        bound=proof.bound,
        gap=proof.gap,
        sense=proof.sense,
        gap_asked=proof.gap_asked,
        seconds=dict(proof.seconds),
        method=proof.method,
        seed=proof.seed,
        threads=proof.threads,
        versions=dict(proof.versions),
        policy=solution.policy,
        cost=dict(solution.cost),
        kpi=dict(solution.kpi),
        trace=proof.trace,
        asked=proof.asked,
    )


def solution_of(record: ResultRecord, plan: Plan | None) -> Solution:
    """The solution of a record and the tables beside it."""
    proof: dict[str, Any] = {
        name: getattr(record, name)
        for name in (
            "status",
            "limit",
            "objective",
            "bound",
            "sense",
            "gap_asked",
            "method",
            "seed",
            "threads",
            "seconds",
            "asked",
        )
    }
    return Solution(
        instance_id=record.instance_id,
        policy=record.policy,
        proof=Proof(**proof, versions=record.versions, instance_sha256=record.instance_sha256, trace=record.trace),
        plan=plan,
        cost=record.cost,
        kpi=record.kpi,
    )
