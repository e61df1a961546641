"""One sitting of a solver over a question, and what becomes of its result whatever happens."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.markup import escape

from hubopt.cli.exits import BAD_INPUT, CHECK_FAILED, DONE, INFEASIBLE, INTERRUPTED, NO_SOLUTION, complain, err, out
from hubopt.cli.progress import ProgressLine
from hubopt.cli.results import checked, print_files, print_findings, proof_findings, told_finding
from hubopt.cli.speech import say, spoken, word
from hubopt.cli.summary import print_summary
from hubopt.instance import InputError, Instance, Policy, sha256
from hubopt.solution import Solution, write_solution
from hubopt.solution.partial import Partial, Question
from hubopt.solution.types import Asked
from hubopt.texts import told

if TYPE_CHECKING:
    from hubopt.check import Report

MethodName = Literal["auto", "monolith", "staged", "decompose", "phased"]


@dataclass(frozen=True)
class Options:
    """Options of the solve command; times in seconds, memory in GiB."""

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
    node_limit: int | None = None
    memory_limit: float | None = None
    deterministic: bool = False


def warn(message: str) -> None:
    """Print a warning."""
    err.print(f"[yellow]{say('cli-frame.warning')}[/] {message}")


def _notice(kind: str) -> None:
    """Say at once that a signal was heard; called from the signal handler, so nothing is locked or buffered here."""
    from hubopt.solve.engine.watchdog import PRESSES_TO_GIVE_UP

    text = say("cli-run.stopping") if kind == "interrupt" else say("cli-run.closing", times=PRESSES_TO_GIVE_UP)
    with contextlib.suppress(OSError):
        os.write(2, f"\n{text}\n".encode())


@contextlib.contextmanager
def watched(options: Options) -> Iterator[None]:
    """Keep watch over signals and memory from the reading of the instance to the last file written."""
    from hubopt.solve.engine.watchdog import watching

    with watching(options.memory_limit, _notice):
        yield


def without_plan(solution: Solution) -> int:
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
            warn(say("cli-solve.not-drawn", name=name, error=escape(repr(error))))
    return pages


@dataclass(frozen=True)
class Sitting:
    """A question, where its answer goes, and what it starts from.

    ``earlier`` is gone on with, ``warm_start`` only gives the first incumbent. ``replaces``: a result in ``folder`` may
    be replaced.
    """

    instance_path: Path
    instance: Instance
    policy: Policy
    folder: Path
    options: Options
    warm_start: Solution | None = None
    earlier: Solution | None = None
    goes_on: bool = False
    replaces: bool = False

    def run(self) -> int:
        """Solve, check and write; the exit code."""
        with Partial(self.folder, goes_on=self.goes_on, force=self.options.force) as partial:
            partial.ask(self._question(partial))
            try:
                return self._run(partial)
            except KeyboardInterrupt:
                if not partial.has_plan:
                    raise
                complain(self._where(partial))
                return INTERRUPTED

    def _question(self, partial: Partial) -> Question:
        options = self.options
        limits = options.node_limit, options.memory_limit, options.deterministic
        return Question(
            instance_path=os.path.relpath(self.instance_path.resolve(), partial.path),
            instance_sha256=sha256(self.instance),
            policy=self.policy,
            asked=Asked(options.method, options.time_limit, *limits),
            gap=options.gap,
            threads=options.threads,
            seed=options.seed,
        )

    def _run(self, partial: Partial) -> int:
        solution, log = self._solved(partial)
        if solution.plan is None:
            code = without_plan(solution)
            if partial.has_plan:
                err.print(self._where(partial))
            return code
        report = checked(self.instance, solution, solution.plan)
        findings = [told(finding, spoken()) for finding in proof_findings(solution)]
        findings += [told_finding(finding) for finding in report.findings]
        if findings:
            return self._refused(solution, findings, log, partial)
        kept = self._kept(partial, solution)
        files: dict[str, bytes | str] = {
            "solver.log": log, **_pages(self.instance, solution, report, self.options.lang),
        }  # fmt: skip
        try:
            self._write(solution, self.folder, files, force=self.replaces or self.options.force)
        except (OSError, InputError) as error:
            return self._rescued(solution, files, error, partial if kept else None)
        partial.remove()
        print_summary(solution, out)
        if solution.proof.limit == "crash":
            warn(say("cli-run.crash"))
        out.print(say("cli-solve.result", path=escape(str(self.folder))))
        print_files(self.folder)
        return INTERRUPTED if solution.proof.limit == "interrupt" else DONE

    def _solved(self, partial: Partial) -> tuple[Solution, bytes]:
        """What the solver found, and its log."""
        from hubopt.solve import solve

        options = self.options
        with tempfile.TemporaryDirectory() as scratch, ProgressLine(err) as progress:
            log = options.log or Path(scratch) / "solver.log"
            solution = solve(
                self.instance,
                self.policy,
                method=options.method,
                gap=options.gap,
                time_limit=options.time_limit,
                node_limit=options.node_limit,
                memory_gib=options.memory_limit,
                threads=options.threads,
                seed=options.seed,
                deterministic=options.deterministic,
                warm_start=self.warm_start,
                resume=self.earlier,
                keep=lambda found: self._keep(partial, found),
                warn=lambda message: warn(told(message, spoken())),
                progress=progress,
                log_path=log,
            )
            return solution, log.read_bytes() if log.exists() else b""

    def _keep(self, partial: Partial, solution: Solution) -> None:
        """Keep a plan on the way; where that fails it is said, and tried again with the next."""
        try:
            partial.keep(solution, self.instance, self.instance_path)
        except (OSError, InputError) as error:
            warn(say("cli-run.not-kept", path=escape(str(partial.path)), error=escape(_reason(error))))

    def _kept(self, partial: Partial, solution: Solution) -> bool:
        """Keep the final plan before its pages are drawn, which takes a while; whether that worked."""
        try:
            partial.keep(solution, self.instance, self.instance_path)
        except (OSError, InputError):
            return False
        return True

    def _where(self, partial: Partial) -> str:
        return say("cli-run.kept", path=str(partial.best), out=str(self.folder))

    def _write(
        self, solution: Solution, folder: Path, files: dict[str, bytes | str], *, force: bool
    ) -> None:  # fmt: skip
        write_solution(solution, self.instance, folder, files, force=force, instance_path=self.instance_path)

    def _refused(self, solution: Solution, findings: list[str], log: bytes, partial: Partial) -> int:
        """Say what is wrong with a result and keep it aside for whoever looks for the mistake."""
        print_findings(findings)
        complain(say("cli-solve.refused"))
        wrong = replace(solution, proof=replace(solution.proof, status="error"))
        aside = _free(self.folder.with_name(self.folder.name + ".refused"))
        files: dict[str, bytes | str] = {"solver.log": log, "findings.txt": "\n".join(findings) + "\n"}
        try:
            self._write(wrong, aside, files, force=False)
        except (OSError, InputError, ValueError) as error:
            warn(say("cli-run.not-written", path=escape(str(aside)), error=escape(_reason(error))))
        else:
            err.print(say("cli-run.refused", path=escape(str(aside))))
        if partial.has_plan:
            err.print(self._where(partial))
        return CHECK_FAILED

    def _rescued(
        self, solution: Solution, files: dict[str, bytes | str], error: OSError | InputError, partial: Partial | None
    ) -> int:
        """The result could not be written where it belongs: say where the plan is, or write it elsewhere."""
        complain(say("cli-run.not-written", path=str(self.folder), error=_reason(error)))
        if partial is not None:
            err.print(self._where(partial))
            return BAD_INPUT
        try:
            elsewhere = Path(tempfile.mkdtemp(prefix="hubopt-")) / self.folder.name
            self._write(solution, elsewhere, files, force=False)
        except (OSError, InputError):
            complain(say("cli-run.lost"))
        else:
            err.print(say("cli-run.rescued", path=escape(str(elsewhere))))
        return BAD_INPUT


def _reason(error: Exception) -> str:
    """Why something could not be written, in a few words."""
    if isinstance(error, InputError):
        return "; ".join(told(f"{problem.message}", spoken()) for problem in error.problems)
    return str(getattr(error, "strerror", None) or error)


def _free(folder: Path) -> Path:
    """The folder, or one with a number behind it that does not exist yet."""
    number, found = 1, folder
    while found.exists():
        number += 1
        found = folder.with_name(f"{folder.name}-{number}")
    return found
