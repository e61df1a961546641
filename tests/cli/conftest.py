"""Folders of ``tiny`` and of a result, and a stand-in for the solver."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import hubopt.solve as real
from hubopt.cli import app
from hubopt.instance import write_instance
from hubopt.solution import Solution, write_solution
from tests.cases import tiny
from tests.plans import tiny_solution

Run = Callable[..., Result]


@dataclass
class FakeSolve:
    """Stands in for ``hubopt.solve.solve``: keeps how it was called and gives back what it was told to."""

    outcome: Solution | BaseException | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)
    reports: tuple[object, ...] = ()

    def __call__(self, instance: object, policy: object, **options: Any) -> Solution:
        """Pretend to solve."""
        self.calls.append({"instance": instance, "policy": policy, **options})
        options["log_path"].write_text("the solver's own words\n")
        for report in self.reports:
            options["progress"](report)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        assert self.outcome is not None
        return self.outcome


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> FakeSolve:
    """The stand-in in place of the solver; it finds the plan made by hand."""
    module = ModuleType("hubopt.solve")
    module.__path__ = list(real.__path__)
    fake = FakeSolve(tiny_solution())
    module.solve = fake  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "hubopt.solve", module)
    return fake


@pytest.fixture
def quick_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A map and a report that take no time to draw."""
    monkeypatch.setattr("hubopt.viz.network_map", lambda *_, **__: "<!DOCTYPE html>map")
    monkeypatch.setattr("hubopt.viz.report_html", lambda *_, **__: "<!DOCTYPE html>report")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return call


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of ``tiny``, with arcs as CSV; not to be changed."""
    folder = tmp_path_factory.mktemp("cli") / "tiny"
    write_instance(tiny(), folder, arcs="csv")
    return folder


@pytest.fixture(scope="session")
def written(instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a result for ``tiny``; not to be changed."""
    folder = tmp_path_factory.mktemp("cli") / "result"
    write_solution(tiny_solution(), tiny(), folder, instance_path=instance)
    return folder
