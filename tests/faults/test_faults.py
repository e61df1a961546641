"""A few of the faults that ``make faults`` brings about often, in a process of its own that forks the runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]

SHORT = ("kill -9 while solving", "kill -9 while writing", "kill -9 while replacing", "disk full at the end")


@pytest.mark.slow
def test_faults_lose_nothing() -> None:
    """Killed while solving, writing and replacing, and out of space: nothing is lost."""
    only = [part for name in SHORT for part in ("--only", name)]
    run = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--times", "1", *only], cwd=ROOT, capture_output=True, text=True,
        check=False, timeout=600,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    assert f"{len(SHORT)} kinds of fault, {len(SHORT)} injected, 0 with a loss" in run.stdout


def test_there_are_many_kinds() -> None:
    """At least twenty kinds, each named once."""
    names = [kind.name for kind in KINDS]
    assert len(names) >= 20
    assert len(set(names)) == len(names)
    assert set(SHORT) <= set(names)
