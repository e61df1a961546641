"""What there is to export: a result with its instance, joined into tables that say everything by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from hubopt.check import Report, check
from hubopt.instance import Instance, apply
from hubopt.solution import Plan, Solution
from hubopt.viz.service import zone_states

NOT_CHOSEN = "not-chosen"
"""What the plan does with a candidate that it leaves alone."""

_PLACE = ("name_en", "name_zh", "city", "district", "lon", "lat")


@dataclass(frozen=True)
class Case:
    """A result with its plan and its instance; ``report`` is the checker's account of the plan."""

    instance: Instance
    solution: Solution
    plan: Plan
    report: Report

    @cached_property
    def effective(self) -> Instance:
        """The instance with the changes of the result's policy."""
        return apply(self.instance, self.solution.policy)

    @cached_property
    def places(self) -> pd.DataFrame:
        """Names and position (``lon``, ``lat``; WGS84) of every gateway, site and zone, by id."""
        tables = [self.instance.gateways, self.instance.sites, self.instance.zones]
        return pd.concat([table.set_index("id")[list(_PLACE)] for table in tables])

    @property
    def last(self) -> str:
        """Id of the last period."""
        return self.effective.structure.periods[-1].id

    def name(self, identifier: str, lang: str) -> str:
        """Name of a place in a language; the other language's or the id where there is none."""
        if identifier not in self.places.index:
            return identifier
        row = self.places.loc[identifier]
        own, other = ("name_zh", "name_en") if lang == "zh" else ("name_en", "name_zh")
        return str(row[own] or row[other] or identifier)

    @cached_property
    def facilities(self) -> pd.DataFrame:
        """The plan's facilities with the names, type and position of their sites."""
        sites = self.instance.sites[["id", *_PLACE, "hub_type", "parcel"]].rename(columns={"id": "site"})
        return self.plan.facilities.merge(sites, on="site", how="left")

    @cached_property
    def flows(self) -> pd.DataFrame:
        """The plan's flows with ``km``, ``minutes`` and ``t_km_d`` (tonne-kilometres a day) of their arcs."""
        key = ["leg", "origin", "destination", "mode"]
        arcs = self.effective.arcs[[*key, "km", "minutes", "toll_cny_t"]]
        rows = self.plan.flows.merge(arcs, on=key, how="left")
        return rows.assign(t_km_d=rows["t_d"] * rows["km"])

    @cached_property
    def links(self) -> pd.DataFrame:
        """One row per period, leg, pair and mode: ``t_d`` in all and ``t_d.COMMODITY`` each, ``km``, ``minutes``."""
        key = ["period", "leg", "origin", "destination", "mode"]
        flows = self.flows[self.flows["t_d"] > 0]
        wide = flows.pivot_table(index=key, columns="commodity", values="t_d", aggfunc="sum", fill_value=0.0)
        order = [item.id for item in self.effective.structure.commodities if item.id in wide]
        ways = flows.groupby(key)[["km", "minutes"]].first()
        total = pd.DataFrame({"t_d": wide.sum(axis=1)})
        return total.join(ways).join(wide[order].add_prefix("t_d.")).reset_index()

    @cached_property
    def zones(self) -> pd.DataFrame:
        """Zones by period: place, what they get, how far they have it (the checker's table), ``state`` in a word."""
        columns = ["id", *_PLACE, "area_km2", "population"]
        rows = self.report.zones.merge(self.instance.zones[columns], left_on="zone", right_on="id").drop(columns="id")
        states = {period: zone_states(self.effective, self.report, str(period)) for period in rows["period"].unique()}
        state = [states[period][zone] for period, zone in zip(rows["period"], rows["zone"], strict=True)]
        return rows.assign(state=state)

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """Every candidate site with what the plan does there in the last period (``status``)."""
        chosen = self.plan.facilities[self.plan.facilities["period"] == self.last].set_index("site")
        table = self.instance.sites.copy()
        table["status"] = table["id"].map(chosen["action"]).fillna(NOT_CHOSEN).astype("str")
        for column in ("design", "modules", "throughput_t_d", "utilisation"):
            table[column] = table["id"].map(chosen[column])
        return table

    @cached_property
    def gateways(self) -> pd.DataFrame:
        """Gateways with what goes in and out through them in the last period (``inbound_t_d``, ``outbound_t_d``)."""
        direction = {item.id: item.direction for item in self.effective.structure.commodities}
        flows = self.plan.flows[self.plan.flows["period"] == self.last]
        ways = flows["commodity"].map(direction)
        table = self.instance.gateways.copy()
        for word in ("inbound", "outbound"):
            amounts = flows[ways == word].groupby("origin")["t_d"].sum()
            table[f"{word}_t_d"] = table["id"].map(amounts).fillna(0.0).astype(float)
        return table

    @cached_property
    def land(self) -> pd.DataFrame:
        """Land by period, scope and place: ``used_ha`` by facilities, and ``limit_ha``, missing where none is set."""
        rows = self.facilities
        parcels = rows["parcel"].where(rows["parcel"] != "", rows["site"])
        keys = {"parcel": parcels, "district": rows["district"], "city": rows["city"]}
        parts = [
            rows.groupby(["period", key.rename("id")])["land_ha"]
            .sum()
            .rename("used_ha")
            .reset_index()
            .assign(scope=scope)
            for scope, key in keys.items()
        ]
        total = (
            rows.groupby("period")["land_ha"].sum().rename("used_ha").reset_index().assign(scope="total", id="total")
        )
        used = pd.concat([total, *parts])
        limits = self.effective.land[["scope", "id", "limit_ha", "source", "reliability"]]
        periods = pd.DataFrame({"period": [item.id for item in self.effective.structure.periods]})
        table = limits.merge(periods, how="cross").merge(used, on=["period", "scope", "id"], how="outer")
        shown = table["limit_ha"].notna() | table["scope"].isin(["total", "city", "district"])
        table = table[shown & (table["id"] != "")]
        table["used_ha"] = table["used_ha"].fillna(0.0)
        order = table["scope"].map({"total": 0, "city": 1, "district": 2, "parcel": 3})
        table = table.assign(order=order).sort_values(["period", "order", "id"]).drop(columns="order")
        return table.reset_index(drop=True)


def case_of(instance: Instance, solution: Solution, plan: Plan) -> Case:
    """The case of a result of ``instance``; the checker is asked for the service of the zones."""
    report = check(
        instance, solution.policy, plan, cost=solution.cost, objective=solution.proof.objective, kpi=solution.kpi
    )
    return Case(instance, solution, plan, report)
