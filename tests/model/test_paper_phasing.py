"""Several periods, solved on paper: what is built when, converted, closed, and kept of today's stock."""

from __future__ import annotations

import pytest

from hubopt.instance import Instance, Policy
from tests.model.paper import HUBS, TWO, best, case, design, goods, least, periods

BOX = (goods("box", "hub"),)


def growing(demand: tuple[float, ...], budgets: tuple[float | None, ...] = (None, None), **figures: float) -> Instance:
    """One hub of modules of 10 t/d and 10 CNY; a way that costs nothing."""
    named = {f"p{at}": {"capital_budget_cny": budget} for at, budget in enumerate(budgets)}
    designs = (design("d", "hub", capital_cny_m2=10, **figures),)
    return case(BOX, {"z1 box": demand}, {"h1 z1": 0}, ("h1",), designs, periods(**named))


@pytest.mark.parametrize(
    ("budgets", "cost"),
    [
        ((None, None), 10 + 20),  # one module in each period; the first is paid for in both
        ((None, 10), 10 + 20),  # the budget is just enough for the second module
        ((None, 9.9), 20 + 20),  # it is not: both modules are built at once
        ((10, 0), 10 + 10 + 10 * 100),  # and if there is no money for that either, 10 t/d stay behind
        ((9.9, None), 10 * 100 + 20),  # the opening is put off to the second period
        ((0, 0), (10 + 20) * 100),  # nothing is ever built
    ],
)
def test_a_budget_decides_when_modules_are_built(budgets: tuple[float | None, float | None], cost: float) -> None:
    """Demand of 10 and then 20 t/d: modules come when they are needed, earlier or later as the budgets ask."""
    assert least(growing((10, 20), budgets)) == cost


def test_a_budget_can_be_switched_off() -> None:
    """The same without the family of budgets costs what it costs without budgets."""
    assert least(growing((10, 20), (0, 0)), Policy(off=("capital_budget",))) == 30


def test_a_budget_of_the_policy_is_for_periods_without_one() -> None:
    """10 CNY in every period leave the first and the second module; 0 in the first is the period's own."""
    assert least(growing((10, 20)), capital_budget_cny=10) == 30
    assert least(growing((10, 20), (0, None)), capital_budget_cny=10) == 10 * 100 + 10 + 10 * 100


def test_weights_of_periods_weigh_their_costs() -> None:
    """A quarter of 10 and three quarters of 20 CNY."""
    designs = (design("d", "hub", capital_cny_m2=10),)
    times = periods(a={"weight": 0.25}, b={"weight": 0.75})
    assert least(case(BOX, {"z1 box": (10, 20)}, {"h1 z1": 0}, ("h1",), designs, times)) == 2.5 + 15


def test_phases_of_a_policy_grow_the_demand_of_the_last_period() -> None:
    """Without interest two phases of 1 and 3 years weigh 1/4 and 3/4; demand of 10 t/d doubles in the second."""
    phases = [{"id": "a"}, {"id": "b", "years": 3, "demand_factor": 2}]
    once = case(BOX, {"z1 box": 10}, {"h1 z1": 0}, ("h1",), (design("d", "hub", capital_cny_m2=10),))
    assert least(once, phases=phases) == 10 / 4 + 20 * 3 / 4


def test_annuities_run_on_after_closing() -> None:
    """A hub needed in the first of two periods: 10 a year of capital in both, 7 of running while it is open."""
    case_ = growing((10, 0), running_cny_m2_year=7)
    assert least(case_) == 2 * (10 + 7)
    assert least(case_, allow_closing=True) == 2 * 10 + 7


def test_what_closes_does_not_open_again() -> None:
    """Needed in the first and last of three periods, a hub runs idle in between rather than found anew."""
    case_ = growing((10, 0, 10), (None, None, None), running_cny_m2_year=7)
    assert least(case_, allow_closing=True) == 3 * (10 + 7)
    designs = (design("d", "hub", running_cny_m2_year=7),)
    today = {"h1": {"design": "d", "modules": 1}}
    times = periods(a={}, b={}, c={})
    stands = case(BOX, {"z1 box": (10, 0, 10)}, {"h1 z1": 0}, ("h1",), designs, times, existing=today)
    assert least(stands) == 3 * 7


def test_what_stands_does_not_shrink() -> None:
    """Two modules needed in the first period are both run in the second, where one would do."""
    case_ = growing((20, 10), running_cny_m2_year=7)
    assert least(case_) == 2 * (20 + 14)
    assert least(case_, allow_closing=True) == 2 * (20 + 14)


def test_a_new_site_is_founded_once() -> None:
    """5 CNY for the site from the period of its opening on: 5 and then 5 a year, or only in the second period."""
    assert least(growing((10, 20), fixed_capital_cny=5)) == 15 + 25
    assert least(growing((0, 20), fixed_capital_cny=5)) == 25
    assert least(growing((0, 20), (None, 24.9), fixed_capital_cny=5)) == 2 * 5 + 2 * 10 + 10  # one module early


def test_closing_is_paid_for_from_then_on() -> None:
    """Running costs 7 a year; closing costs 10 over 2 years of land life, so 5 a year from the closing on."""
    designs = (design("d", "hub", running_cny_m2_year=7),)
    today = {"h1": {"design": "d", "modules": 1, "closure_cny": 10}}
    figures = {"land_life_years": 2}

    def facing(demand: tuple[float, float], budget: float | None = None) -> Instance:
        times = periods(a={}, b={"capital_budget_cny": budget})
        return case(BOX, {"z1 box": demand}, {"h1 z1": 0}, ("h1",), designs, times, info=figures, existing=today)

    assert least(facing((0, 0))) == 5 + 5
    assert least(facing((10, 0))) == 7 + 5
    assert least(facing((10, 0), 10)) == 7 + 5
    assert least(facing((10, 0), 9.9)) == 7 + 7  # closing counts against the budget


def centre(months: float, years: float = 1, **figures: object) -> Instance:
    """A centre of 2 old modules of 10 t/d; new ones pass 20 t/d. 40 t/d are asked for; a tonne not carried costs 10."""
    designs = (
        design("old", "utc", capital_cny_m2=90),
        design(
            "new", "utc", throughput_t_d=20, capital_cny_m2=100, conversion_cny_m2=30, conversion_months=months,
            **figures,
        ),
    )  # fmt: skip
    box = (goods("box", "utc", unmet_cny_t=10),)
    today = {"u1": {"design": "old", "modules": 2}}
    times = periods(p={"years": years})
    return case(box, {"z1 box": 40}, {"u1 z1": 0}, ("u1",), designs, times, existing=today)


@pytest.mark.parametrize(
    ("months", "years", "cost"),
    [
        (0, 1, 2 * 30),  # both modules are converted and pass 40 t/d
        (6, 1, 2 * 30 + 100),  # half a year out of use: 20 (3 - 2/2) = 40, with a third module built
        (24, 4, 2 * 30 + 100),  # two of four years are as much
        (12, 1, 2 * 90),  # out of use all year: two old modules more are cheaper than 2 converted and 2 built
    ],
)
def test_conversion_against_building_with_its_downtime(months: float, years: float, cost: float) -> None:
    """The longer converted floor area is out of use, the more has to be built beside it."""
    assert least(centre(months, years)) == cost


def test_only_some_designs_can_be_converted() -> None:
    """Where nothing may be converted to the new design, two old modules are added; where the old may, it is."""
    assert least(centre(0, converts_from=())) == 2 * 90
    assert least(centre(0, converts_from=("old",))) == 2 * 30


def test_a_conversion_waits_until_it_is_needed() -> None:
    """20 t/d and then 40: the old centre is kept in the first period and converted in the second."""
    designs = (
        design("old", "utc", capital_cny_m2=90),
        design("new", "utc", throughput_t_d=20, capital_cny_m2=100, conversion_cny_m2=30),
    )
    today = {"u1": {"design": "old", "modules": 2}}
    box = (goods("box", "utc"),)
    found = best(case(box, {"z1 box": (20, 40)}, {"u1 z1": 0}, ("u1",), designs, TWO, existing=today))
    assert found.cost == pytest.approx(60)
    assert found.chosen("converted") == pytest.approx({("u1", "new", "b"): 2})


def test_what_was_built_new_can_be_converted_later() -> None:
    """A module built for 90 is converted for 30 when 20 t/d are asked for: 90 and then 120; a site has one design."""
    designs = (
        design("old", "utc", capital_cny_m2=90, max_modules=1),
        design("new", "utc", throughput_t_d=20, capital_cny_m2=130, conversion_cny_m2=30),
    )
    box = (goods("box", "utc"),)
    found = best(case(box, {"z1 box": (10, 20)}, {"u1 z1": 0}, ("u1",), designs, TWO))
    assert found.cost == pytest.approx(90 + 120)


def stock(**changes: object) -> Instance:
    """Old stock of 3 modules at u1 and 1 at u2, to run for 10 a module; 10 t/d to pass. Converted: 2, and 1 to run."""
    designs = (
        design("old", "utc", running_cny_m2_year=10),
        design("new", "utc", running_cny_m2_year=1, capital_cny_m2=100, conversion_cny_m2=2),
    )
    today = {"u1": {"design": "old", "modules": 3}, "u2": {"design": "old", "modules": 1}}
    ways = {"u1 z1": 0, "u2 z1": 0}
    listed = {"designs": "old"} if changes.get("only_old") else {}
    sites = {"u1": {**listed}, "u2": {**listed}}
    times = TWO if changes.get("twice") else periods(p={})
    return case((goods("box", "utc"),), {"z1 box": 10}, ways, sites, designs, times, existing=today)


@pytest.mark.parametrize(("floor", "kept", "converted"), [
    (0, 10, 3),  # u2 alone will do
    (0.25, 10, 3),
    (0.5, 30, 6),  # u1 is 3/4; of both together 2 modules converted are 2/4
    (0.75, 30, 9),
    (0.76, 40, 12),  # both
    (1, 40, 12),
])  # fmt: skip
def test_a_share_of_the_stock_stays_in_use(floor: float, kept: float, converted: float) -> None:
    """Stock that is only kept: a module costs 10. Stock that may be converted: 2 and 1 to run, as much as is asked."""
    assert least(stock(only_old=True), stock_share_min=floor) == kept
    assert least(stock(), stock_share_min=floor) == converted


def test_stock_converted_once_stays_in_use() -> None:
    """Half the stock, converted in the first of two periods, is paid for in both: 2 (2 2 + 2 1)."""
    assert least(stock(twice=True), stock_share_min=0.5) == 12


def test_stock_that_is_forced_closed_breaks_its_floor() -> None:
    """A floor on the stock cannot hold when all of it is forced closed; switched off it asks for nothing."""
    shut = {"force_closed": ["u1", "u2"]}
    assert best(stock(), **shut).cost == pytest.approx(10 * 100)
    assert least(stock(), **shut, stock_share_min=0.5) is None
    assert least(stock(), **shut, stock_share_min=0.5, off=["stock"]) == 10 * 100


def test_a_site_allows_no_more_floor_area_than_its_plan() -> None:
    """On 2 m2 of land at ratio 3 six modules stand; where the plan of the site allows 2, four."""
    designs = (design("d", "hub", floor_area_ratio=3),)
    for most, carried in ((None, 60), (2, 40), (5, 60)):
        sites = {"h1": {"land_ha": 2e-4, "max_far": most}}
        assert least(case(BOX, {"z1 box": 70}, {"h1 z1": 0}, sites, designs)) == (70 - carried) * 100


def test_defaults_on_paper_cost_nothing() -> None:
    """What the cases above leave out costs nothing, so that their sums are complete."""
    assert least(case(BOX, {"z1 box": 10}, {"h1 z1": 0}, ("h1",), HUBS)) == 0
