"""The brute force against cases that can be solved on paper, so that what is measured by it stands on its own feet.

One transfer centre, one zone. There is no interest and a building lasts 10 years: a new module of 1,000 m2 at 1,000 CNY
costs 100,000 a year and takes 10 t/d. A tonne that is not carried costs 1,000; there are 100 days in the year.
"""

from __future__ import annotations

from typing import Any

import pytest

from hubopt.instance import Commodity, Design, Info, Instance, Mode, Period, Policy, Presence, Structure, apply
from tests.bruteforce import least_cost
from tests.builder import instance_of


def _named(id: str) -> dict[str, str]:
    return {"id": id, "name_en": id, "name_zh": "某"}


def _case(demand: dict[str, float], *, existing: bool = False, **changes: Any) -> Instance:
    common = {"levels": ("utc",), "module_gfa_m2": 1000, "floor_area_ratio": 1, "max_modules": 2, "life_years": 10}
    designs = (
        Design.model_validate(
            {**_named("old"), **common, "throughput_t_d": 5, "capital_cny_m2": 1e6, "max_modules": 1}
        ),
        Design.model_validate(
            {
                **_named("new"),
                **common,
                "throughput_t_d": 10,
                "capital_cny_m2": 1000,
                "conversion_cny_m2": 200,
                "conversion_months": 12,
                "energy_kwh_m2_year": 1,
            }
        ),
    )
    structure = Structure(
        instance=Info(**_named("paper"), money_year=2024, operating_days=100, discount_rate=0, grid_kgco2e_kwh=0.5),
        periods=tuple(Period(id=id, weight=1 / len(demand)) for id in demand),
        commodities=(Commodity(**_named("k"), direction="inbound", chain=("utc",), unmet_cny_t=1000),),
        designs=designs,
        modes=(Mode(**_named("van"), cny_t_km=0),),
    )
    return instance_of(
        structure.model_copy(update=changes),
        sites=[{"id": "u", "name_en": "u", "level": "utc", "city": "C", "land_ha": 1}],
        existing=[{"site": "u", "design": "old", "modules": 1, "closure_cny": 5000}] if existing else [],
        zones=[{"id": "z", "name_en": "z"}],
        demand=[{"zone": "z", "commodity": "k", "period": period, "t_d": t_d} for period, t_d in demand.items()],
        arcs=[{"leg": "utc-zone", "origin": "u", "destination": "z", "mode": "van", "km": 1}],
    )


def _periods(**asks: dict[str, float]) -> tuple[Period, ...]:
    return tuple(Period(id=id, weight=0.5, **figures) for id, figures in asks.items())  # type: ignore[arg-type]


GROWING = {"p": 10.0, "q": 20.0}

ON_PAPER: dict[str, tuple[Instance, Policy, float]] = {
    # one module, then two: (100,000 + 200,000) / 2
    "expansion": (_case(GROWING), Policy(), 150_000),
    # nothing can be added in q, so both are built in p
    "budget later": (_case(GROWING, periods=_periods(p={}, q={"capital_budget_cny": 0})), Policy(), 200_000),
    # one module for both; 10 t/d are not carried in q: 100,000 + 1,000,000 / 2
    "budget": (
        _case(GROWING, periods=_periods(p={"capital_budget_cny": 1e6}, q={"capital_budget_cny": 0})), Policy(), 600_000
    ),
    # a module emits 0.5 t a year: never more than one
    "carbon cap": (_case(GROWING), Policy(carbon_cap_t_year=0.6), 600_000),
    # nothing may be open: 1,000,000 and 2,000,000
    "presence": (
        _case(GROWING, presence=(Presence(id="none", scope="city", place="C", max_open=0),)), Policy(), 1_500_000
    ),
    # the 10 t/d that go again in q: what was built stays and is paid for
    "shrinking demand": (_case({"p": 20.0, "q": 10.0}), Policy(), 200_000),
    # one that may close has no use of it, its annuity runs on: 2 modules in both
    "closing": (_case({"p": 20.0, "q": 0.0}), Policy(allow_closing=True), 200_000),
    # converted floor is out of use all year; a new module beside the old one is not: 100,000, nothing converted
    "conversion takes the year": (_case({"p": 10.0}, existing=True), Policy(), 100_000),
    # half of the old floor must stay in use: a module is converted, out of use, and one is built: 20,000 + 100,000
    "stock": (_case({"p": 10.0}, existing=True), Policy(stock_share_min=0.5), 120_000),
    # nothing is asked for: closing costs 5,000 / 50, keeping nothing
    "closure": (_case({"p": 0.0}, existing=True), Policy(force_closed=("u",)), 100),
    # 1 module at the price of 3 for its land
    "land charge": (_case({"p": 10.0}), Policy(land_charge_cny_ha_year=2e6), 300_000),
}  # fmt: skip


@pytest.mark.parametrize("name", ON_PAPER)
def test_the_least_cost_is_that_on_paper(name: str) -> None:
    """The brute force finds the cost that was worked out by hand."""
    case, policy, cost = ON_PAPER[name]
    assert least_cost(apply(case, policy), policy) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("policy", "least"),
    [(Policy(unmet_share_max=0.49), None), (Policy(unmet_share_max=0.5), 600_000)],
)
def test_no_network_is_none(policy: Policy, least: float | None) -> None:
    """Where no network keeps the rules there is no least cost; just inside the limit there is one."""
    case = _case(GROWING, periods=_periods(p={"capital_budget_cny": 1e6}, q={"capital_budget_cny": 0}))
    found = least_cost(apply(case, policy), policy)
    assert found is None if least is None else found == pytest.approx(least)


def test_a_cap_on_cost_leaves_no_network_below_the_least() -> None:
    """The least cost is within a cap just above it and not within one just below."""
    case = _case(GROWING)
    for cap, feasible in ((150_001, True), (149_999, False)):
        policy = Policy(cost_cap_cny_year=cap)
        assert (least_cost(apply(case, policy), policy) is not None) is feasible
