"""One way or more to break each rule, starting from the paper plan; each says which rules must speak, and no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from hubopt.check import RULES
from hubopt.instance import Instance, LevelRule, Policy
from hubopt.instance.policy import Count, TargetChange
from hubopt.solution.types import Plan
from tests.check.hand import COST, DECISIONS, FLOWS, KPI, LINKS, OBJECTIVE, Trial, hand_case, hand_trial


@dataclass(frozen=True)
class Mutation:
    """A broken trial, the rule that it is for and the other rules that it cannot help breaking."""

    rule: str
    what: str
    trial: Trial
    besides: frozenset[str] = frozenset()


MUTATIONS: list[Mutation] = []


def breaks(rule: str, *besides: str) -> Callable[[Callable[[], Trial]], Callable[[], Trial]]:
    """Register the trial that the function below makes."""
    assert {rule, *besides} <= set(RULES)

    def register(make: Callable[[], Trial]) -> Callable[[], Trial]:
        MUTATIONS.append(Mutation(rule, make.__name__, make(), frozenset(besides)))
        return make

    return register


# figures that came with the paper plan say nothing about a changed one
BASE = hand_trial().but(cost=None, objective=None, kpi=None)


def cell(table: str, row: int, column: str, value: Any) -> Callable[[Plan], Plan]:
    """An edit of one cell."""

    def edit(plan: Plan) -> Plan:
        frame = getattr(plan, table)
        cells = list(frame[column])
        cells[row] = value
        return replace(plan, **{table: frame.assign(**{column: cells})})

    return edit


def rows(table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Plan], Plan]:
    """An edit of one table."""
    return lambda plan: replace(plan, **{table: change(getattr(plan, table))})


def more(table: pd.DataFrame, *added: tuple[object, ...]) -> pd.DataFrame:
    """A table with some more rows."""
    return pd.concat([table, pd.DataFrame(list(added), columns=table.columns)], ignore_index=True)


def figures(kind: str, id: str, **values: object) -> Instance:
    """The paper case with other figures of one design, commodity or hub type."""
    structure = hand_case().structure
    items = tuple(item.model_copy(update=values) if item.id == id else item for item in getattr(structure, kind))
    return replace(hand_case(), structure=structure.model_copy(update={kind: items}))


def table_cell(table: str, key: str, id: str, column: str, value: object) -> Instance:
    """The paper case with another value in one cell of a table."""
    frame = getattr(hand_case(), table)
    return hand_case().with_tables(**{table: frame.assign(**{column: frame[column].mask(frame[key] == id, value)})})


def flows(**t_d: float) -> pd.DataFrame:
    """The paper flows with other amounts by origin."""
    return FLOWS.assign(
        t_d=[t_d.get(origin, amount) for origin, amount in zip(FLOWS["origin"], FLOWS["t_d"], strict=True)]
    )


# --- tables ---------------------------------------------------------------------------------------------------------


@breaks("columns")
def no_utilisation() -> Trial:
    return BASE.but(edit=rows("facilities", lambda table: table.drop(columns="utilisation")))


@breaks("columns", "service_targets", "listed_links", "every_facility_fed")
def no_origin_in_the_links() -> Trial:
    return BASE.but(edit=rows("assignments", lambda table: table.drop(columns="origin")))


@breaks("dtypes")
def modules_as_text() -> Trial:
    return BASE.but(edit=rows("facilities", lambda table: table.astype({"modules": str})))


@breaks("dtypes", "known_periods")
def periods_as_numbers() -> Trial:
    return BASE.but(edit=rows("assignments", lambda table: more(table.assign(period="p"), (7, *table.iloc[0, 1:]))))


@breaks("numbers", "recorded_sizes")
def negative_land() -> Trial:
    return BASE.but(edit=cell("facilities", 0, "land_ha", -1.0))


@breaks("numbers", "conservation", "recorded_sizes", "recorded_costs")
def a_flow_that_is_no_number() -> Trial:
    return BASE.but(edit=cell("flows", 2, "t_d", float("nan")))


@breaks("known_periods")
def a_link_in_another_period() -> Trial:
    return BASE.but(edit=rows("assignments", lambda table: more(table, ("1999", "utc-station", "u1", "s1"))))


@breaks("known_ids")
def a_site_that_does_not_exist() -> Trial:
    edit = rows("facilities", lambda table: more(table, ("p", "nowhere", *table.iloc[0, 2:])))
    return BASE.but(edit=edit)


@breaks("known_ids")
def a_zone_where_a_site_belongs() -> Trial:
    return BASE.but(links=more(LINKS, ("p", "utc-station", "u1", "z1")))


@breaks("known_ids")
def a_leg_that_does_not_exist() -> Trial:
    return BASE.but(links=more(LINKS, ("p", "moon-zone", "u1", "z1")))


@breaks("known_ids")
def a_commodity_that_does_not_exist() -> Trial:
    return BASE.but(flows=more(FLOWS, ("p", "hub-utc", "h1", "u1", "truck", "tea", 1.0)))


@breaks("duplicates")
def a_link_twice() -> Trial:
    return BASE.but(links=more(LINKS, tuple(LINKS.iloc[0])))


@breaks("duplicates")
def a_flow_in_two_halves() -> Trial:
    half = FLOWS.assign(t_d=5.0)
    return BASE.but(flows=pd.concat([half, half]))


# --- facilities -----------------------------------------------------------------------------------------------------


@breaks("whole_modules", "recorded_modules", "recorded_sizes", "recorded_costs")
def half_a_module() -> Trial:
    return BASE.but(edit=cell("facilities", 1, "modules", 2.5))


@breaks("one_design")
def two_designs_at_once() -> Trial:
    edit = rows("facilities", lambda table: more(table, tuple(table.assign(design="old", modules=1).iloc[1])))
    return BASE.but(edit=edit)


@breaks("allowed_design", "capacity")
def a_design_of_another_level() -> Trial:
    return BASE.but(decisions=DECISIONS.replace({"design": {"big": "new"}}).assign(modules=[1, 3, 1]))


@breaks("allowed_design")
def a_design_that_the_site_does_not_list() -> Trial:
    return BASE.but(instance=table_cell("sites", "id", "u1", "designs", "old; stn"))


@breaks("module_bounds")
def too_many_modules() -> Trial:
    return BASE.but(instance=figures("designs", "new", max_modules=2))


@breaks("module_bounds")
def too_few_modules() -> Trial:
    return BASE.but(instance=figures("designs", "new", min_modules=4))


@breaks("module_bounds", "capacity")
def a_kept_facility_that_shrinks() -> Trial:
    return BASE.but(decisions=DECISIONS.replace({"design": {"new": "old"}}).assign(modules=[1, 1, 1]))


@breaks("site_land")
def a_site_that_is_too_small() -> Trial:
    return BASE.but(instance=table_cell("sites", "id", "h1", "land_ha", 0.04))


@breaks("site_land", "land_limits")
def growth_beyond_the_site() -> Trial:
    return BASE.but(decisions=DECISIONS.assign(modules=[1, 3, 2]))


@breaks("site_level")
def a_wrong_level() -> Trial:
    return BASE.but(edit=cell("facilities", 1, "level", "hub"))


@breaks("actions")
def a_wrong_action() -> Trial:
    return BASE.but(edit=cell("facilities", 1, "action", "expand"))


@breaks("actions")
def a_closure_that_is_not_listed() -> Trial:
    return BASE.but(edit=rows("facilities", lambda table: table.iloc[:3]))


@breaks("actions")
def closing_what_never_stood() -> Trial:
    case = hand_case()
    edit = rows("facilities", lambda table: more(table, ("p", "s2", "station", "stn", "close", *[0.0] * 13)))
    return BASE.but(instance=case.with_tables(existing=case.existing[case.existing["site"] != "s2"]), edit=edit)


@breaks("recorded_modules")
def wrong_converted_modules() -> Trial:
    return BASE.but(edit=cell("facilities", 1, "converted_modules", 2.0))


@breaks("recorded_sizes")
def wrong_throughput() -> Trial:
    return BASE.but(edit=cell("facilities", 2, "throughput_t_d", 10.1))


@breaks("recorded_costs")
def wrong_capital() -> Trial:
    return BASE.but(edit=cell("facilities", 0, "capital_cny_year", 990_002.0))


# --- counts and land ------------------------------------------------------------------------------------------------


@breaks("level_counts")
def too_few_hubs() -> Trial:
    return BASE.but(policy=Policy(levels={"hub": Count(min_open=2)}))


@breaks("level_counts")
def too_many_stations() -> Trial:
    return BASE.but(policy=Policy(levels={"station": Count(max_open=0)}))


@breaks("hub_type_counts")
def too_many_hubs_of_a_type() -> Trial:
    return BASE.but(policy=Policy(hub_types={"sea": Count(min_open=0, max_open=0)}))


@breaks("forced_sites")
def open_though_forced_closed() -> Trial:
    return BASE.but(policy=Policy(force_closed=("s1",)))


@breaks("forced_sites")
def closed_though_forced_open() -> Trial:
    return BASE.but(policy=Policy(force_open=("s2",)))


@breaks("existing_must_stay")
def a_closure_that_is_not_allowed() -> Trial:
    return BASE.but(instance=table_cell("existing", "site", "s2", "may_close", False))


@breaks("land_limits")
def too_much_land_on_a_parcel() -> Trial:
    return BASE.but(policy=Policy(land_ha={"parcel:yard": 0.13}))


@breaks("land_limits")
def too_much_land_on_a_site_that_is_its_own_parcel() -> Trial:
    land = hand_case().land
    return BASE.but(
        instance=hand_case().with_tables(land=land.assign(limit_ha=land["limit_ha"].mask(land["id"] == "h1", 0.04)))
    )


@breaks("land_limits")
def too_much_land_in_a_district() -> Trial:
    return BASE.but(policy=Policy(land_ha={"district:South": 0.13}))


@breaks("land_limits")
def too_much_land_in_a_city() -> Trial:
    return BASE.but(policy=Policy(land_ha={"city:C": 0.18}))


@breaks("land_limits")
def too_much_land_in_total() -> Trial:
    return BASE.but(policy=Policy(land_ha={"total:total": 0.18}))


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


# --- single sourcing ------------------------------------------------------------------------------------------------


@breaks("single_source_legs")
def a_link_on_a_leg_that_is_free() -> Trial:
    return BASE.but(links=more(LINKS, ("p", "hub-utc", "h1", "u1")))


BOTH_OPEN = {
    "decisions": more(DECISIONS, ("p", "s2", "stn", 1)),
    "links": more(LINKS, ("p", "utc-station", "u1", "s2")),
    "policy": Policy(land_ha={"total:total": 1, "city:C": 1}),
}


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
