"""Studies on worker processes: a killed worker, a killed study, a scheduler that somebody else has started."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hubopt.instance import InputError
from hubopt.solve import monolith, run
from hubopt.study.scenarios.expand import read_study
from hubopt.study.scenarios.pool import Cluster
from hubopt.study.scenarios.runner import Standing, Workers, run_study
from hubopt.study.scenarios.store import Store
from hubopt.study.scenarios.tables import Table, overview
from hubopt.study.scenarios.work import News
from tests.solve.conftest import InThisProcess
from tests.study.scenarios.conftest import SMALL, run_here, small_study

PATIENCE = 300.0
"""Seconds after which something that is waited for does not come any more, on the slowest machine."""

ROOT = Path(__file__).resolve().parents[3]


def wait_for(what: Callable[[], object]) -> None:
    """Wait until ``what`` says so."""
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.05)


def children(pid: int, grandchildren: bool = False) -> list[tuple[int, str]]:
    """Processes whose parent is ``pid``, and theirs if asked for: their ids and command lines."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                found.append((int(entry.name), (entry / "cmdline").read_bytes().decode()))
    return found + [item for child, _ in found for item in children(child)] if grandchildren else found


def workers_of(pid: int) -> list[int]:
    """Worker processes of a study."""
    return [child for child, line in children(pid) if "spawn_main" in line]


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def study_command(path: Path, folder: Path) -> list[str]:
    return [sys.executable, "-m", "hubopt", "study", "run", str(path), "--out", str(folder), "--workers", "1"]


def results(folder: Path) -> set[str]:
    """Scenarios whose result folders are there."""
    return {path.parent.name for path in (folder / "runs").glob("[!.]*/result.json")}


SHORT = (
    SMALL[: SMALL.index("[scenarios.more-carbon]")]
    + SMALL[SMALL.index("[scenarios.dear]") : SMALL.index("[scenarios.tight]")]
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Table:
    """The table of a study of three scenarios, run here."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        for module in (monolith, run):
            patch.setattr(module, "SolverProcess", InThisProcess)
        assert len(run_here(small_study(folder, SHORT), folder / "out").solved) == 3
    with Store(folder / "out") as store:
        return overview(store)


@pytest.mark.slow
def test_kills_lose_nothing_but_time(undisturbed: Table, tmp_path: Path) -> None:
    """SIGKILL of a worker, then of the study, then the same command: the table of an undisturbed study, none twice."""
    path, folder = small_study(tmp_path, SHORT), tmp_path / "out"
    with subprocess.Popen(study_command(path, folder), cwd=ROOT, stderr=subprocess.PIPE, text=True) as study:
        wait_for(lambda: results(folder))
        victim = workers_of(study.pid)[0]
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: len(results(folder)) > 1)
        assert victim not in workers_of(study.pid)
        if hasattr(os, "sched_setaffinity"):
            assert all(len(os.sched_getaffinity(pid)) == 1 for pid in workers_of(study.pid))
        family = [pid for pid, _ in children(study.pid, grandchildren=True)]
        study.send_signal(signal.SIGKILL)
        study.wait()
        assert study.stderr is not None
        assert "Traceback" not in study.stderr.read()
    wait_for(lambda: all(map(gone, family)))
    there = {name: (folder / "runs" / name / "result.json").stat().st_mtime_ns for name in results(folder)}
    assert len(there) >= 2  # all of them only where this test was kept from running for long
    again = subprocess.run(study_command(path, folder), cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert f"kept {len(there)}, solved {3 - len(there)}" in again.stdout
    assert {name: (folder / "runs" / name / "result.json").stat().st_mtime_ns for name in there} == there
    with Store(folder) as store:
        assert overview(store) == undisturbed


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not confine processes")
def test_workers_side_by_side_keep_to_a_core_of_their_own(tmp_path: Path) -> None:
    """Each of two workers may use one core, another one as far as there are two; the study itself stays free."""
    _, variations = read_study(small_study(tmp_path, SHORT))
    before = os.sched_getaffinity(0)
    with Cluster(variations, 2):
        wait_for(lambda: len(workers_of(os.getpid())) == 2)
        cores = [os.sched_getaffinity(pid) for pid in workers_of(os.getpid())]
    assert [len(own) for own in cores] == [1, 1]
    assert len(set.union(*cores)) == min(2, len(before))
    assert os.sched_getaffinity(0) == before


@contextlib.contextmanager
def running(*arguments: str, directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A part of dask as its users start it."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "dask", *arguments]
    with subprocess.Popen(command, cwd=directory, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


@pytest.mark.slow
def test_a_scheduler_of_somebody_else(undisturbed: Table, tmp_path: Path) -> None:
    """Two worker processes of a scheduler on loopback, started as usual, give the same answers."""
    path, told = small_study(tmp_path, SHORT), tmp_path / "scheduler.json"
    quiet = ("--host", "127.0.0.1", "--no-dashboard")
    scheduler = (
        "scheduler",
        *quiet,
        "--port",
        "0",
        "--dashboard-address",
        "127.0.0.1:0",
        "--scheduler-file",
        str(told),
    )
    worker = ("worker", *quiet, "--scheduler-file", str(told), "--nworkers", "2", "--nthreads", "1")
    with running(*scheduler, directory=tmp_path):
        wait_for(told.is_file)
        address = json.loads(told.read_text(encoding="utf-8"))["address"]
        with running(*worker, directory=tmp_path):
            standings: list[Standing] = []
            outcome = run_study(
                path, tmp_path / "out", workers=Workers(scheduler=address), told=standings.append
            )  # fmt: skip
    assert len(outcome.solved) == 3 and not outcome.failed
    assert {item.event.name for item in standings if isinstance(item.event, News)} == {"base", "more", "dear"}
    with Store(tmp_path / "out") as store:
        assert overview(store) == undisturbed


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x"])
def test_no_scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """An address without a scheduler is a mistake of the user, told as such."""
    monkeypatch.setattr("hubopt.study.scenarios.pool.CONNECT_SECONDS", 0.5)
    with pytest.raises(InputError, match="--scheduler"):
        run_study(small_study(tmp_path), tmp_path / "out", workers=Workers(scheduler=address))
