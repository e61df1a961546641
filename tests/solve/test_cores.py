"""Runs side by side keep to a core of their own."""

import os
import subprocess
import sys

import pytest

from hubopt.solve.cores import available, keep_to

_ASK = """
import os, subprocess, sys
from hubopt.solve.cores import available, keep_to
core = keep_to(int(sys.argv[1]), available())
child = subprocess.check_output([sys.executable, "-c", "import os; print(sorted(os.sched_getaffinity(0)))"], text=True)
print(core, sorted(os.sched_getaffinity(0)) == [core], child.strip() == str([core]))
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not confine processes")
@pytest.mark.parametrize("place", [0, 1, 5])
def test_a_run_and_what_it_starts_keep_to_one_core(place: int) -> None:
    """A confined process and its child may use the core dealt out to it, and no other."""
    cores = available()
    said = subprocess.check_output([sys.executable, "-c", _ASK, str(place)], text=True).split()
    assert said == [str(cores[place % len(cores)]), "True", "True"]


def test_without_cores_to_choose_from_nothing_is_confined() -> None:
    """An empty choice leaves the process as it is."""
    before = available()
    assert keep_to(3, ()) is None
    assert available() == before
