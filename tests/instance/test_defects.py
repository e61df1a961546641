from __future__ import annotations

from pathlib import Path

import pytest

from hubopt.instance import InputError, read_instance
from tests.instance.defects import DEFECTS, Defect, append, both, cell
from tests.texts.chinese import english_left


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_is_named_with_its_place_and_mend(folder: Path, defect: Defect) -> None:
    """Each defect of a folder is reported in its file, in words of either language, with its place and mend."""
    defect.change(folder)
    with pytest.raises(InputError) as caught:
        read_instance(folder)
    texts = [str(problem) for problem in caught.value.problems if problem.file == defect.file]
    assert any(all(words in text for words in defect.says) for text in texts), str(caught.value)
    assert all(problem.mend for problem in caught.value.problems)
    said = [text for problem in caught.value.problems for text in (problem.message, problem.mend)]
    assert [text for text in said if english_left(text)] == []


@pytest.mark.parametrize(
    "defect",
    [defect for defect in DEFECTS if defect.name in {
        "demand of no zone", "word for a number", "empty number", "figure in both files", "parameter of no design",
        "unknown level", "swapped coordinates", "negative land", "parameter in another unit", "gbk zones", "no sites",
        "site twice", "arc from nowhere", "unknown design of a site", "no module", "maybe", "negative parameter",
    }],
    ids=lambda defect: defect.name,
)  # fmt: skip
def test_a_defect_is_reported_once(folder: Path, defect: Defect) -> None:
    """One mistake gives one problem, and what could not be read does not make everything else wrong."""
    defect.change(folder)
    with pytest.raises(InputError) as caught:
        read_instance(folder)
    assert len(caught.value.problems) == 1, str(caught.value)


def test_problems_of_all_files_are_raised_together(folder: Path) -> None:
    """Mistakes in several files come in one error."""
    both(
        append("demand.csv", "z9,parcel,2025,1"),
        cell("sites.csv", "s1", "land_ha", "small"),
        cell("parameters.csv", "modes.van.cny_t_km", "value", "-2"),
        lambda target: (target / "zones.csv").write_bytes("编号".encode("gb18030")) and None,
    )(folder)
    with pytest.raises(InputError) as caught:
        read_instance(folder)
    assert {problem.file for problem in caught.value.problems} == {"sites.csv", "parameters.csv", "zones.csv"}


def test_many_like_problems_are_counted(folder: Path) -> None:
    """A column that is wrong throughout gives twenty problems and a count, not thousands."""
    rows = "\n".join(f"z{number},parcel,2025,1" for number in range(100, 200))
    append("demand.csv", rows)(folder)
    with pytest.raises(InputError) as caught:
        read_instance(folder)
    assert len(caught.value.problems) == 21
    assert "in 80 more rows" in str(caught.value.problems[-1])


def test_rows_are_counted_as_an_editor_does(folder: Path) -> None:
    """Blank lines and cells of several lines do not shift the row that a problem names."""
    text = (folder / "zones.csv").read_text(encoding="utf-8").splitlines()
    text[1] = text[1].replace("Zone z1", '"Zone\nz1"')
    text.insert(2, "")
    text[4] = text[4].replace("z3,", "z 3,", 1)
    (folder / "zones.csv").write_text("\n".join(text), encoding="utf-8")
    lines = (folder / "zones.csv").read_text(encoding="utf-8").splitlines()
    row = next(number for number, line in enumerate(lines, start=1) if line.startswith("z 3,"))
    with pytest.raises(InputError) as caught:
        read_instance(folder)
    assert [problem.row for problem in caught.value.problems if problem.column == "id"] == [row]


@pytest.mark.parametrize(("path", "says"), [("nothing", "does not exist"), ("instance/sites.csv", "is not a folder")])
def test_a_folder_is_asked_for(folder: Path, path: str, says: str) -> None:
    """What is not a folder is refused in a sentence."""
    with pytest.raises(InputError, match=says):
        read_instance(folder.parent / path)
