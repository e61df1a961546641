"""What a policy makes of an instance, field by field."""

from __future__ import annotations

import itertools
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.instance import InputError, Instance, Policy, apply, frame, sha256
from hubopt.instance.effective import discount_weights
from tests.instance.whole_city import GROWTH, whole

PHASES = [{"id": "soon", "year": 2026, "years": 4}, {"id": "late", "year": 2030, "years": 6, "demand_factor": 2.0}]


def changed(**policy: object) -> Instance:
    """The effective instance of the whole city under a policy."""
    return apply(whole(), Policy.model_validate(policy))


def demand(case: Instance, commodity: str, period: str) -> float:
    """t/d of a commodity in a period, all zones."""
    rows = case.demand[(case.demand["commodity"] == commodity) & (case.demand["period"] == period)]
    return float(rows["t_d"].sum())


def test_no_policy_changes_nothing() -> None:
    """Applying the default policy gives an equal instance, whatever it is made of."""
    assert apply(whole(), Policy()) == whole()


def test_phases_replace_the_periods_and_grow_the_last_one() -> None:
    """Demand of a phase is that of the instance's last period times its factor; periods have id, year and length."""
    case = changed(phases=PHASES)
    assert [(item.id, item.year, item.years) for item in case.structure.periods] == [
        ("soon", 2026, 4),
        ("late", 2030, 6),
    ]
    assert set(case.demand["period"]) == {"soon", "late"}
    assert demand(case, "parcel", "soon") == pytest.approx(150 * GROWTH)
    assert demand(case, "parcel", "late") == pytest.approx(150 * GROWTH * 2)
    assert len(case.demand) == len(whole().demand)


def test_factors_of_phases_and_of_the_policy_multiply() -> None:
    """A commodity's own factor takes the place of the phase's; the policy's factors come on top of both."""
    phases = [{"id": "soon", "demand_factor": 1.2, "demand_factors": {"cold": 3.0, "bonded": 0.0}}]
    case = changed(phases=phases, demand_factor=1.1, demand_factors={"cold": 0.5})
    assert demand(case, "parcel", "soon") == pytest.approx(150 * GROWTH * 1.2 * 1.1)
    assert demand(case, "cold", "soon") == pytest.approx(30 * GROWTH * 3.0 * 1.1 * 0.5)
    assert demand(case, "bonded", "soon") == 0


def test_weights_of_phases_by_hand() -> None:
    """At 6 %, the first four years count as 3.568 years and the six after them as 4.011, of 7.579 in all."""
    weights = [item.weight for item in changed(phases=PHASES).structure.periods]
    assert weights == pytest.approx([3.568 / 7.579, 4.011 / 7.579], abs=1e-4)


def test_without_interest_years_are_weights() -> None:
    """At a rate of zero each period counts as long as it is."""
    assert discount_weights([1, 3], 0.0) == [0.25, 0.75]
    assert discount_weights([7], 0.06) == [1.0]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.5, 20), min_size=1, max_size=5), st.floats(0.0, 0.3))
def test_weights_add_up_and_fade(years: list[float], rate: float) -> None:
    """Weights add up to 1, and a year of a later period never counts more than one of an earlier period."""
    weights = discount_weights(years, rate)
    assert sum(weights) == pytest.approx(1)
    per_year = [weight / length for weight, length in zip(weights, years, strict=True)]
    assert all(later <= earlier * (1 + 1e-9) for earlier, later in itertools.pairwise(per_year))


def test_discounting_is_the_sum_of_instants() -> None:
    """The weight of a period is the integral of the discount factor over its years, here taken in 10,000 steps."""
    years, rate, steps = [5.0, 5.0, 10.0], 0.08, 10_000
    starts = [0.0, 5.0, 10.0]
    sums = [
        sum((1 + rate) ** -(start + length * (step + 0.5) / steps) for step in range(steps)) * length / steps
        for start, length in zip(starts, years, strict=True)
    ]
    assert discount_weights(years, rate) == pytest.approx([value / sum(sums) for value in sums], rel=1e-6)


def test_a_phase_brings_its_own_figures() -> None:
    """Gateway factor, budget, cap and shares of targets are the phase's; those of the instance's periods are gone."""
    phase = {
        "id": "soon", "gateway_factor": 1.3, "capital_budget_cny": 7e8, "carbon_cap_t_year": 900,
        "target_shares": {"same-day": 0.25},
    }  # fmt: skip
    period = changed(phases=[phase, {"id": "late"}]).structure.periods
    assert (period[0].gateway_factor, period[0].capital_budget_cny, period[0].carbon_cap_t_year) == (1.3, 7e8, 900)
    assert (period[0].target_shares, period[1].target_shares) == ({"same-day": 0.25}, {})
    assert (period[1].gateway_factor, period[1].capital_budget_cny) == (1, None)


def test_budgets_and_caps_fill_periods_without_their_own() -> None:
    """The policy's budget holds in the first period; the second keeps the instance's own, and both get the cap."""
    first, second = changed(capital_budget_cny=5e8, carbon_cap_t_year=1000).structure.periods
    assert (first.capital_budget_cny, second.capital_budget_cny) == (5e8, 1e9)
    assert (first.carbon_cap_t_year, second.carbon_cap_t_year) == (1000, 1000)
    phases = [{"id": "soon", "capital_budget_cny": 1.0}, {"id": "late"}]
    soon, late = changed(capital_budget_cny=5e8, phases=phases).structure.periods
    assert (soon.capital_budget_cny, late.capital_budget_cny) == (1.0, 5e8)


def test_a_share_of_the_policy_holds_in_every_period() -> None:
    """A target that the policy switches off is off in periods too that had a share of their own for it."""
    case = changed(targets={"region": {"share": 0}})
    assert [item.target_shares for item in case.structure.periods] == [{}, {}]
    assert {item.id: item.share for item in case.structure.service.targets}["region"] == 0
    other = changed(targets={"utc-access": {"share": 0.5}})
    assert [item.target_shares for item in other.structure.periods] == [{"region": 0.4}, {}]


def test_closed_gateways_carry_nothing() -> None:
    """A closed gateway has no capacity; the others keep theirs, unlimited ones too."""
    case = changed(closed_gateways=["airport"])
    capacity = dict(zip(case.gateways["id"], case.gateways["capacity_t_d"], strict=True))
    assert (capacity["airport"], capacity["port"]) == (0, 400)
    assert math.isnan(capacity["gate"])


def test_a_closed_gateway_asks_for_no_share() -> None:
    """The airport's least share of parcels goes, and the gate, which may carry all of them, keeps its own."""
    rows = changed(closed_gateways=["airport"]).admissions.set_index(["commodity", "gateway"])
    assert rows.loc[("parcel", "airport"), "min_share"] == 0
    assert rows.loc[("parcel", "gate"), "max_share"] == 1


def test_what_is_left_of_gateways_can_carry_everything() -> None:
    """Without the gate, 0.5 and 0.25 at most of the parcels become 2/3 and 1/3; other goods are not touched."""
    case = whole()
    admissions = case.admissions.copy()
    more = frame("admissions", [{"commodity": "parcel", "gateway": "port", "max_share": 0.25}])
    case = case.with_tables(admissions=pd.concat([admissions, more], ignore_index=True))
    rows = apply(case, Policy(closed_gateways=("gate",))).admissions.set_index(["commodity", "gateway"])["max_share"]
    assert rows["parcel", "airport"] == pytest.approx(2 / 3)
    assert rows["parcel", "port"] == pytest.approx(1 / 3)
    assert rows["returns", "airport"] == pytest.approx(1)
    assert rows["bonded", "port"] == 1


def test_rules_on_the_network_are_replaced_key_by_key() -> None:
    """Presence, resilience, levels and hub types take what the policy gives and keep the rest."""
    structure = changed(
        presence={"west": {"max_open": 1}},
        resilience={"hub_outage_share": 0.7},
        levels={"utc": {"min_utilisation": 0.4, "max_site_share": 0.5, "max_operator_share": 0.9}},
        hub_types={"air": {"max_open": 0}},
    ).structure
    west, air = structure.presence
    assert (west.min_open, west.max_open, air.max_open) == (1, 1, 1)
    assert (structure.resilience.hub_outage_share, structure.resilience.gateway_outage_share) == (0.7, 0.2)
    utc = structure.levels["utc"]
    assert (utc.min_utilisation, utc.max_site_share, utc.max_operator_share, utc.min_open) == (0.4, 0.5, 0.9, 1)
    assert {item.id: item.max_open for item in structure.hub_types} == {"trade": None, "air": 0}
    assert structure.levels["hub"] == whole().structure.levels["hub"]


def test_modes_and_prices_are_replaced() -> None:
    """Capacities of modes, the carbon price and penalties take the policy's figures; other modes keep theirs."""
    structure = changed(mode_capacity_t_d={"van": 80}, unmet_factor=3, carbon_price_cny_t=7).structure
    assert {item.id: item.capacity_t_d for item in structure.modes} == {
        "truck": None, "van": 80, "evan": 500, "trike": None,
    }  # fmt: skip
    assert structure.instance.carbon_price_cny_t == 7
    assert {item.unmet_cny_t for item in structure.commodities} == {60000, 90000}


def test_limits_and_targets_are_replaced_key_by_key() -> None:
    """A limit of a leg without one is added; a target keeps what the policy does not give."""
    service = changed(limits={"utc-zone": {"max_minutes": 9}}, targets={"utc-access": {"limit": 4}}).structure.service
    limits = {item.leg: (item.max_km, item.max_minutes) for item in service.limits}
    assert limits == {"station-zone": (3, None), "utc-station": (12, 40), "utc-zone": (None, 9)}
    assert (service.targets[0].limit, service.targets[0].share) == (4, 0.9)


def test_land_is_added_or_replaced() -> None:
    """A limit for the same place is replaced, one for another place added, and the others stay."""
    case = changed(land_ha={"district:West": 3.0, "city:Tinytown": 9.0})
    rows = case.land.set_index(["scope", "id"])["limit_ha"].to_dict()
    assert rows == {
        ("parcel", "depot"): 1, ("district", "West"): 3, ("district", "East"): 8, ("total", "total"): 16,
        ("city", "Tinytown"): 9,
    }  # fmt: skip


def test_what_travels_beside_changes_no_data() -> None:
    """Switches, caps of the whole plan, weights and charges are read from the policy and leave the instance alone."""
    policy = Policy(
        off=("land", "resilience"), cost_cap_cny_year=1e9, unmet_share_max=0.1, stock_share_min=0.5,
        land_charge_cny_ha_year=1e6, weights={"carbon": 2}, allow_closing=True,
    )  # fmt: skip
    assert sha256(apply(whole(), policy)) == sha256(whole())


def test_applying_leaves_the_instance_as_it_was() -> None:
    """No table of the instance changes when a policy is applied to it."""
    case = whole()
    apply(case, Policy.model_validate(
        {"closed_gateways": ["airport"], "force_open": ["h-port"], "demand_factor": 2, "phases": PHASES,
         "land_ha": {"total:total": 1}}
    ))  # fmt: skip
    assert case == whole()


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({"presence": {"wst": {"min_open": 1}}}, "column presence: names 'wst'.*did you mean 'west'"),
        ({"closed_gateways": ["airprt"]}, "column closed_gateways: names 'airprt'.*did you mean 'airport'"),
        ({"mode_capacity_t_d": {"lorry": 1}}, "column mode_capacity_t_d: names 'lorry'"),
        ({"demand_factors": {"parcels": 1}}, "column demand_factors: names 'parcels'.*did you mean 'parcel'"),
        (
            {"phases": [{"id": "a", "demand_factors": {"parcels": 1}}]},
            "column phases.a.demand_factors: names 'parcels'",
        ),
        ({"phases": [{"id": "a", "target_shares": {"regions": 1}}]}, "column phases.a.target_shares: names 'regions'"),
        ({"phases": [{"id": "a"}, {"id": "a"}]}, "phase 'a' occurs more than once"),
        (
            {"phases": [{"id": "a", "year": 2025, "years": 5}, {"id": "b", "year": 2028}]},
            r"column phases.b.year: is before the end of 'a' \(2030\)",
        ),
        ({"limits": {"utc-utc": {"max_km": 5}}}, "column limits: names 'utc-utc'"),
        ({"presence": {"west": {"max_open": 0}}}, r"column presence.west: leaves min_open \(1\) above max_open \(0\)"),
        ({"levels": {"hub": {"min_open": 4}}}, r"column levels.hub: leaves min_open \(4\) above max_open \(3\)"),
        ({"levels": {"utc": {"min_open": 2, "max_open": 1}}}, "column levels.utc: leaves"),
        ({"hub_types": {"air": {"min_open": 2}}}, "column hub_types.air: leaves"),
        (
            {"targets": {"same-day": {"limit": 300}}},
            "column targets.same-day.limit: changes a limit that the instance shares",
        ),
        ({"demand_factors": {"local": 2}}, "multiplies 'local' by 2 but 'local-out', with which it exchanges, by 1"),
        ({"phases": [{"id": "a", "demand_factors": {"local-out": 2}}]}, "column phases.a.demand_factors: multiplies"),
        ({"closed_gateways": ["port"], "off": ["gateway_capacity"]}, "no effect while gateway_capacity"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(policy: dict[str, object], says: str) -> None:
    """Names that do not exist and figures that contradict each other are named with their key and a mend."""
    with pytest.raises(InputError, match=says) as caught:
        changed(**policy)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].mend


def test_closing_what_must_stay_is_refused() -> None:
    """A facility that may not close cannot be forced closed, unless that requirement is switched off."""
    case = whole()
    case = case.with_tables(existing=case.existing.assign(may_close=False))
    with pytest.raises(InputError, match="closes site 'u-west', whose facility may not close"):
        apply(case, Policy(force_closed=("u-west",)))
    free = apply(case, Policy(force_closed=("u-west",), off=("existing_must_stay",)))
    assert set(free.sites.loc[free.sites["forced"] == "closed", "id"]) == {"u-west"}


def test_in_city_goods_may_grow_apart_without_exchange() -> None:
    """Where the exchange is not modelled, its two sides are ordinary goods."""
    case = changed(demand_factors={"local": 2}, off=["exchange"])
    assert demand(case, "local", "2025") == 2 * demand(case, "local-out", "2025")


def test_all_problems_of_a_policy_come_at_once() -> None:
    """Mistakes of several kinds are raised together."""
    policy = {
        "force_open": ["s1", "nowhere"], "force_closed": ["s1"], "levels": {"hub": {"min_open": 9}},
        "demand_factors": {"local": 2},
    }  # fmt: skip
    with pytest.raises(InputError) as caught:
        changed(**policy)
    assert len(caught.value.problems) == 4
