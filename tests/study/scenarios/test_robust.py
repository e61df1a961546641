"""Robust sites: how often they are chosen, and what fixing one costs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hubopt.instance import InputError, read_instance
from hubopt.solution import read_solution
from hubopt.solve import run as solving
from hubopt.study.scenarios.robust import candidates, cases_table, regret_table, regrets
from hubopt.study.scenarios.runner import Workers
from hubopt.study.scenarios.store import Store
from hubopt.study.scenarios.tables import site_uses


def test_regret_is_what_forcing_a_site_costs(solved: Path, tmp_path: Path, quick: None) -> None:
    """The regret of a site holds what solving by hand with it forced in costs more; chosen ones cost nothing."""
    shutil.copytree(solved, tmp_path / "s")
    folder = tmp_path / "s/out"
    with Store(folder) as store:
        uses = {use.site: use for use in site_uses(store)}
        everywhere = {use.site for use in site_uses(store) if use.always}
    case = read_instance(tmp_path / "s/case")
    never = next(str(site) for site in case.sites["id"] if site not in uses)
    always = sorted(everywhere)[0]
    found, outcome = regrets(folder, [never, always], workers=Workers(0))
    assert len(outcome.solved) == 5 and not outcome.failed
    by_site = {item.use.site: item for item in found}
    assert by_site[always].estimate == 0 and by_site[always].most < 100  # type: ignore[operator]
    assert all(item.chosen for item in by_site[always].regrets)
    for name in ("more",):
        plain = read_solution(folder / "runs" / name)
        policy = plain.policy.model_copy(update={"force_open": (never,)})
        forced = solving.solve(case, policy, gap=1e-6, threads=1, time_limit=60)
        regret = next(item for item in by_site[never].regrets if item.scenario == name)
        if forced.proof.objective is None:
            assert not regret.possible
            continue
        cost = forced.proof.objective - plain.proof.objective  # type: ignore[operator]
        assert regret.estimate == pytest.approx(cost, abs=100)
        assert regret.least - 100 <= cost <= regret.most + 100  # type: ignore[operator]
    again, kept = regrets(folder, [never, always], workers=Workers(0))
    assert not kept.solved and again == found
    assert [row[0] for row in regret_table(found).rows] == [never, always]
    assert len(cases_table(found).rows) == 10
    with pytest.raises(InputError, match="no site"):
        regrets(folder, ["nowhere"], workers=Workers(0))


def test_candidates_are_in_some_plans_only(solved: Path) -> None:
    """Without names, sites that many plans have, but not all, are looked at."""
    with Store(solved / "out") as store:
        uses = {use.site: use for use in site_uses(store)}
        chosen = candidates(store, ("hub", "utc", "station"), 0.4)
        assert all(0.4 <= uses[site].share < 1 for site in chosen)
        assert not set(chosen) & {use.site for use in site_uses(store) if use.always}
