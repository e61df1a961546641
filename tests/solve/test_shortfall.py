"""Shares of service that the search may miss at a price: the price rises until they are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hubopt.instance import Instance, Policy
from hubopt.solve import solve, staged
from tests.solve.medium import medium
from tests.solve.test_runs import holds


def demanding() -> Instance:
    """A city in which a share of service binds."""
    city = medium(zones=16, stations=10, utcs=5, hubs=3)
    near, *others = city.structure.service.targets
    service = city.structure.service.model_copy(update={"targets": (near.model_copy(update={"share": 0.90}), *others)})
    return replace(city, structure=city.structure.model_copy(update={"service": service}))


@pytest.mark.parametrize("steady", [False, True])
def test_a_shortfall_that_a_proof_prefers_gets_dearer(
    steady: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where missing a share is cheap, the proof ends without a plan; at a dearer price it goes on to one that holds."""

    def unwanted(*_: object) -> None:
        raise AssertionError("branches on the whole program from nothing")

    monkeypatch.setattr(staged, "SHORTFALL_PRICE", 1e-4)
    monkeypatch.setattr(staged.Staged, "_without_shortfall", unwanted)
    city, log = demanding(), tmp_path / "log"
    found = solve(city, method="staged", gap=4e-3, time_limit=60, deterministic=steady, log_path=log)
    assert log.read_text(encoding="utf-8").count("shortfall costs") >= 1
    assert found.proof.status == "optimal"
    holds(city, found)


def test_a_shortfall_gets_dearer_beside_a_poor_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that misses a share is pressed to keep it although a plan is known, one far dearer than it need be."""
    city, log = demanding(), tmp_path / "log"
    every = tuple(city.sites[city.sites["level"] == "station"]["id"])
    poor = solve(city, Policy(force_open=every), method="staged", gap=0.2, time_limit=60, deterministic=True)
    monkeypatch.setattr(staged, "SHORTFALL_PRICE", 1e-4)
    monkeypatch.setattr(staged, "DEARER_AFTER", 1)
    monkeypatch.setattr(staged, "RAISES", 0)
    found = solve(city, method="staged", gap=0.01, time_limit=60, deterministic=True, warm_start=poor, log_path=log)
    assert log.read_text(encoding="utf-8").count("shortfall costs") >= 1
    assert found.proof.status == "optimal"
    holds(city, found)
