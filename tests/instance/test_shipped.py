"""What comes with hubopt is found by name, in a wheel's layout as in a repository's."""

from __future__ import annotations

from pathlib import Path

from hubopt.instance.shipped import shipped_folder, shipped_instances, shipped_policies, shipped_unless_there


def test_both_layouts_are_found_and_no_stranger(tmp_path: Path) -> None:
    """A wheel has its instances beside the code, a repository in instances; other folders of that name are not ours."""
    package = tmp_path / "hubopt"
    (tmp_path / "instances").mkdir()
    assert shipped_folder(package) is None
    (tmp_path / "pyproject.toml").touch()
    assert shipped_folder(package) == tmp_path / "instances"
    (package / "shipped").mkdir(parents=True)
    assert shipped_folder(package) == package / "shipped"


def test_names_stand_for_what_comes_along_unless_something_lies_there(tmp_path: Path) -> None:
    """tiny, shenzhen and the policies have names; a folder of one's own comes first, other paths stay as they are."""
    assert {"tiny", "shenzhen"} <= set(shipped_instances())
    assert {"least-cost", "least-land"} <= set(shipped_policies())
    own = tmp_path / "tiny"
    own.mkdir()
    assert shipped_unless_there(own, shipped_instances()) == own
    assert shipped_unless_there(Path("tiny-of-mine"), shipped_instances()) == Path("tiny-of-mine")
    assert (shipped_unless_there(Path("shenzhen"), shipped_instances()) / "instance.toml").is_file()
