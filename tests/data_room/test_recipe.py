"""Recipes: mistakes are reported together, absent data clearly."""

import shutil
import tomllib
from pathlib import Path

import pandas as pd
import pytest
import tomli_w

from hubopt.data import build
from hubopt.data.inputs import read_inputs
from hubopt.data.recipe import data_root, read_recipe
from hubopt.data.structure import figure, read_structure
from hubopt.instance import InputError

from .conftest import RECIPE


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A copy of the Shenzhen recipe and its inputs, without the made tables."""
    shutil.copytree(RECIPE.parent / "recipe", tmp_path / "recipe")
    for name in ("recipe.toml", "parameters.csv", "admissions.csv", "existing.csv"):
        shutil.copy(RECIPE.parent / name, tmp_path / name)
    return tmp_path / "recipe.toml"


def edit(recipe: Path, **changes: object) -> None:
    """Change keys, dotted with ``__``, of the recipe."""
    content = tomllib.loads(recipe.read_text(encoding="utf-8"))
    for key, value in changes.items():
        *path, last = key.split("__")
        part = content
        for step in path:
            part = part[step]
        part[last] = value
    recipe.write_text(tomli_w.dumps(content), encoding="utf-8")


def mistakes(error: pytest.ExceptionInfo[InputError]) -> list[str | None]:
    """Columns of the problems."""
    return [problem.column for problem in error.value.problems]


def test_the_shipped_recipe_is_sound() -> None:
    """The recipe of Shenzhen reads without complaint and names roads that one line replaces."""
    recipe = read_recipe(RECIPE)
    assert recipe.roads.kind == "lines" and recipe.area.city == "Shenzhen"


def test_all_mistakes_of_a_recipe_are_told_at_once(case: Path) -> None:
    """An unknown key, a wrong kind and an impossible count come in one error."""
    edit(
        case,
        zones__count=0,
        legs=[{"leg": "hub-moon", "mode": "rocket"}],
        roads__kind="pigeons",
        area__colour="red",
        suitability__weights={"charm": 1.0},
    )
    with pytest.raises(InputError) as error:
        read_recipe(case)
    assert {"zones.count", "roads.kind", "area.colour", "suitability.weights", "legs.0.leg"} <= set(mistakes(error))


def test_an_online_recipe_needs_bounds(case: Path) -> None:
    """Asking Overpass without saying for where is a mistake of the recipe."""
    edit(case, roads__kind="online")
    with pytest.raises(InputError, match="need bounds"):
        read_recipe(case)


def test_a_recipe_that_is_no_toml_is_an_input_error(tmp_path: Path) -> None:
    """Neither a missing nor a garbled file gives a traceback."""
    (tmp_path / "bad.toml").write_text("[area", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        read_recipe(tmp_path / "bad.toml")
    with pytest.raises(InputError, match="no such file"):
        read_recipe(tmp_path / "absent.toml")


def test_absent_raw_data_are_named_with_the_way_to_give_them(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every missing raw file is listed, with the environment variable that points to them; nothing is written."""
    monkeypatch.delenv("HUBOPT_DATA", raising=False)
    edit(case, data__root="nowhere")
    with pytest.raises(InputError, match="HUBOPT_DATA") as error:
        build(case, case.parent / "out")
    assert {"data.outlines", "data.vertices", "roads.path"} <= set(mistakes(error))
    assert not (case.parent / "out").exists()


def test_the_environment_replaces_the_data_folder(case: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """HUBOPT_DATA goes before the recipe's own folder, which is relative to the recipe."""
    recipe = read_recipe(case)
    monkeypatch.delenv("HUBOPT_DATA", raising=False)
    assert data_root(recipe, case) == (case.parent / recipe.data.root).resolve()
    monkeypatch.setenv("HUBOPT_DATA", str(tmp_path / "elsewhere"))
    assert data_root(recipe, case) == tmp_path / "elsewhere"


def test_all_mistakes_of_the_tables_are_told_at_once(case: Path) -> None:
    """A missing column, a word for a number and an unknown district come in one error, each with its row."""
    folder = case.parent / "recipe"
    gateways = pd.read_csv(folder / "gateways.csv").drop(columns="city_share")
    gateways.to_csv(folder / "gateways.csv", index=False)
    sites = pd.read_csv(folder / "sites.csv").astype({"land_ha": object})
    sites.loc[0, "land_ha"] = "big"
    sites.loc[1, "district"] = "Atlantis"
    sites.to_csv(folder / "sites.csv", index=False)
    with pytest.raises(InputError) as error:
        read_inputs(read_recipe(case), case.parent)
    found = {(problem.column, problem.row, problem.value) for problem in error.value.problems}
    assert found == {("city_share", None, None), ("land_ha", 2, "big"), ("district", 3, "Atlantis")}


def test_figures_that_fit_nowhere_are_told_at_once(case: Path) -> None:
    """Two misspelt parameters are both named."""
    parameters = pd.read_csv(case.parent / "parameters.csv")
    parameters.loc[0, "name"] = "designs.hub-golden.storeys"
    parameters.loc[1, "name"] = "instance.opening_days"
    with pytest.raises(InputError) as error:
        read_structure(case.parent / "recipe" / "structure.toml", parameters, ())
    assert {"designs.hub-golden.storeys", "instance.opening_days"} <= {item.value for item in error.value.problems}


def test_a_missing_figure_is_an_input_error() -> None:
    """A parameter that the build needs and that is absent is named."""
    with pytest.raises(InputError, match=r"demand\.x"):
        figure(pd.DataFrame({"name": [], "value": []}), "demand.x")
