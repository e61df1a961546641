"""Little land: sizes that a dive would round up do not fit, and are branched on by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubopt.instance import Policy
from hubopt.solve import solve
from tests.solve.medium import medium
from tests.solve.test_runs import holds


@pytest.mark.parametrize("steady", [False, True])
def test_a_dive_whose_sizes_do_not_fit_the_land_ends_with_a_plan(steady: bool, tmp_path: Path) -> None:
    """On a city whose least-cost plan takes 9.9 ha, 8.5 ha are kept by smaller sizes instead of no plan at all."""
    city, log = medium(), tmp_path / "log"
    found = solve(
        city, Policy(land_ha={"total:total": 8.5}), method="staged", gap=0.1, time_limit=60, deterministic=steady,
        log_path=log,
    )  # fmt: skip
    said = log.read_text(encoding="utf-8")
    assert "dive: sizes" in said
    assert "sizes: optimal" in said
    assert found.proof.status == "optimal"
    assert found.kpi["land_ha.total"] <= 8.5 + 1e-6
    holds(city, found)
