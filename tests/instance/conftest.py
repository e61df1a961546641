"""The folder of ``tiny``, written once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hubopt.instance import write_instance
from tests.cases import tiny
from tests.instance.whole_city import whole


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of ``tiny`` with arcs as CSV; not to be changed."""
    folder = tmp_path_factory.mktemp("instances") / "tiny"
    write_instance(tiny(), folder, arcs="csv")
    return folder


@pytest.fixture(scope="session")
def written_whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the whole city with arcs as CSV; not to be changed."""
    folder = tmp_path_factory.mktemp("instances") / "whole"
    write_instance(whole(), folder, arcs="csv")
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy of the folder of ``tiny``, to be changed."""
    return Path(shutil.copytree(written, tmp_path / "instance"))
