"""What distinguishes two results of the same question."""

from __future__ import annotations

from dataclasses import dataclass

from hubopt.instance.frames import same
from hubopt.solution.digest import plan_sha256
from hubopt.solution.types import Plan, Solution


@dataclass(frozen=True)
class Difference:
    """One thing that differs: what, and how it was ``before`` and is ``after``; lists of names for facilities."""

    what: str
    before: str | tuple[str, ...]
    after: str | tuple[str, ...]
    detail: str = ""


def _facilities(plan: Plan) -> set[str]:
    """Every open facility with design and size."""
    rows = plan.facilities[plan.facilities["modules"] > 0]
    columns = (rows["period"], rows["site"], rows["design"], rows["modules"])
    return {f"{t} {i} {d} x{n}" for t, i, d, n in zip(*columns, strict=True)}


def _unlike(before: Plan, after: Plan, table: str) -> int:
    """Rows of a table that only one of the plans has."""
    one, other = ({tuple(row) for row in getattr(plan, table).itertuples(index=False)} for plan in (before, after))
    return len(one ^ other)


def _plans(before: Plan, after: Plan) -> list[Difference]:
    found = []
    one, other = _facilities(before), _facilities(after)
    if one != other:
        found.append(Difference("facilities", tuple(sorted(one - other)), tuple(sorted(other - one))))
    for table in ("assignments", "flows"):
        if not same(getattr(before, table), getattr(after, table)):
            found.append(Difference(table, "", str(_unlike(before, after, table))))
    return found


def circumstances(before: Solution, after: Solution) -> list[Difference]:
    """What was not the same to begin with: the instance, and versions of what solved it."""
    found = []
    if before.proof.instance_sha256 != after.proof.instance_sha256:
        found.append(Difference("instance", before.proof.instance_sha256[:12], after.proof.instance_sha256[:12]))
    one, other = before.proof.versions, after.proof.versions
    return found + [
        Difference("version", one.get(name, "-"), other.get(name, "-"), name)
        for name in dict.fromkeys((*one, *other))
        if one.get(name) != other.get(name)
    ]


def outcomes(before: Solution, after: Solution) -> list[Difference]:
    """How two results differ, to the last digit."""
    found = [
        Difference(name, str(getattr(before.proof, name)), str(getattr(after.proof, name)))
        for name in ("method", "status", "limit", "objective", "bound")
        if getattr(before.proof, name) != getattr(after.proof, name)
    ]
    if before.plan is None or after.plan is None or plan_sha256(before.plan) == plan_sha256(after.plan):
        return found
    return found + _plans(before.plan, after.plan)
