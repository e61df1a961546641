"""Ways to break the rules on flows, links, gateways, service and reported figures, one at a time."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from hubopt.instance import LevelRule, Policy
from hubopt.instance.policy import TargetChange
from tests.check.hand import COST, DECISIONS, FLOWS, KPI, LINKS, OBJECTIVE, Trial, hand_case, hand_trial
from tests.check.mutation import BASE, breaks, cell, figures, flows, more, table_cell

# --- flows ----------------------------------------------------------------------------------------------------------


@breaks("arcs")
def a_mode_that_the_arc_does_not_have() -> Trial:
    return BASE.but(flows=FLOWS.replace({"mode": {"trike": "truck"}}))


@breaks("arcs", "service_targets")
def a_link_without_an_arc() -> Trial:
    case = hand_case()
    return BASE.but(instance=case.with_tables(arcs=case.arcs[case.arcs["leg"] != "utc-station"]))


@breaks("service_limits", "service_targets")
def an_arc_that_is_too_long() -> Trial:
    return BASE.but(instance=table_cell("arcs", "origin", "s1", "km", 2.1))


@breaks("service_limits")
def an_arc_that_takes_too_long() -> Trial:
    arcs = hand_case().arcs
    slow = arcs["minutes"].mask((arcs["leg"] == "utc-station") & (arcs["destination"] == "s1"), 31.0)
    case = hand_case().with_tables(arcs=arcs.assign(minutes=slow))
    return BASE.but(instance=case, policy=Policy(targets={"fast": TargetChange(share=0)}))


@breaks("commodity_legs")
def a_leg_off_the_chain() -> Trial:
    return BASE.but(flows=more(FLOWS, ("p", "utc-zone", "u1", "z1", "truck", "parcel", 1.0)))


@breaks("commodity_legs")
def a_gateway_flow_without_admissions() -> Trial:
    case = hand_case()
    return BASE.but(instance=case.with_tables(admissions=case.admissions.iloc[:0]))


@breaks("open_before_use", "level_counts", "hub_type_counts")
def a_hub_that_is_not_open() -> Trial:
    return BASE.but(decisions=DECISIONS.iloc[1:])


@breaks("open_before_use")
def a_link_to_a_closed_station() -> Trial:
    return BASE.but(links=more(LINKS, ("p", "utc-station", "u1", "s2")))


@breaks("conservation")
def goods_that_get_lost() -> Trial:
    return BASE.but(flows=flows(g1=10.0, h1=9.0, u1=9.0, s1=9.0))


@breaks("conservation")
def goods_from_nowhere() -> Trial:
    return BASE.but(flows=flows(s1=10.001))


@breaks("over_delivery")
def more_than_the_zone_asks_for() -> Trial:
    return BASE.but(policy=Policy(demand_factor=0.8))


@breaks("capacity")
def more_than_is_available_of_a_facility() -> Trial:
    return BASE.but(instance=table_cell("sites", "id", "s1", "availability", 0.5))


@breaks("capacity")
def overflow_where_nothing_is_available() -> Trial:
    stretched = figures("designs", "stn", overflow_cny_t=1.0)
    shut = stretched.sites["availability"].mask(stretched.sites["id"] == "s1", 0.0)
    return BASE.but(instance=stretched.with_tables(sites=stretched.sites.assign(availability=shut)))


@breaks("recorded_costs")
def overflow_that_is_not_paid_for() -> Trial:
    # 10 t/d through s1, of which 1 t/d above its 9 t/d: 100 d * (10 t/d * 1 CNY/t + 1 t/d * 7 CNY/t)
    stretched = figures("designs", "stn", throughput_t_d=9.0, overflow_cny_t=7.0)
    paid = BASE.but(instance=stretched).plan().facilities
    assert paid.loc[paid["site"] == "s1", "handling_cny_year"].tolist() == [1700.0]
    return BASE.but(instance=stretched, edit=cell("facilities", 2, "handling_cny_year", 1000.0))


@breaks("capacity", "conservation")
def a_load_that_does_not_fit() -> Trial:
    return BASE.but(instance=table_cell("arcs", "origin", "s1", "load", 2.0))


@breaks("capacity")
def more_than_a_facility_takes() -> Trial:
    return BASE.but(instance=figures("designs", "stn", throughput_t_d=9.99))


@breaks("requirements")
def cold_goods_without_cold_rooms() -> Trial:
    return BASE.but(instance=figures("commodities", "parcel", requirement="cold"))


@breaks("requirements")
def bonded_goods_beyond_the_bonded_floor() -> Trial:
    case = figures("commodities", "parcel", requirement="bonded")
    designs = tuple(
        item.model_copy(update={"bonded_t_d": 9.0 if item.id == "stn" else 10.0}) for item in case.structure.designs
    )
    return BASE.but(instance=replace(case, structure=case.structure.model_copy(update={"designs": designs})))


@breaks("requirements")
def goods_of_a_class_beyond_the_room_for_it() -> Trial:
    case = figures("commodities", "parcel", requirement="fragile")
    designs = tuple(
        item.model_copy(update={"requirement_t_d": {"fragile": 9.0 if item.id == "stn" else 10.0}})
        for item in case.structure.designs
    )
    return BASE.but(instance=replace(case, structure=case.structure.model_copy(update={"designs": designs})))


@breaks("demand_met")
def demand_that_must_be_met_and_is_not() -> Trial:
    return BASE.but(instance=figures("commodities", "parcel", must_be_met=True))


@breaks("mode_goods")
def goods_by_a_mode_that_is_not_for_them() -> Trial:
    return BASE.but(instance=figures("modes", "trike", commodities=()))


BOTH_OPEN = {
    "decisions": more(DECISIONS, ("p", "s2", "stn", 1)),
    "links": more(LINKS, ("p", "utc-station", "u1", "s2")),
    "policy": Policy(land_ha={"total:total": 1, "city:C": 1}),
}


@breaks("own_zone")
def a_zone_served_from_afar_while_its_own_site_is_open() -> Trial:
    return BASE.but(instance=table_cell("zones", "id", "z1", "own_site", "s2"), **BOTH_OPEN)


# --- single sourcing ------------------------------------------------------------------------------------------------


@breaks("single_source_legs")
def a_link_on_a_leg_that_is_free() -> Trial:
    return BASE.but(links=more(LINKS, ("p", "hub-utc", "h1", "u1")))


@breaks("one_upper_end")
def a_zone_assigned_twice() -> Trial:
    return BASE.but(**BOTH_OPEN | {"links": more(BOTH_OPEN["links"], ("p", "station-zone", "s2", "z1"))})


@breaks("one_upper_end", "listed_links")
def a_zone_fed_twice() -> Trial:
    split = more(
        flows(s1=6.0),
        ("p", "utc-station", "u1", "s2", "truck", "parcel", 4.0),
        ("p", "station-zone", "s2", "z1", "trike", "parcel", 4.0),
    )
    split.loc[2, "t_d"] = 6.0
    return BASE.but(**BOTH_OPEN, flows=split)


@breaks("every_facility_fed")
def an_idle_station_without_a_feeder() -> Trial:
    return BASE.but(**BOTH_OPEN | {"links": LINKS})


@breaks("listed_links", "service_targets")
def a_flow_without_its_link() -> Trial:
    return BASE.but(links=LINKS.iloc[:1])


# --- gateways and hub types -----------------------------------------------------------------------------------------


@breaks("admissions", "gateway_shares", "hub_type_gateways")
def a_gateway_that_is_not_admitted() -> Trial:
    return BASE.but(flows=FLOWS.replace({"origin": {"g1": "g2"}}))


@breaks("gateway_capacity")
def a_gateway_that_is_full() -> Trial:
    return BASE.but(instance=table_cell("gateways", "id", "g1", "capacity_t_d", 9.9))


@breaks("gateway_shares")
def more_than_the_largest_share() -> Trial:
    return BASE.but(instance=table_cell("admissions", "gateway", "g1", "max_share", 0.9))


@breaks("gateway_shares")
def less_than_the_least_share() -> Trial:
    case = hand_case()
    second = case.admissions.assign(gateway="g2", min_share=0.1)
    return BASE.but(instance=case.with_tables(admissions=pd.concat([case.admissions, second], ignore_index=True)))


@breaks("hub_type_gateways")
def a_gateway_of_another_kind() -> Trial:
    return BASE.but(instance=figures("hub_types", "sea", gateway_kinds=("rail", "airport")))


@breaks("hub_type_commodities")
def a_commodity_of_another_type() -> Trial:
    return BASE.but(instance=figures("hub_types", "sea", commodities=("ore",)))


# --- service and reported figures -----------------------------------------------------------------------------------


@breaks("service_targets")
def too_far_from_a_centre() -> Trial:
    return BASE.but(instance=table_cell("arcs", "leg", "utc-zone", "km", 5.1))


@breaks("service_targets")
def too_long_to_deliver() -> Trial:
    structure = hand_case().structure
    levels = {**structure.levels, "station": LevelRule(dwell_minutes=5.1)}
    return BASE.but(instance=replace(hand_case(), structure=structure.model_copy(update={"levels": levels})))


@breaks("cost_parts")
def a_wrong_cost_part() -> Trial:
    return hand_trial().but(cost=COST | {"transport": 51_000.1})


@breaks("cost_parts")
def a_cost_part_that_is_left_out() -> Trial:
    return hand_trial().but(cost={part: amount for part, amount in COST.items() if part != "closure"})


@breaks("objective")
def a_wrong_objective() -> Trial:
    return hand_trial().but(objective=OBJECTIVE * 0.999)


@breaks("kpi")
def a_wrong_indicator() -> Trial:
    return hand_trial().but(kpi=KPI | {"served_share": 0.84})


@breaks("kpi")
def an_indicator_that_nobody_knows() -> Trial:
    return hand_trial().but(kpi=KPI | {"beauty": 1.0})
