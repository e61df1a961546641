from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hubopt.instance import InputError, read_instance, validate

SNIPPETS = st.sampled_from(
    [",", '"', "\n", "\r", ";", "=", "[", "]", "{", "}", "nan", "inf", "-1", "0", "", " ", "\0", "\ufeff",
     "中", "1e400", "hub", "s1", "z1", "parcel", "levels = 3\n", "[service]\n", "[[designs]]\n",
     "chain = []\n", "'", "#"]
)  # fmt: skip
FILES = st.sampled_from(
    ["instance.toml", "sites.csv", "zones.csv", "demand.csv", "arcs.csv", "land.csv", "existing.csv", "gateways.csv",
     "admissions.csv", "parameters.csv"]
)  # fmt: skip
OF_WHOLE = st.sampled_from(["instance.toml", "demand.csv", "exchange.csv", "terminals.csv", "zones.csv", "arcs.csv"])
PLACES = st.tuples(st.floats(0, 1), st.integers(0, 40), SNIPPETS | st.text(max_size=5) | st.binary(max_size=4))
Edit = tuple[str, tuple[float, int, str | bytes]]


def edited(written: Path, edits: list[Edit]) -> None:
    """Read a copy of a folder in which some text has been replaced; fails if reading does anything but complain."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(written, Path(scratch) / "case"))
        for name, (place, removed, inserted) in edits:
            content = (folder / name).read_bytes()
            at = int(place * len(content))
            new = inserted if isinstance(inserted, bytes) else inserted.encode("utf-8", "surrogatepass")
            (folder / name).write_bytes(content[:at] + new + content[at + removed :])
        try:
            instance = read_instance(folder)
        except InputError as error:
            assert error.problems
            assert all(problem.message and problem.mend for problem in error.problems)
        else:
            assert validate(instance) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(FILES, PLACES), min_size=1, max_size=4))
@example(edits=[("instance.toml", (0.0, 40, "levels = []\n"))])
@example(edits=[("instance.toml", (0.0, 0, ",")), ("arcs.csv", (0.0, 0, ","))])
def test_no_edit_of_a_file_makes_reading_crash(written: Path, edits: list[Edit]) -> None:
    """Whatever is typed into the files, reading gives a sound instance or a list of problems with mends."""
    edited(written, edits)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(OF_WHOLE, PLACES), min_size=1, max_size=4))
def test_no_edit_of_a_whole_plan_makes_reading_crash(written_whole: Path, edits: list[Edit]) -> None:
    """The same for in-city goods, terminals, presence, resilience, periods and chain targets."""
    edited(written_whole, edits)
