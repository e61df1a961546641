"""A recipe reads what lies beside it, and raw data where the user keeps them; nothing else unless it is trusted."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli_w

from hubopt.data.pipeline.run import make
from hubopt.data.recipe import DATA_VARIABLE, read_recipe, strays
from hubopt.instance import InputError

from .conftest import RECIPE


def written(folder: Path, **changes: object) -> Path:
    """The recipe of the shared case in a folder of its own, with some keys changed (dots lead into tables)."""
    content = read_recipe(RECIPE).model_dump(mode="json", exclude_none=True)
    content["data"]["root"] = "raw"
    content["inputs"] = {name: ["recipe/table.csv"] for name in content["inputs"] if content["inputs"][name]}
    for key, value in changes.items():
        table, _, name = key.rpartition("__")
        (content[table] if table else content)[name] = value
    folder.mkdir()
    (folder / "recipe.toml").write_text(tomli_w.dumps(content), encoding="utf-8")
    return folder / "recipe.toml"


def columns(path: Path) -> list[str | None]:
    return [problem.column for problem in strays(read_recipe(path), path)]


@pytest.fixture(autouse=True)
def no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder of raw data is declared."""
    monkeypatch.delenv(DATA_VARIABLE, raising=False)


def test_a_recipe_within_its_folder_passes(tmp_path: Path) -> None:
    """Tables and raw data below the recipe, and tables of a case beside it, are read."""
    assert columns(written(tmp_path / "a")) == []
    assert columns(written(tmp_path / "b", inputs__structure=["../common/structure.toml"])) == []


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"inputs__structure": ["../../etc/passwd"]}, "inputs.structure"),
        ({"inputs__districts": ["/etc/passwd"]}, "inputs.districts"),
        ({"data__root": "/"}, "data.root"),
        ({"data__root": "../../.."}, "data.root"),
        ({"data__outlines": "../../../etc/passwd"}, "data.outlines"),
        ({"data__places": "/etc/passwd"}, "data.places"),
        ({"land_files": [{"path": "../../land.gpkg"}]}, "land_files"),
        ({"calibration": {"trips": "../../trips.csv"}}, "calibration.trips"),
    ],
)
def test_a_path_that_leads_out_is_refused(tmp_path: Path, changes: dict[str, object], column: str) -> None:
    """Absolute paths, and those that climb out of the folders a recipe may read, are told with the way to trust it."""
    recipe = written(tmp_path / "a", **changes)
    assert columns(recipe) == [column]
    with pytest.raises(InputError, match="--trust"):
        make(recipe)
    with pytest.raises(InputError) as trusted:  # then only what is missing is told
        make(recipe, trusted=True)
    assert "--trust" not in str(trusted.value)


def test_a_link_out_of_the_raw_data_is_refused(tmp_path: Path) -> None:
    """A link in the folder of a recipe that came by mail does not lead elsewhere."""
    recipe = written(tmp_path / "a", data__outlines="there/passwd")
    (tmp_path / "a" / "raw").mkdir()
    (tmp_path / "a" / "raw" / "there").symlink_to("/etc")
    assert columns(recipe) == ["data.outlines"]


def test_the_users_own_data_are_read_wherever_they_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With HUBOPT_DATA set the raw data lie there, links and all, whatever root the recipe names; none lies above."""
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "elsewhere"))
    assert columns(written(tmp_path / "a", data__root="/")) == []
    assert columns(written(tmp_path / "b", data__outlines="../outlines.gpkg")) == ["data.outlines"]
