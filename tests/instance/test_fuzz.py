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
EDIT = st.tuples(FILES, st.floats(0, 1), st.integers(0, 40), SNIPPETS | st.text(max_size=5) | st.binary(max_size=4))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(EDIT, min_size=1, max_size=4))
@example(edits=[("instance.toml", 0.0, 40, "levels = []\n")])
def test_no_edit_of_a_file_makes_reading_crash(written: Path, edits: list[tuple[str, float, int, str | bytes]]) -> None:
    """Whatever is typed into the files, reading gives a sound instance or a list of problems with mends."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(written, Path(scratch) / "case"))
        for name, place, removed, inserted in edits:
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
