"""Ways to break the rules on phasing, stock, modes, exchange, outages, shares and caps, over two periods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from hubopt.instance import Instance, LevelRule, Policy, ServiceLimit
from hubopt.instance.policy import LevelChange
from tests.check.hand import Trial
from tests.check.mutation import breaks, more
from tests.check.phased import DECISIONS, EXCHANGES, FLOWS, LINKS, OUTAGES, POLICY, phased_case, phased_trial

PHASED = phased_trial()


def policy(**changes: object) -> Policy:
    """The policy of the plan over two periods with some changes."""
    return Policy.model_validate(POLICY.model_dump(exclude_defaults=True) | changes)


def structure(**changes: Any) -> Instance:
    """The case with another part of its structure."""
    return replace(phased_case(), structure=phased_case().structure.model_copy(update=changes))


def record(kind: str, id: str, **values: object) -> Instance:
    """The case with other figures of one record."""
    items = getattr(phased_case().structure, kind)
    return structure(**{kind: tuple(item.model_copy(update=values) if item.id == id else item for item in items)})


def changed(table: pd.DataFrame, column: str, value: object, **where: object) -> pd.DataFrame:
    """A table with one column changed in the rows that have the given cells."""
    chosen = pd.Series(True, index=table.index)
    for name, wanted in where.items():
        chosen &= table[name] == wanted
    assert chosen.any()
    return table.assign(**{column: table[column].mask(chosen, value)})


def without(table: pd.DataFrame, **where: object) -> pd.DataFrame:
    """A table without the rows that have the given cells."""
    chosen = pd.Series(True, index=table.index)
    for name, wanted in where.items():
        chosen &= table[name] == wanted
    assert chosen.any()
    return table[~chosen]


# --- phasing --------------------------------------------------------------------------------------------------------


@breaks("stays_open", "open_before_use", "outage_arcs", "site_share")
def a_hub_that_the_plan_opens_and_closes() -> Trial:
    return PHASED.but(decisions=without(DECISIONS, period="q", site="h2"))


@breaks("no_reopening", "stock_share")
def a_facility_of_today_that_opens_again() -> Trial:
    decisions = more(without(DECISIONS, period="p", site="u3"), ("q", "u3", "old", 1, float("nan")))
    return PHASED.but(decisions=decisions, policy=policy(stock_share_min=0.7, off=["capital_budget"]))


@breaks("no_reopening")
def what_closed_opens_again() -> Trial:
    case = phased_case()
    periods = (*case.structure.periods, case.structure.periods[1].model_copy(update={"id": "r"}))
    third = case.demand[case.demand["period"] == "q"].assign(period="r")
    case = structure(periods=periods).with_tables(demand=pd.concat([case.demand, third], ignore_index=True))

    def later(table: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([table, table[table["period"] == "q"].assign(period="r")], ignore_index=True)

    kept = changed(later(DECISIONS), "converted_modules", float("nan"), period="r")
    return PHASED.but(
        instance=case,
        decisions=more(kept, ("r", "u3", "old", 1, float("nan"))),
        links=later(LINKS),
        flows=later(FLOWS),
        exchanges=later(EXCHANGES),
        outages=later(OUTAGES),
        policy=policy(off=["cost_cap"]),
    )


@breaks("no_shrinking")
def a_facility_of_the_plan_that_shrinks() -> Trial:
    decisions = changed(DECISIONS, "modules", 3, site="u2", period="p")
    return PHASED.but(decisions=decisions, policy=policy(off=["capital_budget"]))


@breaks("conversions", "capacity")
def more_converted_than_stood_there() -> Trial:
    return PHASED.but(decisions=changed(DECISIONS, "converted_modules", 2.6, site="u1", period="q"))


@breaks("conversions")
def a_conversion_that_the_design_does_not_allow() -> Trial:
    return PHASED.but(instance=record("designs", "new", converts_from=("big",)))


@breaks("conversions")
def a_conversion_that_is_no_cheaper_than_building() -> Trial:
    # 1,200 m2 at 1,000 whichever way
    return PHASED.but(instance=record("designs", "new", conversion_cny_m2=1000), policy=policy(off=["capital_budget"]))


@breaks("capacity")
def too_much_out_of_use_while_it_is_converted() -> Trial:
    return PHASED.but(decisions=changed(DECISIONS, "converted_modules", 2.5, site="u1", period="q"))


@breaks("capacity")
def a_conversion_that_takes_the_whole_period() -> Trial:
    return PHASED.but(instance=record("designs", "new", conversion_months=40))


@breaks("capital_budget")
def more_invested_than_the_budget() -> Trial:
    return PHASED.but(instance=record("periods", "q", capital_budget_cny=2_960_000))


@breaks("capital_budget")
def closing_counts_against_the_budget() -> Trial:
    # 2,961,000 with the closing of u3
    periods = [item.model_copy(update={"capital_budget_cny": None}) for item in phased_case().structure.periods]
    return PHASED.but(instance=structure(periods=tuple(periods)), policy=policy(capital_budget_cny=2_960_500))


@breaks("stock_share")
def too_little_of_the_stock_in_use() -> Trial:
    return PHASED.but(policy=policy(stock_share_min=0.54))


@breaks("site_land")
def floor_area_beyond_what_the_site_allows() -> Trial:
    sites = phased_case().sites
    small = changed(changed(sites, "land_ha", 0.15, id="u2"), "max_far", 0.5, id="u2")
    return PHASED.but(instance=phased_case().with_tables(sites=small))


# --- presence, utilisation, concentration ---------------------------------------------------------------------------


@breaks("presence")
def too_few_sites_in_a_district() -> Trial:
    return PHASED.but(policy=policy(presence={"south": {"min_open": 3}}))


@breaks("presence")
def too_many_sites_in_a_district() -> Trial:
    return PHASED.but(policy=policy(presence={"south": {"max_open": 2}}))


@breaks("utilisation")
def a_facility_that_idles() -> Trial:
    return PHASED.but(policy=policy(levels={"utc": LevelChange(min_utilisation=0.2)}))


@breaks("site_share")
def too_much_in_one_site() -> Trial:
    return PHASED.but(policy=policy(levels={"hub": LevelChange(max_site_share=0.59)}))


@breaks("operator_share")
def too_much_with_one_operator() -> Trial:
    # B has h2 alone, but u2 and u3
    levels = {"hub": LevelRule(max_operator_share=0.6), "utc": LevelRule(max_operator_share=0.49)}
    return PHASED.but(instance=structure(levels=levels))


# --- modes, gateways and requirements -------------------------------------------------------------------------------


@breaks("mode_capacity")
def more_than_a_mode_carries() -> Trial:
    return PHASED.but(policy=policy(mode_capacity_t_d={"rail": 7.9}))


@breaks("mode_capacity")
def exchanges_count_against_a_mode() -> Trial:
    # trucks: 6 + 6 + 4 + 6 + 4 + 8 and 2 exchanged, twice in q
    return PHASED.but(policy=policy(mode_capacity_t_d={"truck": 71.9}))


@breaks("terminal_capacity")
def more_than_a_terminal_takes() -> Trial:
    case = phased_case()
    return PHASED.but(instance=case.with_tables(terminals=case.terminals.assign(capacity_t_d=7.9)))


@breaks("terminal_capacity")
def a_terminal_of_a_gateway() -> Trial:
    case = phased_case()
    return PHASED.but(instance=case.with_tables(terminals=case.terminals.assign(node="g2", capacity_t_d=7.9)))


@breaks("gateway_capacity", "outage_capacity")
def a_gateway_that_does_not_grow() -> Trial:
    return PHASED.but(instance=record("periods", "q", gateway_factor=0.9))


@breaks("requirements", "outage_capacity")
def bonded_goods_at_a_hub_without_room_for_them() -> Trial:
    return PHASED.but(instance=record("designs", "big", bonded_t_d=5.9))


@breaks("requirements")
def goods_that_are_bonded_at_every_level() -> Trial:
    return PHASED.but(instance=record("commodities", "parcel", requirement_levels=None))


# --- in-city goods --------------------------------------------------------------------------------------------------


@breaks("exchange_balance")
def goods_that_are_collected_and_forgotten() -> Trial:
    return PHASED.but(exchanges=without(EXCHANGES, group="B", period="p", destination="u1"))


@breaks("exchange_mix")
def goods_of_the_wrong_origin() -> Trial:
    # each facility sends and gets as much as before, but u1 passes what u2 collects for its own
    swapped = changed(changed(EXCHANGES, "group", "B", origin="u1", period="p"), "group", "A", origin="u2", period="p")
    return PHASED.but(exchanges=swapped)


@breaks("exchange_mix")
def a_zone_that_gets_from_one_group_only() -> Trial:
    case = phased_case()
    row = {"commodity": ["in"] * 2, "zone": ["z1", "z2"], "group": ["A", "B"], "share": [1.0, 1.0]}
    return PHASED.but(instance=case.with_tables(exchange=pd.DataFrame(row)))


@breaks("exchange_mix")
def a_wrong_origin_where_sourcing_is_free() -> Trial:
    service = phased_case().structure.service.model_copy(update={"single_sourcing": ()})
    named = changed(EXCHANGES, "group", "B", origin="u1", destination="u1", period="p")
    return PHASED.but(instance=structure(service=service), links=LINKS.iloc[:0], exchanges=named)


@breaks("exchange_arcs")
def an_exchange_without_an_arc() -> Trial:
    # rail is known, but there is no such arc; what it cannot cost, it does not
    return PHASED.but(exchanges=changed(EXCHANGES, "mode", "rail", origin="u1", destination="u2", period="p"))


@breaks("exchange_arcs")
def an_exchange_beyond_the_limit() -> Trial:
    service = phased_case().structure.service.model_copy(update={"limits": (ServiceLimit(leg="utc-utc", max_km=4),)})
    return PHASED.but(instance=structure(service=service))


@breaks("exchange_arcs")
def a_mode_within_one_facility() -> Trial:
    return PHASED.but(exchanges=changed(EXCHANGES, "mode", "truck", origin="u1", destination="u1", period="p"))


@breaks("open_before_use", "exchange_balance")
def an_exchange_at_a_closed_facility() -> Trial:
    return PHASED.but(exchanges=more(EXCHANGES, ("q", "in", "A", "u3", "u3", "", 1.0)))


@breaks("known_ids")
def an_exchange_of_goods_that_are_not_in_city() -> Trial:
    return PHASED.but(exchanges=more(EXCHANGES, ("q", "parcel", "A", "u1", "u1", "", 1.0)))


@breaks("known_ids")
def a_group_that_does_not_exist() -> Trial:
    return PHASED.but(exchanges=more(EXCHANGES, ("q", "in", "Z", "u1", "u1", "", 1.0)))


# --- targets over the whole chain -----------------------------------------------------------------------------------


@breaks("service_targets")
def a_leg_that_takes_longer_than_its_budget() -> Trial:
    arcs = changed(phased_case().arcs, "minutes", 20.1, leg="hub-utc", destination="u2")
    return PHASED.but(instance=phased_case().with_tables(arcs=arcs))


@breaks("service_targets")
def what_lies_beyond_a_gateway_takes_too_long() -> Trial:
    gateways = changed(phased_case().gateways, "beyond_minutes", 20.1, id="g1")
    return PHASED.but(instance=phased_case().with_tables(gateways=gateways))


@breaks("service_targets")
def an_exchange_that_takes_too_long() -> Trial:
    arcs = changed(phased_case().arcs, "minutes", 15.1, leg="utc-utc")
    return PHASED.but(instance=phased_case().with_tables(arcs=arcs))


@breaks("service_targets")
def a_share_that_grows_over_the_periods() -> Trial:
    return PHASED.but(instance=record("periods", "q", target_shares={"whole": 0.91}))


# --- outages --------------------------------------------------------------------------------------------------------


@breaks("outage_arcs")
def goods_that_pass_the_hub_that_is_out() -> Trial:
    rows = [("q", "h1", "gateway-hub", "g1", "h1", "truck", "parcel", 1.0),
            ("q", "h1", "hub-utc", "h1", "u1", "truck", "parcel", 1.0)]  # fmt: skip
    return PHASED.but(outages=more(OUTAGES, *rows))


@breaks("outage_arcs")
def goods_on_an_arc_that_does_not_exist() -> Trial:
    return PHASED.but(outages=changed(OUTAGES, "mode", "truck", outage="h1", mode="rail"))


@breaks("outage_arcs", "admissions")
def goods_from_a_gateway_that_is_not_admitted() -> Trial:
    case = phased_case()
    return PHASED.but(instance=case.with_tables(admissions=without(case.admissions, gateway="g2")))


@breaks("outage_arcs")
def goods_on_a_leg_that_is_not_rerouted() -> Trial:
    return PHASED.but(outages=more(OUTAGES, ("q", "h1", "utc-zone", "u1", "z1", "truck", "parcel", 1.0)))


@breaks("outage_balance")
def goods_that_a_hub_makes_in_an_outage() -> Trial:
    return PHASED.but(outages=changed(OUTAGES, "t_d", 7.9, outage="h1", leg="gateway-hub", period="p"))


@breaks("outage_capacity", "capacity", "requirements")
def a_hub_that_cannot_take_over() -> Trial:
    decisions = changed(DECISIONS, "modules", 1, site="h1", period="q")
    return PHASED.but(decisions=decisions)


@breaks("outage_capacity")
def a_gateway_that_cannot_take_over() -> Trial:
    gateways = changed(phased_case().gateways, "capacity_t_d", 9.9, id="g1")
    return PHASED.but(instance=phased_case().with_tables(gateways=gateways))


@breaks("outage_delivery")
def more_in_an_outage_than_in_the_plan() -> Trial:
    swapped = changed(OUTAGES, "t_d", 6.1, outage="g1", destination="u1", period="p")
    return PHASED.but(outages=changed(swapped, "t_d", 1.9, outage="g1", destination="u2", period="p"))


@breaks("outage_share")
def too_little_in_an_outage() -> Trial:
    return PHASED.but(policy=policy(resilience={"hub_outage_share": 0.73}))


@breaks("outage_share")
def an_outage_without_a_proof() -> Trial:
    return PHASED.but(outages=without(OUTAGES, outage="g2", period="q"))


@breaks("known_ids")
def an_outage_of_nothing() -> Trial:
    return PHASED.but(outages=more(OUTAGES, ("q", "z1", "hub-utc", "h1", "u1", "truck", "parcel", 1.0)))


# --- caps -----------------------------------------------------------------------------------------------------------


@breaks("carbon_cap")
def more_carbon_than_the_cap() -> Trial:
    return PHASED.but(instance=record("periods", "q", carbon_cap_t_year=31.2))


@breaks("cost_cap")
def more_cost_than_the_cap() -> Trial:
    return PHASED.but(policy=policy(cost_cap_cny_year=5e6))


@breaks("unmet_cap")
def more_unmet_than_the_cap() -> Trial:
    return PHASED.but(policy=policy(unmet_share_max=0.052))
