"""Commands on result folders: check, show, map, report."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from hubopt.cli.exits import CHECK_FAILED, DONE, complain, err, out
from hubopt.cli.speech import say, spoken
from hubopt.cli.summary import print_summary
from hubopt.instance import InputError, Instance, Problem, read_instance, sha256
from hubopt.solution import Plan, Solution, instance_folder, read_solution
from hubopt.texts import told

if TYPE_CHECKING:
    from hubopt.check import Finding, Report

_ROUNDING = 1e-6
"""Relative difference that is taken for rounding."""


def plan_of(solution: Solution, folder: Path) -> Plan:
    """The plan of a result; raises InputError if it has none."""
    if solution.plan is None:
        message = f"holds no plan (status {solution.proof.status})"
        raise InputError([Problem(str(folder), message, "give the result of a run that found one")])
    return solution.plan


def checked(instance: Instance, solution: Solution, plan: Plan) -> Report:
    """The independent checker's report on ``solution`` with ``plan``."""
    from hubopt.check import check as check_plan

    return check_plan(
        instance, solution.policy, plan, cost=solution.cost, objective=solution.proof.objective, kpi=solution.kpi
    )


def proof_findings(solution: Solution) -> Iterator[str]:
    """What contradicts itself in how the run is said to have ended."""
    proof = solution.proof
    if proof.objective is None:
        yield "the result states no objective"
        return
    if proof.bound is not None:
        beyond = proof.bound - proof.objective if proof.sense == "min" else proof.objective - proof.bound
        if beyond > _ROUNDING * max(1.0, abs(proof.objective)):
            where = "above" if proof.sense == "min" else "below"
            yield f"the bound {proof.bound:,.2f} lies {where} the objective {proof.objective:,.2f}"
    if proof.status == "optimal" and (proof.gap is None or proof.gap > proof.gap_asked + _ROUNDING):
        yield f"the status is optimal, but the gap is {proof.gap}, not {proof.gap_asked:g} or less"


def told_finding(finding: Finding) -> str:
    """A finding in the language of this run."""
    where, message = told(finding.where, spoken()), told(finding.message, spoken())
    return say("cli-check.finding", where=where, message=message, rule=finding.rule)


def _told_problem(problem: Problem) -> str:
    if spoken() == "en":
        return str(problem)
    message, mend = told(problem.message, spoken()), told(problem.mend, spoken())
    value = "" if problem.value is None else f" {problem.value!r}"
    place = say("cli-frame.list").join(filter(None, (problem.file, problem.column)))
    return say("cli-frame.place", place=place) + value + " " + say("cli-frame.problem", message=message, mend=mend)


def print_findings(findings: list[str]) -> None:
    """Print what a check found."""
    key = "cli-check.found-one" if len(findings) == 1 else "cli-check.found-many"
    complain(say(key, count=len(findings)))
    for finding in findings:
        err.print(f"  - {escape(finding)}")


def check(instance_path: Path, folder: Path) -> int:
    """Check the result in ``folder``; the exit code says whether it holds."""
    instance, solution = read_instance(instance_path, geometry=False), read_solution(folder)
    plan = plan_of(solution, folder)
    findings = []
    if (digest := sha256(instance)) != solution.proof.instance_sha256:
        solved = solution.proof.instance_sha256
        findings.append(f"the result belongs to another instance: sha256 {solved[:12]}..., here {digest[:12]}...")
    findings += proof_findings(solution)
    findings = [told(finding, spoken()) for finding in findings]
    try:
        findings += [told_finding(finding) for finding in checked(instance, solution, plan).findings]
    except InputError as error:  # the policy names what this instance does not have
        findings += [_told_problem(problem) for problem in error.problems]
    if findings:
        print_findings(findings)
        return CHECK_FAILED
    out.print(say("cli-check.holds", objective=f"{solution.proof.objective:,.2f}"))
    return DONE


def show(folder: Path) -> None:
    """Print the summary of the result in ``folder`` and where its map and report lie."""
    print_summary(read_solution(folder), out)
    print_files(folder)


def print_files(folder: Path) -> None:
    """Print where the map and the report of a result lie."""
    for key, name in (("cli-solve.map", "map.html"), ("cli-solve.report", "report.html")):
        if (folder / name).exists():
            out.print(say(key, path=escape(str(folder / name))))


def instance_of(solution: Solution, folder: Path, given: Path | None) -> Instance:
    """The instance of a result: the one given, or the one that the result remembers."""
    path = given or instance_folder(folder)
    if path is None or not path.is_dir():
        where = f"the instance is no longer at {path}" if path else "the result does not say where its instance lies"
        raise InputError([Problem(str(folder), where, "give its folder with --instance")])
    instance = read_instance(path)
    if sha256(instance) != solution.proof.instance_sha256:
        mend = "give the instance that was solved with --instance, or solve again"
        raise InputError([Problem(str(path), f"is not the instance that {folder} was solved for", mend)])
    return instance


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    out.print(say("cli-frame.written", path=escape(str(path))))


def draw_map(
    folder: Path, given: Path | None, target: Path | None, lang: str, tiles: str | None = None, credit: str = ""
) -> None:
    """Draw the map of the result in ``folder`` into ``target`` (map.html in the folder if None).

    ``tiles``: a tile service (a name or an address) to lay under the map, ``credit``: whose tiles they are.
    """
    solution = read_solution(folder)
    plan_of(solution, folder)
    instance = instance_of(solution, folder, given)
    from hubopt.viz import network_map
    from hubopt.viz.tiles import tiles_of

    service = None if tiles is None else tiles_of(tiles, credit)
    write_whole(target or folder / "map.html", network_map(instance, solution, lang, tiles=service))
