"""The solve command: read, solve, check, write."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.markup import escape

from hubopt.cli.exits import CHECK_FAILED, DONE, INFEASIBLE, INTERRUPTED, NO_SOLUTION, complain, err, out
from hubopt.cli.progress import ProgressLine
from hubopt.cli.results import checked, plan_of, print_files, print_findings, proof_findings, told_finding
from hubopt.cli.reviewing import with_decisions
from hubopt.cli.speech import say, spoken, word
from hubopt.cli.summary import print_summary
from hubopt.instance import InputError, Instance, Policy, Problem, apply, read_instance, read_policy
from hubopt.instance.folder import refuse_unless_free
from hubopt.solution import Solution, read_solution, write_solution
from hubopt.solution.write import RESULT
from hubopt.texts import told

if TYPE_CHECKING:
    from hubopt.check import Report

MethodName = Literal["auto", "monolith", "staged", "phased"]


@dataclass(frozen=True)
class Options:
    """Options of the solve command; times in seconds."""

    method: MethodName
    gap: float
    time_limit: float
    threads: int
    seed: int
    warm_start: Path | None
    out: Path | None
    force: bool
    lang: str
    log: Path | None
    decisions: Path | None = None


def _default_out(instance: Path, *changes: Path | None) -> Path:
    """``results/INSTANCE``, with the names of the files that change what is asked behind it."""
    return Path("results") / "-".join([instance.resolve().name, *(file.stem for file in changes if file is not None)])


def _solved(instance: Instance, policy: Policy, warm_start: Solution | None, options: Options, log: Path) -> Solution:
    from hubopt.solve import solve

    with ProgressLine(err) as progress:
        return solve(
            instance,
            policy,
            method=options.method,
            gap=options.gap,
            time_limit=options.time_limit,
            threads=options.threads,
            seed=options.seed,
            warm_start=warm_start,
            progress=progress,
            log_path=log,
        )


def _without_plan(solution: Solution) -> int:
    """Say why there is no plan; the exit code."""
    status, limit = solution.proof.status, solution.proof.limit
    if status == "infeasible":
        complain(say("cli-solve.infeasible"))
        err.print(say("cli-solve.infeasible-help"), markup=False)
        return INFEASIBLE
    if limit == "interrupt":
        complain(say("cli-solve.interrupted"))
        return INTERRUPTED
    if status == "error":
        complain(say("cli-solve.failed"))
        return CHECK_FAILED
    complain(say("cli-solve.no-solution", limit=word("limit", limit)))
    return NO_SOLUTION


def _pages(instance: Instance, solution: Solution, report: Report, lang: str) -> dict[str, str]:
    """Map and report; what cannot be drawn is left out with a warning, so that a long run's result is never lost."""
    from hubopt import viz

    pages: dict[str, str] = {}
    drawings: dict[str, Callable[[], str]] = {
        "map.html": lambda: viz.network_map(instance, solution, lang, report=report),
        "report.html": lambda: viz.report_html(instance, solution, report, lang),
    }
    for name, draw in drawings.items():
        try:
            pages[name] = draw()
        except Exception as error:  # drawing must not cost the result
            message = say("cli-solve.not-drawn", name=name, error=escape(repr(error)))
            err.print(f"[yellow]{say('cli-frame.warning')}[/] {message}")
    return pages


def run(instance_path: Path, policy_path: Path | None, options: Options) -> int:
    """Solve, check and write; the exit code.

    Raises
    ------
    InputError
        For mistakes in the instance, the policy, the warm start or the output folder; nothing is written.
    """
    folder = options.out or _default_out(instance_path, policy_path, options.decisions)
    refuse_unless_free(folder, options.force, [RESULT])
    if options.log is not None and not options.log.absolute().parent.is_dir():
        raise InputError([Problem(str(options.log), "lies in no folder", "make the folder, or give another place")])
    instance = read_instance(instance_path)
    policy = Policy() if policy_path is None else read_policy(policy_path)
    apply(instance, policy)
    if options.decisions is not None:
        policy = with_decisions(instance, policy, options.decisions)
    warm_start = None if options.warm_start is None else read_solution(options.warm_start)
    if warm_start is not None and options.warm_start is not None:
        plan_of(warm_start, options.warm_start)
    with tempfile.TemporaryDirectory() as scratch:
        log = options.log or Path(scratch) / "solver.log"
        solution = _solved(instance, policy, warm_start, options, log)
        log_text = log.read_bytes() if log.exists() else b""
    if solution.plan is None:
        return _without_plan(solution)
    report = checked(instance, solution, solution.plan)
    findings = [told(finding, spoken()) for finding in proof_findings(solution)]
    findings += [told_finding(finding) for finding in report.findings]
    if findings:
        print_findings(findings)
        complain(say("cli-solve.refused"))
        return CHECK_FAILED
    files: dict[str, bytes | str] = {"solver.log": log_text, **_pages(instance, solution, report, options.lang)}
    write_solution(solution, instance, folder, files, force=options.force, instance_path=instance_path)
    print_summary(solution, out)
    out.print(say("cli-solve.result", path=escape(str(folder))))
    print_files(folder)
    return INTERRUPTED if solution.proof.limit == "interrupt" else DONE
