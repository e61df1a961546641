"""Ways to break the rules on tables, facilities, counts and land, one at a time."""

from __future__ import annotations

import pandas as pd

from hubopt.instance import Policy
from hubopt.instance.policy import Count, LevelChange
from tests.check.hand import DECISIONS, FLOWS, LINKS, Trial, hand_case
from tests.check.mutation import BASE, breaks, cell, figures, more, rows, table_cell

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
    edit = rows("facilities", lambda table: more(table, ("p", "s2", "station", "stn", "close", *[0.0] * 16)))
    return BASE.but(instance=case.with_tables(existing=case.existing[case.existing["site"] != "s2"]), edit=edit)


@breaks("recorded_modules")
def conversion_of_what_is_new() -> Trial:
    return BASE.but(edit=cell("facilities", 0, "converted_modules", 0.5))


@breaks("recorded_modules", "recorded_costs")
def less_converted_than_the_costs_say() -> Trial:
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
    return BASE.but(policy=Policy(levels={"hub": LevelChange(min_open=2)}))


@breaks("level_counts")
def too_many_stations() -> Trial:
    return BASE.but(policy=Policy(levels={"station": LevelChange(max_open=0)}))


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
