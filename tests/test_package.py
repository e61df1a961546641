"""What is built carries what it must, and nothing twice."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parent.parent
CARRIED = ("tiny", "shenzhen", "policies")


@pytest.fixture(scope="module")
def committed() -> set[str]:
    """Files of the repository that are to be carried, by path below instances."""
    listed = subprocess.run(
        ["git", "ls-files", *(f"instances/{name}" for name in CARRIED)], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode or not listed.stdout:
        pytest.skip("no git repository to compare with")
    return {line.removeprefix("instances/") for line in listed.stdout.splitlines() if (ROOT / line).exists()}


def test_the_wheel_carries_the_instances_beside_the_code(committed: set[str]) -> None:
    """tiny, Shenzhen and the policies lie in hubopt/shipped, as committed; types, texts and templates are there."""
    files = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {name.removeprefix("hubopt/shipped/") for name in files if name.startswith("hubopt/shipped/")} == committed
    assert {"hubopt/py.typed", "hubopt/texts/start.toml", "hubopt/viz/templates/map.css"} <= files
    assert {name.partition("/")[0] for name in files} == {"hubopt"}


def test_the_sdist_can_make_the_wheel(committed: set[str]) -> None:
    """The source distribution has the instances where the wheel's build looks for them, and the examples."""
    files = {file.distribution_path for file in SdistBuilder(str(ROOT)).recurse_included_files()}
    assert {f"instances/{name}" for name in committed} <= files
    assert {"LICENSE-DATA.md", "examples/town.osm"} <= files


def test_extras_and_requirements_do_not_overlap() -> None:
    """What an extra adds is not required anyway, so that leaving the extra out leaves something out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [{item.split(">")[0] for item in items} for items in project["optional-dependencies"].values()]
    required = {item.split(">")[0] for item in project["dependencies"]}
    assert not required & set().union(*named)
    assert {"pdf", "osm", "stochastic"} <= set(project["optional-dependencies"])
