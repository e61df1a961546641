"""What a run of a study is asked, and whether a result that is there already answers it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hubopt
from hubopt.instance.errors import Problem
from hubopt.instance.policy import Policy
from hubopt.instance.text import read_text
from hubopt.instance.trees import json_of
from hubopt.study.scenarios.changes import Tree
from hubopt.study.scenarios.file import RunOptions

_NAMES = {"name_en", "name_zh", "description"}
"""What a policy is called does not change what it asks."""


def policy_sha256(policy: Policy) -> str:
    """SHA-256 (hex) over what a policy asks, whatever it is called."""
    content = policy.model_dump(mode="json", exclude=_NAMES, exclude_defaults=True)
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@cache
def versions() -> Mapping[str, str]:
    """Versions here of everything that a kept result must share."""
    from hubopt.solve.versions import code_sha256

    return {"hubopt": hubopt.__version__, "code": code_sha256()[:16], "highspy": version("highspy")}


@dataclass(frozen=True)
class Question:
    """One run: the scenario's changes to the base case, how to solve, and what it must come out as.

    ``forced`` are sites that must be open beyond what the scenario says. ``start`` names the run whose plan it starts
    from; where that one has no plan, the run that that one started from, and so on.
    """

    name: str
    name_en: str
    name_zh: str
    description: str
    tree: Tree
    options: RunOptions
    instance_sha256: str
    policy_sha256: str
    start: str | None = None
    forced: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)


def named_policy(policy: Policy, question: Question) -> Policy:
    """The policy of a run: called after its scenario, with its forced sites."""
    return policy.model_copy(
        update={
            "name_en": question.name_en,
            "name_zh": question.name_zh,
            "description": question.description,
            "force_open": (*policy.force_open, *(site for site in question.forced if site not in policy.force_open)),
            "force_closed": tuple(site for site in policy.force_closed if site not in question.forced),
        }
    )


def read_record(folder: Path) -> Mapping[str, Any] | None:
    """The content of a ``result.json`` as it lies there; None if there is none or it is damaged."""
    text = read_text(folder / "result.json")
    content = text if isinstance(text, Problem) else json_of(text, "result.json", "")
    return content if isinstance(content, dict) else None


def answers(record: Mapping[str, Any], question: Question) -> bool:
    """Whether a result answers the question: same case, same code, and either asked the same or proven well enough."""
    try:
        theirs = policy_sha256(Policy.model_validate(record["policy"]))
        asked = record.get("asked") or {}
        own = question.options
        if record["instance_sha256"] != question.instance_sha256 or theirs != question.policy_sha256:
            return False
        if any(record["versions"].get(name) != value for name, value in versions().items()):
            return False
        if record["status"] == "error" or record["limit"] in ("interrupt", "crash", "memory"):
            return False
        if record["seed"] != own.seed or asked.get("method") != own.method:
            return False
        if record["status"] == "infeasible":
            return True
        if record["gap"] is not None and record["gap"] <= own.gap + 1e-9 and record["status"] == "optimal":
            return True
        same = asked.get("time_limit") == own.time_limit and asked.get("node_limit") == own.node_limit
        return bool(same and asked.get("deterministic") == own.deterministic and record["gap_asked"] == own.gap)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
