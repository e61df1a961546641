"""GMNS, the General Modeling Network Specification (0.95): nodes, links, zones and config as CSV tables.

A link is a way of the plan that carries goods, in the direction in which they travel. What the specification has no
column for stands in columns and tables of our own, which it allows: the tonnes on a link, the demand of a zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from hubopt.formats.exports.case import Case
from hubopt.instance import InputError, Problem
from hubopt.instance.write import write_csv

VERSION = "0.95"
"""Version of the specification that the tables follow."""

MARKERS = ("node.csv", "link.csv")
"""Files that tell such a folder."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "node": ("node_id", "name", "x_coord", "y_coord", "node_type", "zone_id"),
    "link": (
        "link_id", "name", "from_node_id", "to_node_id", "directed", "geometry", "dir_flag", "length", "facility_type",
        "free_speed",
    ),
    "zone": ("zone_id", "name", "boundary", "super_zone"),
    "config": (
        "dataset_name", "short_length", "long_length", "speed", "crs", "geometry_field_format", "currency",
        "version_number",
    ),
}  # fmt: skip
"""The specification's columns that are filled, by table."""

MOST_SPEED = 200.0
"""Fastest free speed (km/h) that the specification allows; a faster way has none."""


def _nodes(case: Case, lang: str) -> pd.DataFrame:
    """Gateways, sites that the plan uses, and zones; a zone's node belongs to the zone."""
    used = set(case.links["origin"]) | set(case.links["destination"]) | set(case.plan.facilities["site"])
    parts = []
    for kind, table in (
        ("gateway", case.instance.gateways),
        ("site", case.instance.sites),
        ("zone", case.instance.zones),
    ):
        own = table if kind != "site" else table[table["id"].isin(used)]
        types = own["level"] if kind == "site" else pd.Series(kind, index=own.index)
        zone = own["id"] if kind == "zone" else pd.Series("", index=own.index)
        part = {"node_id": own["id"], "x_coord": own["lon"], "y_coord": own["lat"], "node_type": types, "zone_id": zone}
        parts.append(pd.DataFrame(part))
    nodes = pd.concat(parts, ignore_index=True)
    nodes["name"] = [case.name(str(node), lang) for node in nodes["node_id"]]
    lost = nodes[nodes["x_coord"].isna() | nodes["y_coord"].isna()]
    if len(lost):
        message = f"{len(lost)} of {len(nodes)} places have no coordinates, such as {lost['node_id'].iloc[0]!r}"
        raise InputError([Problem(case.instance.info.id, message, "give them, as a GMNS node must have a position")])
    return nodes.sort_values("node_id", ignore_index=True)[list(COLUMNS["node"])]


def _directed_flows(case: Case) -> pd.DataFrame:
    """Flows with the end they start from (``from_node_id``) and the one they go to, by the commodity's direction."""
    outbound = {item.id for item in case.effective.structure.commodities if item.direction == "outbound"}
    flows = case.flows[case.flows["t_d"] > 0]
    back = flows["commodity"].isin(outbound)
    start = flows["destination"].where(back, flows["origin"])
    end = flows["origin"].where(back, flows["destination"])
    return flows.assign(from_node_id=start, to_node_id=end)


_LINK = ["leg", "from_node_id", "to_node_id", "mode"]


def _links(case: Case, nodes: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    links = flows.groupby(_LINK, as_index=False).agg(length=("km", "first"), minutes=("minutes", "first"))
    links = links.sort_values(["from_node_id", "to_node_id", "leg", "mode"], ignore_index=True)
    at = nodes.set_index("node_id")[["x_coord", "y_coord"]].astype(float)
    ends = np.stack([at.loc[links[f"{end}_node_id"]].to_numpy() for end in ("from", "to")], axis=1)
    hours = links["minutes"] / 60
    speed = (links["length"] / hours).where((hours > 0) & (links["length"] > 0))
    names = nodes.set_index("node_id")["name"]
    links["link_id"] = np.arange(1, len(links) + 1)
    links["name"] = names.loc[links["from_node_id"]].to_numpy() + " - " + names.loc[links["to_node_id"]].to_numpy()
    links["directed"] = True
    links["geometry"] = shapely.to_wkt(shapely.linestrings(ends), rounding_precision=7)
    links["dir_flag"] = 1
    links["facility_type"] = links["leg"]
    links["free_speed"] = speed.where(speed <= MOST_SPEED).round(3)
    return links


def _zones(case: Case, lang: str) -> pd.DataFrame:
    zones = case.instance.zones
    layer = case.instance.geometry.get("zones")
    shapes = (
        {} if layer is None or "id" not in layer else dict(zip(layer["id"].astype(str), layer.geometry, strict=True))
    )
    outlines = [
        shapely.to_wkt(shapes[str(name)], rounding_precision=7) if str(name) in shapes else "" for name in zones["id"]
    ]
    table = pd.DataFrame(
        {"zone_id": zones["id"], "name": [case.name(str(name), lang) for name in zones["id"]], "boundary": outlines}
    )
    return table.assign(super_zone="").sort_values("zone_id", ignore_index=True)[list(COLUMNS["zone"])]


def _config(case: Case) -> pd.DataFrame:
    values = (
        case.instance.info.id, "m", "km", "km/h", "EPSG:4326", "WKT", case.instance.info.currency, VERSION,
    )  # fmt: skip
    return pd.DataFrame([values], columns=list(COLUMNS["config"]))


def _demand(case: Case) -> pd.DataFrame:
    """Demand and what of it is delivered, by zone, commodity and period (t/d)."""
    direction = {item.id: item.direction for item in case.effective.structure.commodities}
    last = {item.id: item.legs[-1] for item in case.effective.structure.commodities}
    key = ["period", "zone", "commodity"]
    flows = case.plan.flows[case.plan.flows["leg"] == case.plan.flows["commodity"].map(last)]
    got = flows.rename(columns={"destination": "zone"}).groupby(key)["t_d"].sum().rename("delivered_t_d")
    demand = case.effective.demand.merge(got.reset_index(), on=key, how="left").fillna({"delivered_t_d": 0.0})
    demand = demand.assign(direction=demand["commodity"].map(direction)).rename(columns={"zone": "zone_id"})
    columns = ["zone_id", "period", "commodity", "direction", "t_d", "delivered_t_d"]
    return demand.sort_values(columns[:3], ignore_index=True)[columns]


def tables(case: Case, lang: str) -> dict[str, pd.DataFrame]:
    """The tables of a case by their file's name without suffix.

    Beside those of the specification: ``link_flow`` (tonnes a day on a link by period and commodity) and
    ``zone_demand``. The links have columns of our own after the specification's: ``leg``, ``mode`` and ``minutes``.

    Raises
    ------
    InputError
        If a place of the network has no coordinates.
    """
    nodes, flows = _nodes(case, lang), _directed_flows(case)
    links = _links(case, nodes, flows)
    carried = flows.merge(links[[*_LINK, "link_id"]], on=_LINK)
    carried = carried.groupby(["link_id", "period", "commodity"], as_index=False).agg(t_d=("t_d", "sum"))
    return {
        "node": nodes,
        "link": links[[*COLUMNS["link"], "leg", "mode", "minutes"]],
        "zone": _zones(case, lang),
        "config": _config(case),
        "link_flow": carried,
        "zone_demand": _demand(case),
    }


def write_gmns(case: Case, folder: Path, lang: str) -> None:
    """Write the tables of a case into ``folder``.

    Raises
    ------
    InputError
        If a place of the network has no coordinates.
    """
    for name, table in tables(case, lang).items():
        write_csv(table, folder / f"{name}.csv")
