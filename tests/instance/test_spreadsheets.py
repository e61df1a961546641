"""What spreadsheets do to CSV files is undone where it has one meaning, with a word of it, and refused elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hubopt.instance import InputError, Problem, read_instance, sha256
from hubopt.instance.errors import InputWarning
from tests.cases import tiny

How = Callable[[str], bytes]


def decimal_commas(text: str) -> str:
    """As a German or French spreadsheet writes it: semicolons between cells, commas in numbers."""
    return re.sub(r"(?<=\d)\.(?=\d)", ",", text.replace(",", ";"))


def quoted_thousands(text: str) -> str:
    """Thousands set apart, in quotes; one number leaves no doubt."""
    return text.replace(",1,1000,", ',1,"1,000.00",').replace(",1,2000,", ',1,"2,000",')


SOUND: dict[str, tuple[str, How, str]] = {
    "gbk": ("zones.csv", lambda t: t.encode("gbk"), "GBK"),
    "utf-16": ("zones.csv", lambda t: t.encode("utf-16"), "UTF-16"),
    "utf-16 big end first": ("zones.csv", lambda t: b"\xfe\xff" + t.encode("utf-16-be"), "UTF-16"),
    "gbk toml": ("instance.toml", lambda t: t.encode("gbk"), "GBK"),
    "semicolons": ("land.csv", lambda t: t.replace(",", ";").encode(), "semicolons"),
    "tabs": ("land.csv", lambda t: t.replace(",", "\t").encode(), "tabs"),
    "sep line": ("land.csv", lambda t: ("sep=;\r\n" + t.replace(",", ";")).encode(), "semicolons"),
    "decimal commas": ("sites.csv", lambda t: decimal_commas(t).encode(), "read as"),
    "thousands": ("zones.csv", lambda t: quoted_thousands(t).encode(), "read as 1000"),
    "spaced thousands": ("zones.csv", lambda t: t.replace(",1,1000,", ",1,1 000,").encode(), "read as 1000"),
    "full width": ("zones.csv", lambda t: t.replace(",1,1000,", ",1,１０００,").encode(), "read as 1000"),
    "empty columns": ("land.csv", lambda t: t.replace("\n", ",,\n").encode(), "2 empty columns"),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_habit_with_one_meaning_is_read_and_told(folder: Path, name: str) -> None:
    """The instance is the same as before, and a note names the file and what was unusual in it."""
    file, how, says = SOUND[name]
    (folder / file).write_bytes(how((folder / file).read_text(encoding="utf-8")))
    notes: list[Problem] = []
    instance = read_instance(folder, notes=notes)
    assert sha256(instance) == sha256(tiny())
    assert {note.file for note in notes} == {file}
    assert all(note.warning and note.mend for note in notes)
    assert says in " ".join(map(str, notes))


def test_silent_habits_need_no_word(folder: Path) -> None:
    """A byte order mark, Windows line ends, quoted cells, empty rows at the end and TRUE in capitals are plain CSV."""
    text = (folder / "land.csv").read_text(encoding="utf-8")
    quoted = "\r\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines())
    (folder / "land.csv").write_bytes(("\ufeff" + quoted + "\r\n,,,,\r\n , ,,,\r\n").encode())
    existing = (folder / "existing.csv").read_text(encoding="utf-8")
    (folder / "existing.csv").write_text(existing.replace("true", "TRUE"), encoding="utf-8")
    notes: list[Problem] = []
    assert sha256(read_instance(folder, notes=notes)) == sha256(tiny())
    assert notes == []


REFUSED: dict[str, tuple[str, How, tuple[str, ...]]] = {
    "thousand or one": ("zones.csv", lambda t: t.replace(",1,1000,", ',1,"1,000",').encode(), ("row 2", "thousands")),
    "both at once": (
        "zones.csv",
        lambda t: t.replace(",1,1000,", ',"0,5","1,000.0",').encode(),
        ("area_km2", "population", "decimal point"),
    ),
    "point in a file with commas": (
        "zones.csv",
        lambda t: t.replace(",1,1000,", ',"0,5",1.234,').encode(),
        ("column population", "not a finite number"),
    ),
    "a date": ("zones.csv", lambda t: t.replace(",1,1000,", ",1,2025/1/2,").encode(), ("made a date of it",)),
    "a chinese date": ("zones.csv", lambda t: t.replace(",1,1000,", ",1,1月2日,").encode(), ("made a date of it",)),
    "latin-1": ("zones.csv", lambda t: t.replace("Zone z1", "Zürich").encode("latin-1", "ignore"), ("not in UTF-8",)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_habit_with_two_meanings_is_refused(folder: Path, name: str) -> None:
    """What could be meant in two ways is an error in its place, never a guess."""
    file, how, says = REFUSED[name]
    (folder / file).write_bytes(how((folder / file).read_text(encoding="utf-8")))
    with pytest.raises(InputError) as caught:
        read_instance(folder, notes=[])
    told = " ".join(map(str, caught.value.problems))
    assert all(word in told for word in says), told
    assert not any(problem.warning for problem in caught.value.problems)


def test_rows_keep_their_numbers_after_a_sep_line(folder: Path) -> None:
    """The line ``sep=;`` counts, so that a mistake is found where the editor shows it."""
    text = (folder / "land.csv").read_text(encoding="utf-8").replace(",", ";")
    (folder / "land.csv").write_text("sep=;\n" + text.replace("West;10", "West;ten"), encoding="utf-8")
    with pytest.raises(InputError, match=r"land\.csv, row 4, column limit_ha"):
        read_instance(folder, notes=[])


def test_without_a_list_of_notes_python_warns(folder: Path) -> None:
    """Whoever asks for no notes is told by a warning: nothing unusual is read in silence."""
    (folder / "land.csv").write_bytes((folder / "land.csv").read_bytes().replace(b",", b";"))
    with pytest.warns(InputWarning, match="semicolons"):
        read_instance(folder)
