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
    """A copy of the Shenzhen recipe with its inputs, and those that it shares."""
    shutil.copytree(RECIPE.parent / "recipe", tmp_path / "shenzhen" / "recipe")
    shutil.copytree(RECIPE.parents[1] / "common", tmp_path / "common")
    shutil.copy(RECIPE, tmp_path / "shenzhen" / "recipe.toml")
    return tmp_path / "shenzhen" / "recipe.toml"


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


@pytest.mark.parametrize("name", ["shenzhen", "shenzhen-1km", "gba", "gba-1km"])
def test_the_shipped_recipes_are_sound(name: str) -> None:
    """Every recipe reads without complaint, its tables are there and sound, and its figures fit its structure."""
    path = RECIPE.parents[1] / name / "recipe.toml"
    recipe = read_recipe(path)
    tables = read_inputs(recipe, path.parent)
    structure = read_structure(
        [path.parent / file for file in recipe.inputs.structure], tables["parameters"], recipe.sources
    )
    assert structure.instance.id == name
    assert set(recipe.drivers) == {item.id for item in structure.commodities}
    assert {leg.mode for leg in recipe.legs} | {link.mode for link in recipe.links} == {x.id for x in structure.modes}


def test_all_mistakes_of_a_recipe_are_told_at_once(case: Path) -> None:
    """An unknown key, a wrong kind, a bad weight, a bad leg and an impossible count come in one error."""
    edit(
        case,
        zones__count=0,
        legs=[{"leg": "hub-moon", "mode": "rocket"}],
        roads__layers=[{"name": "x", "kind": "pigeons", "path": "y"}],
        area__colour="red",
        land__weights={"charm": 1.0},
    )
    with pytest.raises(InputError) as error:
        read_recipe(case)
    expected = {"zones.count", "roads.layers.0.kind", "area.colour", "land", "legs.0.leg"}
    assert expected <= set(mistakes(error))


def test_a_level_has_one_rule_of_made_up_sites(case: Path) -> None:
    """Two rules for the same level would number their sites alike, so they are refused."""
    content = tomllib.loads(case.read_text(encoding="utf-8"))
    edit(case, sites=[content["sites"][0], content["sites"][0]])
    with pytest.raises(InputError, match="one rule"):
        read_recipe(case)


def test_an_online_recipe_needs_bounds(case: Path) -> None:
    """Asking Overpass without saying for where is a mistake of the recipe."""
    edit(case, roads__layers=[{"name": "x", "kind": "overpass"}])
    with pytest.raises(InputError, match="need bounds"):
        read_recipe(case)


def test_a_recipe_that_is_no_toml_is_an_input_error(tmp_path: Path) -> None:
    """Neither a missing nor a garbled file gives a traceback."""
    (tmp_path / "bad.toml").write_text("[area", encoding="utf-8")
    with pytest.raises(InputError, match="is not TOML"):
        read_recipe(tmp_path / "bad.toml")
    with pytest.raises(InputError, match="no such file"):
        read_recipe(tmp_path / "absent.toml")


def test_absent_raw_data_are_named_with_the_way_to_give_them(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every missing raw file is listed, with the environment variable that points to them; nothing is written."""
    monkeypatch.delenv("HUBOPT_DATA", raising=False)
    edit(case, data__root="nowhere")
    with pytest.raises(InputError, match="HUBOPT_DATA") as error:
        build(case, case.parent / "out")
    assert {"data.outlines", "data.vertices.Shenzhen", "roads.layers"} <= set(mistakes(error))
    assert not (case.parent / "out").exists()


def test_the_environment_replaces_the_data_folder(case: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """HUBOPT_DATA goes before the recipe's own folder, which is relative to the recipe."""
    recipe = read_recipe(case)
    monkeypatch.delenv("HUBOPT_DATA", raising=False)
    assert data_root(recipe, case) == (case.parent / recipe.data.root).resolve()
    monkeypatch.setenv("HUBOPT_DATA", str(tmp_path / "elsewhere"))
    assert data_root(recipe, case) == tmp_path / "elsewhere"


def test_all_mistakes_of_the_tables_are_told_at_once(case: Path) -> None:
    """A missing column of one table and a word for a number in another come in one error, the latter with its row."""
    folder = case.parent / "recipe"
    pd.read_csv(folder / "districts.csv").drop(columns="group").to_csv(folder / "districts.csv", index=False)
    sites = pd.read_csv(folder / "sites.csv").astype({"land_ha": object})
    sites.loc[0, "land_ha"] = "big"
    sites.to_csv(folder / "sites.csv", index=False)
    with pytest.raises(InputError) as error:
        read_inputs(read_recipe(case), case.parent)
    found = {(problem.column, problem.row, problem.value) for problem in error.value.problems}
    assert found == {("group", None, None), ("land_ha", 2, "big")}


def test_a_site_in_no_district_of_the_case_is_told_with_its_file_and_row(case: Path) -> None:
    """A district that the case does not have is named where it stands."""
    folder = case.parent / "recipe"
    sites = pd.read_csv(folder / "sites.csv")
    sites.loc[1, "district"] = "Atlantis"
    sites.to_csv(folder / "sites.csv", index=False)
    with pytest.raises(InputError) as error:
        read_inputs(read_recipe(case), case.parent)
    found = [(problem.file, problem.column, problem.row, problem.value) for problem in error.value.problems]
    assert found == [("recipe/sites.csv", "district", 3, "Atlantis")]


def test_figures_that_fit_nowhere_are_told_at_once(case: Path) -> None:
    """Two misspelt parameters and the budget of an unknown target are all named."""
    parameters = pd.read_csv(RECIPE.parent / "parameters.csv")
    wrong = ["designs.hub-golden.storeys", "instance.opening_days", "budget.in-town-30.utc-utc"]
    parameters.loc[[0, 1, 2], "name"] = wrong
    files = [case.parent / name for name in read_recipe(case).inputs.structure]
    with pytest.raises(InputError) as error:
        read_structure(files, parameters, ())
    assert set(wrong) <= {item.value for item in error.value.problems}


def test_a_later_table_replaces_rows_of_an_earlier_one(case: Path) -> None:
    """The case's own figure stands in place of the shared one of the same name."""
    own = pd.read_csv(case.parent / "recipe" / "parameters.csv")
    row = own.iloc[[0]].assign(name="instance.discount_rate", value=0.01, unit="1/year", low=0.0, high=0.1)
    pd.concat([own, row]).to_csv(case.parent / "recipe" / "parameters.csv", index=False)
    table = read_inputs(read_recipe(case), case.parent)["parameters"]
    assert table.loc[table["name"] == "instance.discount_rate", "value"].tolist() == [0.01]


def test_a_missing_figure_is_an_input_error() -> None:
    """A parameter that the build needs and that is absent is named."""
    with pytest.raises(InputError, match=r"demand\.x"):
        figure(pd.DataFrame({"name": [], "value": []}), "demand.x")
