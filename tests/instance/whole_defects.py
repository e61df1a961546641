"""What can be wrong with the whole plan: a change to :func:`whole`, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hubopt.instance import Commodity, Instance, frame
from tests.instance.whole_city import NAMES

Change = Callable[[Instance], Instance]


@dataclass(frozen=True)
class Wrong:
    """A named defect; one problem must come from ``file`` and hold all of ``says``."""

    name: str
    change: Change
    file: str
    says: tuple[str, ...]


def _structure(case: Instance, **update: Any) -> Instance:
    return Instance(**{**vars(case), "structure": case.structure.model_copy(update=update)})


def record(kind: str, which: str, /, **update: Any) -> Change:
    """Change fields of the record ``which`` in a list of the structure; ``service.targets`` too."""

    def change(case: Instance) -> Instance:
        base = case.structure.service if kind == "targets" else case.structure
        items = tuple(item.model_copy(update=update) if item.id == which else item for item in getattr(base, kind))
        assert items != getattr(base, kind)
        if kind == "targets":
            return _structure(case, service=base.model_copy(update={"targets": items}))
        return _structure(case, **{kind: items})

    return change


def level(name: str, **update: Any) -> Change:
    """Change the rule of a level."""

    def change(case: Instance) -> Instance:
        rules = dict(case.structure.levels)
        return _structure(case, levels={**rules, name: rules[name].model_copy(update=update)})

    return change


def resilience(**update: float) -> Change:
    """Change the floors of what is served in an outage."""
    return lambda case: _structure(case, resilience=case.structure.resilience.model_copy(update=update))


def sourced(*legs: str) -> Change:
    """Single-source further legs."""

    def change(case: Instance) -> Instance:
        service = case.structure.service
        update = {"single_sourcing": (*service.single_sourcing, *legs)}
        return _structure(case, service=service.model_copy(update=update))

    return change


def more_goods(id: str, **fields: Any) -> Change:
    """Add a commodity."""

    def change(case: Instance) -> Instance:
        item = Commodity.model_validate({**NAMES, "unmet_cny_t": 1, "chain": ("utc", "station"), "id": id, **fields})
        return _structure(case, commodities=(*case.structure.commodities, item))

    return change


def more(table: str, **row: object) -> Change:
    """Add a row at the end of a table."""
    return lambda case: case.with_tables(
        **{table: pd.concat([case.table(table), frame(table, [row])], ignore_index=True)}
    )


def cells(table: str, column: str, value: object, **where: object) -> Change:
    """Set a column in the rows whose other columns are as ``where`` says (all rows without it)."""

    def change(case: Instance) -> Instance:
        found = case.table(table).copy()
        chosen = pd.Series(True, index=found.index)
        for name, wanted in where.items():
            chosen &= found[name] == wanted
        assert chosen.any()
        found.loc[chosen, column] = value
        return case.with_tables(**{table: found})

    return change


def scaled(commodity: str, period: str, factor: float) -> Change:
    """Multiply the demand of a commodity in a period."""

    def change(case: Instance) -> Instance:
        demand = case.demand
        chosen = (demand["commodity"] == commodity) & (demand["period"] == period)
        return case.with_tables(demand=demand.assign(t_d=demand["t_d"].where(~chosen, demand["t_d"] * factor)))

    return change


def without(table: str, **where: object) -> Change:
    """Remove rows."""

    def change(case: Instance) -> Instance:
        found = case.table(table)
        chosen = pd.Series(True, index=found.index)
        for name, wanted in where.items():
            chosen &= found[name] == wanted
        assert chosen.any()
        return case.with_tables(**{table: found[~chosen].reset_index(drop=True)})

    return change


def both(*changes: Change) -> Change:
    """Several changes."""

    def change(case: Instance) -> Instance:
        for one in changes:
            case = one(case)
        return case

    return change


TOML = "instance.toml"

GOODS = [
    Wrong("partner is no commodity", record("commodities", "local", exchange_with="local-in"), TOML,
          ("commodities.local.exchange_with", "'local-in'", "not an outbound commodity")),
    Wrong("partner is inbound", record("commodities", "local", exchange_with="cold"), TOML,
          ("commodities.local.exchange_with", "'cold'", "use one of: local-out, returns")),
    Wrong("outbound goods with a partner", record("commodities", "returns", exchange_with="local-out"), TOML,
          ("commodities.returns.exchange_with", "not inbound")),
    Wrong("partner on another chain", record("commodities", "local-out", chain=("utc",)), TOML,
          ("commodities.local-out.chain", "differs from the chain of 'local' (utc, station)")),
    Wrong("partner of two", more_goods("twin", direction="inbound", exchange_with="local-out"), TOML,
          ("exchange_with", "named by 2 commodities", "'local-out'")),
    Wrong("delivered goods at a gateway", more("admissions", commodity="local", gateway="gate"), "admissions.csv",
          ("'local'", "uses no gateway")),
    Wrong("collected goods at a gateway", more("admissions", commodity="local-out", gateway="gate"), "admissions.csv",
          ("'local-out'", "uses no gateway")),
    Wrong("more delivered than collected", scaled("local", "2030", 1.001), "demand.csv",
          ("'local' delivers 18.018 t/d in period '2030'", "'local-out' collects 18 t/d", "scale one")),
    Wrong("requirement that nothing offers", record("commodities", "bonded", requirement="bondet"), TOML,
          ("commodities.bonded.requirement", "'bondet'", "no design offers", "did you mean 'bonded'")),
    Wrong("class with a field of its own", record("designs", "utc-smart", requirement_t_d={"cold": 1.0}), TOML,
          ("designs.utc-smart.requirement_t_d", "'cold'", "use that")),
    Wrong("class above the whole", record("designs", "utc-smart", requirement_t_d={"fragile": 1e9}), TOML,
          ("designs.utc-smart.requirement_t_d.fragile", "is above throughput_t_d")),
    Wrong("unmet demand for nothing", record("commodities", "bonded", unmet_cny_t=0.0), TOML,
          ("commodities.bonded.unmet_cny_t", "above 0 unless must_be_met")),
    Wrong("mode for goods that are not there", record("modes", "van", commodities=("parcel", "sand")), TOML,
          ("modes.van.commodities", "'sand'", "does not exist")),
    Wrong("own site that is not there", cells("zones", "own_site", "s-9", id="z1"), "zones.csv",
          ("own_site", "'s-9'", "is not in sites.csv")),
    Wrong("load on a leg whose goods come from above",
          cells("arcs", "load", 2.0, leg="utc-station", origin="u-east", destination="s1", mode="evan"), "arcs.csv",
          ("load", "2.0", "whose goods come from above")),
    Wrong("requirement beyond the chain", record("commodities", "bonded", requirement_levels=("hub", "station")), TOML,
          ("commodities.bonded.requirement_levels", "'station'", "no level of the commodity's chain")),
]  # fmt: skip

ORIGINS = [
    Wrong("origins of other goods", more("exchange", commodity="parcel", zone="z3", group="West", share=1),
          "exchange.csv", ("row 8", "'parcel'", "not delivered in exchange", "use one of: local")),
    Wrong("origins of no goods", cells("exchange", "commodity", "locals"), "exchange.csv",
          ("'locals'", "among the commodities")),
    Wrong("origins in no zone", cells("exchange", "zone", "z33", zone="z3"), "exchange.csv",
          ("'z33'", "in zones.csv", "did you mean 'z3'")),
    Wrong("origins in no group", cells("exchange", "group", "Wst", group="West"), "exchange.csv",
          ("'Wst'", "no group or district of any zone", "did you mean 'West'")),
    Wrong("shares of a zone below one", cells("exchange", "share", 0.4, zone="z4"), "exchange.csv",
          ("zone 'z4' add up to 0.8", "make them 1")),
    Wrong("share above one", cells("exchange", "share", 1.5, zone="z4", group="East"), "exchange.csv",
          ("column share", "out of range", "from 0 to 1")),
    Wrong("origins of a zone left out", without("exchange", zone="z5"), "demand.csv",
          ("'z5'", "receives 'local' but has no rows in exchange.csv")),
    Wrong("shares beyond what a group sends", both(cells("exchange", "share", 0.6, group="West"),
          cells("exchange", "share", 0.4, group="East")), "exchange.csv",
          ("7.2 t/d of 'local' are received from group 'West' in period '2025'", "which sends 6 t/d")),
    Wrong("zone without group", both(cells("zones", "district", "", id="z1"), without("exchange", group="West"),
          without("exchange", group="East")), "zones.csv", ("row 2", "column group", "in-city goods come from")),
    Wrong("origin twice", more("exchange", commodity="local", zone="z3", group="West", share=0), "exchange.csv",
          ("row 8", "repeats the commodity and zone and group")),
]  # fmt: skip

DESIGNS = [
    Wrong("conversion of no design", record("designs", "utc-smart", converts_from=("utc-flt",)), TOML,
          ("designs.utc-smart.converts_from", "'utc-flt'", "did you mean 'utc-flat'")),
    Wrong("conversion of itself", record("designs", "utc-smart", converts_from=("utc-smart",)), TOML,
          ("designs.utc-smart.converts_from", "is the design itself")),
    Wrong("conversion of another level", record("designs", "utc-smart", converts_from=("hub-flat",)), TOML,
          ("'hub-flat'", "not built at any level of this design")),
    Wrong("nothing to build", cells("sites", "max_far", 0.0, id="s1"), "sites.csv", ("max_far", "nothing to build")),
    Wrong("negative floor area ratio", cells("sites", "max_far", -1.0, id="s1"), "sites.csv",
          ("max_far", "out of range")),
]  # fmt: skip

ARCS = [
    Wrong("arc to itself", more("arcs", leg="utc-utc", origin="u-mid", destination="u-mid", mode="van", km=0,
          minutes=1), "arcs.csv", ("column destination", "'u-mid'", "both ends")),
    Wrong("pair both ways", more("arcs", leg="utc-utc", origin="u-mid", destination="u-east", mode="van", km=6,
          minutes=12), "arcs.csv", ("the other way round", "keep one row")),
    Wrong("exchange with another level", more("arcs", leg="utc-utc", origin="u-mid", destination="s1", mode="van",
          km=6, minutes=12), "arcs.csv", ("'s1'", "not a utc, which leg 'utc-utc' asks for")),
    Wrong("exchange of zones", more("arcs", leg="zone-zone", origin="z1", destination="z2", mode="van", km=6,
          minutes=12), "arcs.csv", ("'zone-zone'", "is not a leg")),
    Wrong("single sourcing of exchange", sourced("utc-utc"), TOML, ("service.single_sourcing", "'utc-utc'")),
    Wrong("terminal nowhere", more("terminals", node="prt", mode="truck", capacity_t_d=1), "terminals.csv",
          ("'prt'", "did you mean 'port'")),
    Wrong("terminal at a zone", more("terminals", node="z1", mode="trike", capacity_t_d=1), "terminals.csv",
          ("'z1'", "in gateways.csv or sites.csv")),
    Wrong("terminal of no mode", cells("terminals", "mode", "lorry"), "terminals.csv", ("'lorry'", "among the modes")),
    Wrong("terminal without arcs", cells("terminals", "mode", "trike"), "terminals.csv",
          ("'port'", "no arc of this mode")),
    Wrong("terminal of negative size", cells("terminals", "capacity_t_d", -1.0), "terminals.csv", ("at least 0",)),
    Wrong("terminal twice", more("terminals", node="port", mode="truck", capacity_t_d=1), "terminals.csv",
          ("row 3", "repeats the node and mode")),
    Wrong("waiting longer than the way", cells("gateways", "border_minutes", 30.0, id="port"), "arcs.csv",
          ("column minutes", "less than the waiting", "add the waiting")),
    Wrong("time beyond the gateway below zero", cells("gateways", "beyond_minutes", -5.0, id="port"), "gateways.csv",
          ("beyond_minutes", "at least 0")),
]  # fmt: skip

RULES = [
    Wrong("presence twice", record("presence", "air", id="west"), TOML, ("presence", "'west'", "occurs 2 times")),
    Wrong("presence in no district", record("presence", "west", place="Wst"), TOML,
          ("presence.west.place", "not a district of any site", "did you mean 'West'")),
    Wrong("presence of no type", record("presence", "air", hub_type="airy"), TOML,
          ("presence.air.hub_type", "'airy'", "did you mean 'air'")),
    Wrong("presence of a type at another level", record("presence", "air", level="utc"), TOML,
          ("presence.air.level", "has no hub types")),
    Wrong("presence of more than there are", record("presence", "west", min_open=2), TOML,
          ("presence.west.min_open", "number of such sites (1")),
    Wrong("presence crossed", record("presence", "west", max_open=0), TOML,
          ("presence.west.min_open", "above max_open (0)")),
    Wrong("presence of sites forced closed", cells("sites", "forced", "closed", id="u-west"), TOML,
          ("presence.west.min_open", "number of such sites (0, those forced closed aside)")),
    Wrong("presence of sites forced open", both(cells("sites", "forced", "open", id="h-air"),
          record("presence", "air", max_open=0)), TOML, ("presence.air.max_open", "forces open (1)")),
    Wrong("site shares below the whole", level("utc", max_site_share=0.3), TOML,
          ("levels.utc.max_site_share", "3 sites", "at least 0.333")),
    Wrong("site shares below the whole for fewer sites", level("utc", max_open=1), TOML,
          ("levels.utc.max_site_share", "1 sites", "at least 1")),
    Wrong("operators unnamed", level("utc", max_operator_share=0.5), TOML,
          ("levels.utc.max_operator_share", "names none")),
    Wrong("operator shares below the whole", both(level("utc", max_operator_share=0.5),
          cells("sites", "operator", "SF", level="utc")), TOML, ("1 operators", "at least 1")),
    Wrong("outages of a single hub", both(without("sites", id="h-port"), without("sites", id="h-air"),
          without("arcs", origin="h-port"), without("arcs", origin="h-air"), without("arcs", destination="h-port"),
          without("arcs", destination="h-air")), TOML, ("hub_outage_share", "single hub")),
    Wrong("outages of goods without hubs", lambda case: _structure(case, commodities=tuple(
          item.model_copy(update={"chain": ("utc", "station")}) for item in case.structure.commodities)), TOML,
          ("resilience.hub_outage_share", "no commodity's chain starts at one")),
    Wrong("more resilience than gateways allow", resilience(gateway_outage_share=0.95), TOML,
          ("without gateway 'port' at most 0.894", "bonded have no other gateway")),
]  # fmt: skip

TARGETS = [
    Wrong("chain in km", record("targets", "region", measure="km"), TOML,
          ("service.targets.region.measure", "write minutes")),
    Wrong("chain from the second level", record("targets", "region", level="utc"), TOML,
          ("service.targets.region.level", "'utc'", "first level of 'parcel' (hub)")),
    Wrong("chain of no commodity", record("targets", "region", commodities=("parcels",)), TOML,
          ("service.targets.region.commodities", "did you mean 'parcel'")),
    Wrong("chain that starts nowhere", record("targets", "region", commodities=None, level="station"), TOML,
          ("service.targets.region.commodities", "weighs no commodity")),
    Wrong("budget of no leg", record("targets", "region", budget_minutes={"hub-utcs": 30.0}), TOML,
          ("service.targets.region.budget_minutes", "'hub-utcs'", "did you mean 'hub-utc'")),
    Wrong("budget of a leg of other goods", record("targets", "region", budget_minutes={"utc-zone": 30.0}), TOML,
          ("'utc-zone'", "no leg of the target's commodities")),
    Wrong("budget of exchange for goods from outside", record("targets", "region", budget_minutes={"utc-utc": 3.0}),
          TOML, ("'utc-utc'", "no leg of the target's commodities")),
    Wrong("budget of a gateway for in-city goods", record("targets", "same-day", budget_minutes={"gateway-utc": 3.0}),
          TOML, ("'gateway-utc'", "no leg of the target's commodities")),
    Wrong("budget below zero", record("targets", "region", budget_minutes={"hub-utc": -1.0}), TOML,
          ("budget_minutes.hub-utc", "is negative")),
    Wrong("no budget", record("targets", "region", budget_minutes={}), TOML, ("shares out no minutes",)),
    Wrong("budget of another kind of target", record("targets", "in-city", budget_minutes={"utc-station": 20.0}), TOML,
          ("service.targets.in-city.budget_minutes", "kind 'delivery'")),
    Wrong("budgets beyond the limit", record("targets", "region", limit=314.0), TOML,
          ("service.targets.region.limit", "'parcel'", "(315)", "raise the limit")),
    Wrong("in-city budgets beyond the limit", record("targets", "same-day", limit=269.0), TOML,
          ("service.targets.same-day.limit", "'local'", "(270)")),
    Wrong("dwell beyond the limit", level("hub", dwell_minutes=121.0), TOML,
          ("service.targets.region.limit", "(316)")),
    Wrong("budget of a leg without arcs", without("arcs", leg="utc-utc"), TOML,
          ("service.targets.same-day", "'utc-utc'", "no arcs")),
    Wrong("period asks a share of no target", record("periods", "2030", target_shares={"regions": 0.5}), TOML,
          ("periods.2030.target_shares.regions", "did you mean 'region'")),
    Wrong("period asks more than all", record("periods", "2030", target_shares={"region": 1.5}), TOML,
          ("periods.2030.target_shares.region", "not a share")),
    Wrong("periods overlap", record("periods", "2025", years=6.0), TOML,
          ("periods.2030.year", "before the end of '2025' (2031)")),
    Wrong("periods in reverse", record("periods", "2030", year=2019), TOML, ("periods.2030.year", "order of time")),
]  # fmt: skip

WRONGS = [*GOODS, *ORIGINS, *DESIGNS, *ARCS, *RULES, *TARGETS]
