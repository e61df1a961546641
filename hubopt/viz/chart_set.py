"""The charts that a result has, made from its tables: what the charts command, the report and the dossier draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from hubopt.check import Report
from hubopt.instance.types import LEVELS, Instance
from hubopt.solution.types import Plan
from hubopt.texts import Texts
from hubopt.viz import accounts, charts
from hubopt.viz.base import region_names
from hubopt.viz.numbers import Numbers
from hubopt.viz.plotting import Chart
from hubopt.viz.sankey import Band, sankey_chart
from hubopt.viz.service import demand_table, weighed, zone_rows
from hubopt.viz.style import END_COLOURS
from hubopt.viz.subject import Subject
from hubopt.viz.values import names_of, rows_of, text

Record = dict[str, Any]

ALONE = 10
"""Most gateways, and most hubs, that have a band of their own in the chart of flows."""

_NO_LIMITS: list[tuple[str, float]] = []

REST = "\1rest"
"""Key of the gateways or hubs that share a band."""


def charts_of(subject: Subject, lang: str) -> tuple[Chart, ...]:
    """Every chart that the result has, in the order of the report; without a plan only those of the proof."""
    return tuple(chart for chart in _charts(subject, Texts(lang)) if chart is not None)


def _charts(subject: Subject, texts: Texts) -> Iterator[Chart | None]:
    instance, proof = subject.instance, subject.solution.proof
    numbers = Numbers(texts, instance.info.currency)
    if subject.found is not None:
        plan, report = subject.found
        yield charts.cost_chart(accounts.cost(report), texts, numbers)
        if len(instance.structure.periods) > 1:
            yield charts.cost_periods_chart(subject.costs, texts, numbers)
        yield charts.land_chart(_land(instance, report, texts), texts, numbers)
        yield charts.utilisation_chart(_use(instance, report), texts, numbers)
        yield charts.service_chart(_service(instance, report, texts), texts, numbers)
        yield sankey_chart(_bands(instance, plan), _band_names(instance, plan, texts), texts, numbers)
    yield charts.trace_chart(proof.trace, texts, numbers)
    yield charts.gap_chart(proof.trace, proof.gap_asked, texts, numbers)


def _standing(instance: Instance, report: Report) -> pd.DataFrame:
    rows = report.facilities
    return rows[(rows["period"] == accounts.last_period(instance)) & (rows["modules"] > 0)]


def _region(regions: Mapping[str, Mapping[str, str]], name: str, texts: Texts) -> str:
    return regions[name][texts.lang] if name in regions else name


def _land(instance: Instance, report: Report, texts: Texts) -> list[Record]:
    """Land (ha) by level of each district that has sites, with its limit."""
    rows = _standing(instance, report)
    districts = instance.sites.set_index("id")["district"].map(text)
    sums = rows.groupby([rows["site"].map(districts), "level"])["land_ha"].sum()
    regions = region_names(instance.geometry)
    return [
        {
            "name": _region(regions, row["id"], texts),
            "limit": row["limit"],
            **{level: float(sums.get((row["id"], level), 0.0)) for level in LEVELS},
        }
        for row in accounts.land(instance, report)
        if row["scope"] == "district"
    ]


def _use(instance: Instance, report: Report) -> dict[str, list[float]]:
    rows = _standing(instance, report)
    return {level: [float(value) for value in rows.loc[rows["level"] == level, "utilisation"]] for level in LEVELS}


def _service(instance: Instance, report: Report, texts: Texts) -> list[Record]:
    """Minutes from the transfer centre to the door, and km to the nearest centre and station, weighed by demand."""
    period = accounts.last_period(instance)
    zones, demand = zone_rows(report, period), demand_table(instance, period)
    zones = zones.reindex(demand.index)
    targets = [item for item in instance.structure.service.targets if item.kind == "access" and item.measure == "km"]
    by_time = (
        "delivery_minutes",
        texts("chart.service-minutes"),
        demand.sum(axis=1),
        _NO_LIMITS,
        END_COLOURS["gateway"],
    )
    measures = [by_time]
    for level in ("utc", "station"):
        own = [item for item in targets if item.level == level]
        weights = weighed(instance, demand, own[0]) if own else demand.sum(axis=1)
        label = texts("chart.service-km", level=texts(f"leg-end.{level}"))
        limits = [(texts("chart.service-limit"), item.limit) for item in own[:1]]
        measures.append((f"nearest_{level}_km", label, weights, limits, END_COLOURS[level]))
    found = []
    for column, label, weights, limits, colour in measures:
        values = zones[column].astype(float) if column in zones else pd.Series(dtype=float)
        known = values.notna() & (weights.reindex(values.index) > 0)
        if known.any():
            record = {"label": label, "values": values[known].to_numpy(), "weights": weights[known].to_numpy()}
            found.append({**record, "limits": limits, "colour": colour})
    return found


def _grouped(instance: Instance, plan: Plan) -> dict[str, dict[str, str]]:
    """The band of each place by level and id: the largest gateways and hubs alone, the rest by district."""
    flows = plan.flows[plan.flows["period"] == accounts.last_period(instance)]
    groups: dict[str, dict[str, str]] = {}
    for level, table in (("gateway", instance.gateways), ("hub", instance.sites[instance.sites["level"] == "hub"])):
        ids = [str(name) for name in table["id"]]
        own = (
            flows[flows["origin"].isin(ids)].groupby("origin")["t_d"].sum().sort_values(ascending=False, kind="stable")
        )
        alone = set(own.index if len(own) <= ALONE + 1 else own.index[:ALONE])
        groups[level] = {name: name if name in alone else REST for name in ids}
    for level in ("utc", "station", "zone"):
        table = instance.zones if level == "zone" else instance.sites[instance.sites["level"] == level]
        groups[level] = {str(row["id"]): text(row.get("district")) or text(row.get("city")) for row in rows_of(table)}
    return groups


def _bands(instance: Instance, plan: Plan) -> list[Band]:
    """Flows of the last period between the groups of two levels."""
    groups = _grouped(instance, plan)
    flows = plan.flows[plan.flows["period"] == accounts.last_period(instance)]
    found = []
    for leg, rows in flows.groupby("leg", sort=True):
        upper, _, lower = str(leg).partition("-")
        table = rows.assign(
            origin=rows["origin"].map(groups[upper]), destination=rows["destination"].map(groups[lower])
        )
        sums = table.groupby(["origin", "destination"], sort=True)["t_d"].sum().reset_index()
        for row in rows_of(sums):
            found.append(Band(upper, lower, str(row["origin"]), str(row["destination"]), float(row["t_d"])))
    return found


def _band_names(instance: Instance, plan: Plan, texts: Texts) -> dict[tuple[str, str], str]:
    regions = region_names(instance.geometry)
    places = {
        str(row["id"]): names_of(row)[texts.lang]
        for table in (instance.gateways, instance.sites)
        for row in rows_of(table)
    }
    used = set(plan.flows["origin"])
    names: dict[tuple[str, str], str] = {}
    for level, groups in _grouped(instance, plan).items():
        rest = sum(group == REST for name, group in groups.items() if name in used)
        for group in set(groups.values()):
            if group == REST:
                names[level, group] = texts("chart.others", count=rest)
            else:
                names[level, group] = places[group] if level in ("gateway", "hub") else _region(regions, group, texts)
    return names
