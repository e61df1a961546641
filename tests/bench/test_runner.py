"""Runs in processes of their own: watched, kept as they end, not repeated; every solver on a small case."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hubopt.bench import runner as module
from hubopt.bench.answers import Limits
from hubopt.bench.cases import Case, Folder, PublishedFile, Synthetic
from hubopt.bench.figures import Run
from hubopt.bench.rivals import is_installed
from hubopt.bench.runner import Plan, Runner, solvers_for
from hubopt.bench.suites import SUITES, Asked, cases_of
from hubopt.bench.task import Solver, Task
from hubopt.bench.watched import run_watched
from hubopt.formats.imports import Options
from tests.formats import files


@pytest.fixture
def case(tmp_path: Path) -> Case:
    path = tmp_path / "small.txt"
    path.write_text(files.ORLIB)
    return Case("small", "drawn", PublishedFile("orlib-cflp", path))


def test_every_solver_finds_the_optimum_and_is_not_asked_twice(tmp_path: Path, case: Case) -> None:
    """hubopt and all rivals agree on a small case, their answers pass the check, and a second call starts nothing."""
    told: list[Run] = []
    rivals = ("highs", "scip", "cpsat", "cbc")
    plan = Plan("smoke", ("auto",), rivals, Limits(20, 1e-4), jobs=2)
    runs = Runner(plan, tmp_path / "out", told.append).run([case])
    assert [run["solver"] for run in runs] == ["hubopt auto", "HiGHS", "SCIP", "CP-SAT", "CBC"]
    for run in runs:
        missing = run["kind"] == "rival" and not is_installed(run["name"])
        assert run["state"] == ("skipped" if missing else "optimal"), run["note"]
        assert missing or (run["checked"] and run["objective"] == pytest.approx(files.least_with_split()))
        assert run["peak_mb"] > 10 and run["wall_seconds"] > 0
        assert missing or run["cpu_seconds"] > 0
    assert runs[0]["plan"]["open"]
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "runs").iterdir()}
    again = Runner(plan, tmp_path / "out", told.append).run([case])
    assert again == runs and len(told) == 10
    assert kept == {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "runs").iterdir()}


@pytest.mark.skipif(not is_installed("cpsat"), reason="OR-Tools is not installed")
def test_whole_numbers_get_room_where_equations_need_it(tmp_path: Path) -> None:
    """CP-SAT takes networks of three levels, whose balances have no solution in multiples; its flows are exact."""
    case = Case("x", "scale", Synthetic((6, 3, 2, 1), 0))
    one, other = Runner(Plan("scale", (), ("highs", "cpsat"), Limits(20, 1e-6)), tmp_path, print).run([case])
    assert (other["state"], other["checked"], other["bound"]) == ("feasible", True, None)
    assert one["objective"] * (1 - 1e-9) <= other["objective"] <= 1.02 * one["objective"]
    assert "once more" in other["note"]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not confine processes")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_of_one_thread_keeps_to_a_core(
    threads: int, tmp_path: Path, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the runs side by side has a place of its own; runs of several threads may go everywhere."""
    places: list[str] = []

    def noted(name: str, *arguments: str) -> list[str]:
        places.append(arguments[2])
        return [sys.executable, "-c", "import time; time.sleep(1); raise SystemExit('noted')"]

    monkeypatch.setattr(module, "python", noted)
    assert isinstance(case.origin, PublishedFile)
    single = PublishedFile(case.origin.format, case.origin.path, Options(single_source=True))
    cases = [Case("a", "drawn", case.origin), Case("b", "drawn", single)]
    Runner(Plan("smoke", (), ("highs",), Limits(5, 1e-4, threads), jobs=2), tmp_path / "out", print).run(cases)
    assert sorted(places) == (["0", "1"] if threads == 1 else ["-", "-"])


def test_a_file_under_two_names_is_run_once(tmp_path: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two cases that are the same problem, side by side, one waits for the other's run and takes it."""
    started: list[str] = []

    def noted(name: str, *arguments: str) -> list[str]:
        started.append(name)
        return [sys.executable, "-c", "raise SystemExit('noted')"]

    monkeypatch.setattr(module, "python", noted)
    monkeypatch.setattr(module, "_lost", lambda outcome, log: {"state": "no-solution", "note": "noted"})
    cases = [Case(name, "drawn", case.origin) for name in ("a", "b")]
    runs = Runner(Plan("smoke", (), ("highs",), Limits(5, 1e-4), jobs=2), tmp_path / "out", print).run(cases)
    assert (len(started), len(runs)) == (1, 2)


def test_other_limits_or_another_file_are_another_run(case: Case) -> None:
    """The key of a run follows its file, options, solver and limits, and nothing else."""
    task = Task("smoke", case, Solver("rival", "highs", "strong"), Limits(10, 1e-4))
    same = Task("other", case, Solver("rival", "highs", "strong"), Limits(10, 1e-4))
    assert task.key() == same.key() == Task.from_json(task.as_json()).key()
    assert isinstance(case.origin, PublishedFile)
    single = Case("small", "drawn", PublishedFile("orlib-cflp", case.origin.path, Options(single_source=True)))
    others = [
        Task("smoke", case, Solver("rival", "highs", "strong"), Limits(11, 1e-4)),
        Task("smoke", case, Solver("rival", "highs", "weak"), Limits(10, 1e-4)),
        Task("smoke", single, Solver("rival", "highs", "strong"), Limits(10, 1e-4)),
    ]
    assert len({task.key(), *(other.key() for other in others)}) == 4
    before = case.digest()
    case.origin.path.write_text(files.ORLIB.replace("60.", "61.", 1))
    assert case.digest() != before


@pytest.mark.parametrize("origin", [Synthetic((4, 3, 2, 1), 5), Folder(Path("instances/tiny").resolve())])
def test_cases_travel_as_json(origin: Synthetic | Folder) -> None:
    """A process of its own gets the same case."""
    case = Case("x", "scale", origin)
    assert Case.from_json(case.as_json()) == case


def test_own_instances_are_handed_over_as_a_program(tmp_path: Path) -> None:
    """On a synthetic case a rival solves hubopt's own program, and both find the same cost."""
    case = Case("x", "scale", Synthetic((6, 3, 2, 1), 0))
    plan = Plan("scale", (), ("highs",), Limits(20, 1e-6))
    (run,) = Runner(plan, tmp_path, lambda run: None).run([case])
    assert (run["form"], run["state"], run["checked"]) == ("own", "optimal", True)
    from hubopt.bench.scale import scale_instance
    from hubopt.solve import solve

    solution = solve(*scale_instance(6, 3, 2, 1, 0), gap=1e-6, time_limit=20, threads=1)
    assert run["objective"] == pytest.approx(solution.proof.objective, rel=1e-5)


def test_a_method_that_is_not_there_is_said_to_be_missing(tmp_path: Path, case: Case) -> None:
    """A run with an unknown method is skipped with the reason, not solved by another method."""
    plan = Plan("smoke", ("no-such-method",), (), Limits(5, 1e-4))
    (run,) = Runner(plan, tmp_path / "out", lambda run: None).run([case])
    assert run["state"] == "skipped" and "no-such-method" in run["note"]


def test_a_process_that_runs_on_or_takes_too_much_is_ended(tmp_path: Path) -> None:
    """Time, memory and a wish to stop each end a process with all that it started; its memory is told."""
    started = time.monotonic()
    sleep = "import time; time.sleep(60)"
    child = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleep!r}]); {sleep}"
    log = tmp_path / "log"
    slow = run_watched([sys.executable, "-c", child], log=log, seconds=0.5, memory_gib=None, stop=threading.Event())
    assert "beyond" in slow.ended and slow.code < 0
    large = run_watched(
        [sys.executable, "-c", "import time; x = bytearray(300_000_000); time.sleep(60)"],
        log=log, seconds=30, memory_gib=0.2, stop=threading.Event(),
    )  # fmt: skip
    assert "GiB" in large.ended and large.peak_mb > 200
    stop = threading.Event()
    stop.set()
    stopped = run_watched(
        [sys.executable, "-c", "import time; time.sleep(60)"], log=log, seconds=30, memory_gib=None, stop=stop
    )
    assert stopped.ended == "interrupt"
    fine = run_watched(
        [sys.executable, "-c", "print('yes')"], log=log, seconds=30, memory_gib=None, stop=threading.Event()
    )
    assert (fine.code, fine.ended, log.read_text()) == (0, "", "yes\n")
    assert time.monotonic() - started < 60
    left = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit() and _session(entry) == os.getsid(0)]
    assert all(
        "time.sleep(60)" not in (entry / "cmdline").read_text(errors="replace") for entry in left if entry.exists()
    )


def _session(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[3])
    except (OSError, IndexError):
        return -1


def test_a_process_that_fails_is_an_error_with_its_last_words(
    tmp_path: Path, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run whose process dies is kept as an error, the next one goes on, and another call tries it again."""
    monkeypatch.setattr(module, "python", lambda *arguments: [sys.executable, "-c", "raise SystemExit('lost it')"])
    plan = Plan("smoke", (), ("highs",), Limits(5, 1e-4))
    (run,) = Runner(plan, tmp_path / "out", lambda run: None).run([case])
    assert run["state"] == "error" and "lost it" in run["note"]
    monkeypatch.undo()
    (again,) = Runner(plan, tmp_path / "out", lambda run: None).run([case])
    assert again["state"] == "optimal"


def test_formulations_that_are_asked_for_are_given(case: Case) -> None:
    """Without a wish each rival gets one formulation, with one all that the format has of them."""
    assert [solver.label for solver in solvers_for(Plan("x", ("auto",), ("highs", "cpsat"), Limits(1, 0)), case)] == [
        "hubopt auto", "HiGHS strong", "CP-SAT whole",
    ]  # fmt: skip
    wished = Plan("x", (), ("highs",), Limits(1, 0), forms=("weak", "strong"))
    assert [solver.form for solver in solvers_for(wished, case)] == ["weak", "strong"]


def test_suites_find_their_files_by_name(tmp_path: Path) -> None:
    """Plain and gzipped files, numbers in their order, open capacities filled in; what is missing is said."""
    for name in (
        "cap44.txt",
        "cap101.txt.gz",
        "capb.txt.gz",
        "p10",
        "p9",
        "PSC1-C2-50.txt",
        "PSC1-C2-50-5.txt.gz",
        "junk",
    ):
        (tmp_path / name).write_text("")
    asked = Asked(tmp_path, tmp_path / "work")
    names = {suite: [case.name for case in cases_of(suite, asked).cases] for suite in SUITES}
    assert names["orlib"] == ["cap44", "cap101", "capb5000", "capb6000", "capb7000", "capb8000"]
    assert names["holmberg"] == ["p9", "p10"]
    assert (names["tscflp"], names["mptscflp"]) == (["PSC1-C2-50"], ["PSC1-C2-50-5"])
    assert names["scale"] == ["300x80x20x8-s0", "300x80x20x8-s1", "300x80x20x8-s2"]
    assert len(names["smoke"]) == 8 and len(names["hub"]) == 12
    assert cases_of("holmberg", Asked(None, tmp_path)).missing == ("no files p1 ... p71: give --data DIR",)
    some = cases_of("orlib", Asked(tmp_path, tmp_path, names=("capb*", "cap99")))
    assert len(some.cases) == 4 and some.missing == ("no instance is called cap99",)
    known = cases_of("orlib", asked).cases[0].known
    assert known is not None and known.value == 1235500.45 and known.proven


def test_a_run_ends_with_the_command_that_started_it(tmp_path: Path) -> None:
    """When the command is killed outright, its run is gone soon after, and nothing half-written is kept."""
    code = (
        "from hubopt.bench.answers import Limits; from hubopt.bench.cases import Case, Synthetic\n"
        "from hubopt.bench.runner import Plan, Runner; from pathlib import Path\n"
        "case = Case('x', 'scale', Synthetic((4000, 2000, 100, 20), 0))\n"
        f"Runner(Plan('scale', (), ('highs',), Limits(60, 0)), Path({str(tmp_path)!r}), print).run([case])\n"
    )
    command = subprocess.Popen([sys.executable, "-c", code])
    for _ in range(300):
        if _runs_on(tmp_path):
            break
        time.sleep(0.1)
    assert _runs_on(tmp_path)
    command.kill()
    command.wait()
    for _ in range(100):
        if not _runs_on(tmp_path):
            break
        time.sleep(0.1)
    assert not _runs_on(tmp_path)
    assert not list((tmp_path / "runs").iterdir())


def _runs_on(folder: Path) -> bool:
    """Whether a process has the folder in its arguments and is a run."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                text = (entry / "cmdline").read_text(errors="replace")
                if "hubopt.bench.child" in text and str(folder) in text:
                    return True
    return False
