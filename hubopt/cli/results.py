"""Commands on result folders: check, show, map, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from hubopt.api.results import checked, instance_of, plan_of, proof_findings, stranger
from hubopt.cli.exits import CHECK_FAILED, DONE, complain, err, out
from hubopt.cli.speech import say, spoken
from hubopt.cli.summary import print_summary
from hubopt.instance import InputError, Problem, read_instance, whole_file
from hubopt.solution import read_solution
from hubopt.texts import told

__all__ = [
    "check", "checked", "draw_map", "instance_of", "plan_of", "print_files", "print_findings", "proof_findings", "show",
    "told_finding", "write_bytes", "write_whole",
]  # fmt: skip

if TYPE_CHECKING:
    from hubopt.check import Finding


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
    findings = [told(text, spoken()) for text in (*stranger(instance, solution), *proof_findings(solution))]
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


def write_whole(path: Path, text: str) -> None:
    """Write a file of text whole or not at all, and say where."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and say where."""
    whole_file.write_whole(path, content)
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
