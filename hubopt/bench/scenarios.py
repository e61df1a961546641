"""hubopt's own way with published programs under uncertainty: the instance with its scenarios, solved in two stages."""

from __future__ import annotations

import math
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubopt.bench.cases import PublishedFile
from hubopt.bench.meter import metered

if TYPE_CHECKING:
    from hubopt.bench.task import Task

WAYS = {"auto": "auto", "monolith": "extensive", "decompose": "hedging"}
"""How a method of hubopt is called where there are scenarios."""


def by_scenarios(task: Task) -> dict[str, Any]:
    """Solve for the least expected cost; the answer of each scenario has been checked where it was made."""
    from hubopt.formats.imports.servers import SCENARIOS, smps_scenarios
    from hubopt.study.stochastic.run import stochastic
    from hubopt.study.stochastic.scenarios import read_scenarios
    from hubopt.study.stochastic.types import Question

    origin, limits = task.case.origin, task.limits
    assert isinstance(origin, PublishedFile)
    way: Any = WAYS.get(task.solver.name)
    if way is None:
        return {"state": "skipped", "note": f"there is no method {task.solver.name} for scenarios"}
    instance, policy = task.case.instance()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / SCENARIOS
        path.write_text(smps_scenarios(origin.path, origin.options)[SCENARIOS], encoding="utf-8")
        scenarios = read_scenarios(path)
    question = Question(
        policy=policy, method=way, gap=limits.gap, time_limit=limits.seconds, threads=limits.threads, seed=limits.seed
    )
    with metered() as meter:
        started = time.monotonic()
        outcome = stochastic(instance, scenarios, question)
        seconds = time.monotonic() - started
    reached, bound = outcome.value.upper, outcome.value.lower
    found = math.isfinite(reached)
    return {
        "state": outcome.status,
        "objective": reached if found else None,
        "bound": bound if math.isfinite(bound) else None,
        "seconds": seconds,
        "cpu_seconds": meter.cpu_seconds,
        "build_seconds": outcome.seconds.get("build"),
        "trace": [list(point) for point in outcome.trace],
        "sense": instance.info.sense,
        "method": outcome.method,
        "instance_sha256": outcome.instance_sha256,
        "checked": found and all(line.chosen.report is not None and line.chosen.report.ok for line in outcome.lines),
        "note": "",
    }
