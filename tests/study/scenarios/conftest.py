"""A small case on disk, studies of it, and results of them that are solved where the test stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hubopt.instance import write_instance
from hubopt.solve import monolith, run
from hubopt.study.scenarios.runner import Outcome, Workers, run_study
from tests.cases import random_case, tiny
from tests.solve.conftest import InThisProcess

SMALL = """
name_en = "Small"
name_zh = "小研究"
instance = "case"
[run]
gap = 1e-6
time_limit = 120
[scenarios.base]
[scenarios.more]
demand.all = 1.3
[scenarios.more-carbon]
based_on = "more"
carbon_price_cny_t = 500
[scenarios.dear]
design_costs.all = 1.5
[scenarios.tight]
land_factor.all = 0.9
"""
"""A study of a case that takes a moment to solve; its instances are two."""

Write = Callable[..., Path]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Solve where the test stands."""
    for module in (monolith, run):
        monkeypatch.setattr(module, "SolverProcess", InThisProcess)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of ``tiny``; not to be changed."""
    folder = tmp_path_factory.mktemp("studies") / "tiny"
    write_instance(tiny(), folder, arcs="csv")
    return folder


@pytest.fixture
def write(tmp_path: Path, tiny_folder: Path) -> Write:
    """Write a study of ``tiny``: the text behind its head."""

    def written(text: str, head: str | None = None) -> Path:
        path = tmp_path / "study.toml"
        start = f'name_en = "Study"\ninstance = "{tiny_folder}"\n' if head is None else head
        path.write_text(start + text, encoding="utf-8")
        return path

    return written


def small_study(folder: Path, text: str = SMALL) -> Path:
    """Write the small case and a study of it into ``folder``."""
    write_instance(random_case(0), folder / "case", arcs="csv")
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return path


def run_here(path: Path, folder: Path, **more: object) -> Outcome:
    """Run a study in this process."""
    return run_study(path, folder, workers=Workers(0), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the small study as ``small.toml`` and what it comes to as ``out``; not to be changed."""
    folder = tmp_path_factory.mktemp("solved")
    patch = pytest.MonkeyPatch()
    for module in (monolith, run):
        patch.setattr(module, "SolverProcess", InThisProcess)
    try:
        outcome = run_here(small_study(folder), folder / "out")
    finally:
        patch.undo()
    assert len(outcome.solved) == 5 and not outcome.failed
    return folder
