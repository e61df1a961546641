"""The process of one run: reads its task, solves, checks, and writes what it has found as JSON.

Run as ``python -m hubopt.bench.child TASK.json ANSWER.json PLACE PARENT``: which of the runs side by side it is (``-``
where it may use every core), and the process that starts it. Each run has a process of its own, so that memory is its
own and libraries that clash are never loaded together.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

from hubopt.bench.answers import ROUNDING, Answer, evaluated
from hubopt.bench.cases import PublishedFile
from hubopt.bench.meter import cpu_seconds, metered
from hubopt.bench.rivals import RIVALS, is_installed
from hubopt.bench.scenarios import by_scenarios
from hubopt.bench.store import load_program, save_program
from hubopt.bench.task import OWN, Task
from hubopt.formats.imports import FORMATS
from hubopt.instance import Instance, sha256
from hubopt.solution import Plan
from hubopt.solve.cores import available, keep_to

Record = dict[str, Any]


def _plan_json(plan: Plan) -> Record:
    """The open sites of a plan and its flows, by the names of the instance."""
    flows = plan.flows[plan.flows["t_d"] > 0]
    columns = ["leg", "origin", "destination", "commodity", "t_d"]
    opened = plan.facilities[plan.facilities["modules"] > 0]
    return {"open": list(opened["site"]), "flows": flows[columns].to_numpy().tolist()}


def _by_hubopt(task: Task) -> Record:
    from hubopt.check import check
    from hubopt.solve import Method, solve

    method: Any = task.solver.name
    if method not in get_args(Method):
        return {"state": "skipped", "note": f"this version has no method {method}"}
    origin = task.case.origin
    if isinstance(origin, PublishedFile) and origin.format not in FORMATS:
        return {"state": "skipped", "note": f"this version cannot import {origin.format}"}
    if isinstance(origin, PublishedFile) and origin.format == "smps":
        return by_scenarios(task)
    instance, policy = task.case.instance()
    limits = task.limits
    with metered() as meter:
        solution = solve(
            instance,
            policy,
            method=method,
            gap=limits.gap,
            time_limit=limits.seconds,
            threads=limits.threads,
            seed=limits.seed,
        )
    proof = solution.proof
    record: Record = {
        "state": proof.status,
        "objective": proof.objective,
        "bound": proof.bound,
        "seconds": proof.seconds["total"],
        "cpu_seconds": meter.cpu_seconds,
        "build_seconds": proof.seconds.get("build"),
        "check_seconds": proof.seconds.get("check"),
        "trace": [list(point) for point in proof.trace],
        "sense": proof.sense,
        "method": proof.method,
        "instance_sha256": proof.instance_sha256,
        "checked": False,
        "note": "",
    }
    if solution.plan is not None:
        report = check(instance, policy, solution.plan, cost=solution.cost, objective=proof.objective, kpi=solution.kpi)
        record["checked"] = report.ok
        record["note"] = "" if report.ok else f"the checker: {report.findings[0]}"
        if isinstance(task.case.origin, PublishedFile):
            record["plan"] = _plan_json(solution.plan)
    return record


def _program_of(instance: Instance, task: Task) -> Record:
    from hubopt.model import build
    from hubopt.solve.compile import compile_model

    assert task.program is not None
    started = time.monotonic()
    model = build(instance, task.case.instance()[1])
    program = compile_model(model)
    unit = instance.info.sign * model.network.scale.money_cny
    save_program(program, unit, task.program)
    return {
        "state": "optimal",
        "seconds": time.monotonic() - started,
        "columns": program.columns,
        "rows": program.rows,
        "instance_sha256": sha256(instance),
        "sense": instance.info.sense,
        "note": "",
    }


def _by_rival(task: Task) -> Record:
    from hubopt.bench.textbook import program_of, sense_of

    solver, origin = task.solver, task.case.origin
    rival = RIVALS[solver.name]
    if not is_installed(solver.name):
        return {"state": "skipped", "note": f"{rival.package} is not installed: pip install hubopt[bench]"}
    started = time.monotonic()
    unit = 1.0
    if solver.form == OWN:
        if task.program is None or not task.program.exists():
            return {"state": "skipped", "note": "hubopt's own program could not be made"}
        program, unit = load_program(task.program)
    else:
        assert isinstance(origin, PublishedFile)
        unit = 1.0 if sense_of(origin.format, origin.options) == "min" else -1.0
        try:
            program = program_of(origin.format, origin.path, origin.options, solver.form)
        except ValueError as error:
            return {"state": "skipped", "note": str(error)}
    built, spent = time.monotonic() - started, cpu_seconds()
    answer: Answer = import_module(rival.module).solve(program, task.limits)
    solved, spent = time.monotonic() - started - built, cpu_seconds() - spent
    record: Record = {
        "state": answer.state,
        "objective": answer.objective,
        "seconds": solved,
        "cpu_seconds": spent,
        "build_seconds": built,
        "sense": "min" if unit > 0 else "max",
        "method": solver.form,
        "columns": program.columns,
        "rows": program.rows,
        "checked": False,
        "note": answer.note,
    }
    if answer.values is not None:
        record["objective"], missed = evaluated(program, answer.values)
        record["checked"] = missed <= ROUNDING
        if missed > ROUNDING:
            record["note"] = f"its point misses a row by {missed:.1e} of the row's terms"

    def stated(value: float | None) -> float | None:
        return None if value is None else value * unit

    record["objective"], record["bound"] = stated(record["objective"]), stated(answer.bound)
    record["trace"] = [[at, stated(best), stated(proven)] for at, best, proven in answer.trace]
    return record


def answer_to(task: Task) -> Record:
    """Make the run and say what came of it."""
    if task.solver.kind == "hubopt":
        return _by_hubopt(task)
    if task.solver.kind == "compile":
        return _program_of(task.case.instance()[0], task)
    return _by_rival(task)


_PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Let the kernel end this process when its parent is gone, however that came about (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


def main(arguments: list[str]) -> None:
    """Read the task, run it, write the answer whole or not at all."""
    end_with(int(arguments.pop()))
    if (place := arguments.pop()) != "-":
        keep_to(int(place), available())
    given, target = (Path(argument) for argument in arguments)
    task = Task.from_json(json.loads(given.read_text(encoding="utf-8")))
    record = answer_to(task) | {"process_cpu_seconds": cpu_seconds()}
    part = target.with_suffix(".part")
    part.write_text(json.dumps(record), encoding="utf-8")
    part.replace(target)


if __name__ == "__main__":
    main(sys.argv[1:])
