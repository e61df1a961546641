from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hubopt.instance import InputError
from hubopt.solution import instance_folder, read_solution, write_solution
from tests.cases import tiny
from tests.plans import tiny_solution

Change = Callable[[Path], object]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "r"
    write_solution(tiny_solution(), tiny(), folder)
    return folder


def record(**changes: object) -> Change:
    """Change keys of result.json; None takes the key away."""

    def change(folder: Path) -> None:
        content = json.loads((folder / "result.json").read_text(encoding="utf-8")) | changes
        content = {key: value for key, value in content.items() if value is not None}
        (folder / "result.json").write_text(json.dumps(content), encoding="utf-8")

    return change


def facilities(old: str, new: str) -> Change:
    """Replace text in the facility table."""

    def change(folder: Path) -> None:
        text = (folder / "facilities.csv").read_text(encoding="utf-8")
        assert old in text
        (folder / "facilities.csv").write_text(text.replace(old, new), encoding="utf-8")

    return change


def flows(how: Callable[[pd.DataFrame], pd.DataFrame]) -> Change:
    """Change the flow table."""
    return lambda folder: how(pd.read_parquet(folder / "flows.parquet")).to_parquet(folder / "flows.parquet")


def broken_text(folder: Path) -> None:
    """Bytes that are no UTF-8 in a text column of the flow table."""
    table = pq.read_table(folder / "flows.parquet")
    legs = pa.array([b"\xb7"] * table.num_rows, pa.binary()).view(pa.string())
    pq.write_table(table.set_column(table.column_names.index("leg"), "leg", legs), folder / "flows.parquet")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: (f / "result.json").unlink(), "result.json: there is no such file"),
        (lambda f: (f / "result.json").write_text("{"), "result.json, row 1: is not JSON"),
        (lambda f: (f / "result.json").write_text("[]"), "result.json"),
        (lambda f: (f / "result.json").write_bytes(b"\xb5\xd8"), "not in UTF-8"),
        (record(status="perfect"), "column status"),
        (record(limit=None), "column limit"),
        (record(objective=float("nan")), "column objective"),
        (record(instance_sha256="abc"), "column instance_sha256"),
        (record(colour="red"), "column colour"),
        (record(policy={"off": ["everything"]}), "column policy.off.0"),
        (record(format=99), "column format"),
        (lambda f: (f / "facilities.csv").unlink(), "facilities.csv: there is no such file"),
        (lambda f: (f / "flows.parquet").unlink(), "flows.parquet: there is no such file"),
        (lambda f: (f / "assignments.parquet").write_bytes(b"PAR1PAR1"), "assignments.parquet: is not a sound Parquet"),
        (facilities("h-air,hub,", "h-air,shop,"), "column level: is not one of the choices"),
        (facilities("utilisation", "use"), "'use' is not a column"),
        (facilities("2025,h-air", "2025,h-north"), "repeats the key"),
        (broken_text, "flows.parquet: is not a sound Parquet file"),
        (flows(lambda t: t.drop(columns="t_d")), "'t_d' is missing"),
        (flows(lambda t: t.assign(t_d=float("nan"))), "column t_d: is empty"),
        (flows(lambda t: t.assign(t_d="much")), "column t_d: is not a finite number"),
    ],
)
def test_damage_is_named(written: Path, tmp_path: Path, change: Change, says: str) -> None:
    """A damaged result folder is refused with the file and the place, never with a traceback."""
    shutil.copytree(written, tmp_path / "r")
    change(tmp_path / "r")
    with pytest.raises(InputError) as caught:
        read_solution(tmp_path / "r")
    assert says in str(caught.value)


def test_damage_in_several_files_is_raised_together(written: Path, tmp_path: Path) -> None:
    """Problems of all files of a result come in one error."""
    shutil.copytree(written, tmp_path / "r")
    record(status="perfect")(tmp_path / "r")
    (tmp_path / "r" / "flows.parquet").unlink()
    facilities("h-air,hub,", "h-air,shop,")(tmp_path / "r")
    with pytest.raises(InputError) as caught:
        read_solution(tmp_path / "r")
    assert {problem.file for problem in caught.value.problems} == {"result.json", "flows.parquet", "facilities.csv"}


@pytest.mark.parametrize("read", [read_solution, instance_folder])
def test_what_is_no_result_folder_is_refused(tmp_path: Path, read: Callable[[Path], object]) -> None:
    """A missing folder, a file and an empty folder are problems with a mend."""
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for path in ("missing", "file", "empty"):
        with pytest.raises(InputError, match=r"does not exist|is not a folder|no such file"):
            read(tmp_path / path)
