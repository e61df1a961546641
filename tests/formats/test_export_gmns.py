"""The GMNS tables keep to the published specification and hold the plan's network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
import shapely

from hubopt.formats.exports.gmns import write_gmns
from hubopt.instance import InputError
from tests.formats.export_cases import on_a_map, over_periods, without_places

PUBLISHED: Mapping[str, Mapping[str, str]] = {
    "node": {
        "node_id": "any!", "name": "string", "x_coord": "number!", "y_coord": "number!", "z_coord": "number",
        "node_type": "string", "ctrl_type": "string", "zone_id": "any", "parent_node_id": "any",
    },
    "link": {
        "link_id": "any!", "name": "string", "from_node_id": "any!", "to_node_id": "any!", "directed": "boolean!",
        "geometry_id": "any", "geometry": "any", "parent_link_id": "any", "dir_flag": "integer", "length": "number",
        "grade": "number", "facility_type": "string", "capacity": "number", "free_speed": "number", "lanes": "integer",
        "bike_facility": "string", "ped_facility": "string", "parking": "string", "allowed_uses": "string",
        "toll": "number", "jurisdiction": "string", "row_width": "number",
    },
    "zone": {"zone_id": "any!", "name": "string", "boundary": "any", "super_zone": "string"},
    "config": {
        "dataset_name": "any", "short_length": "any", "long_length": "any", "speed": "any", "crs": "any",
        "geometry_field_format": "any", "currency": "any", "version_number": "number",
    },
}  # fmt: skip
"""Columns of the specification's tables with their types; ``!`` marks what every row must have."""

OWN = {"link": {"leg", "mode", "minutes"}}
"""Columns of our own, which the specification allows."""

PATTERNS = {
    "number": r"-?\d+(\.\d+)?([eE][-+]?\d+)?",
    "integer": r"-?\d+",
    "boolean": r"true|True|TRUE|1|false|False|FALSE|0",
}


@pytest.fixture(scope="module", params=[on_a_map, over_periods], ids=["tiny", "periods"])
def network(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[object, dict[str, pd.DataFrame]]:
    """A case with its tables as texts, as another tool reads them."""
    folder = tmp_path_factory.mktemp("gmns")
    case = request.param()
    write_gmns(case, folder, "en")
    return case, {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in folder.iterdir()}


def test_the_tables_have_the_published_columns(network: tuple[object, dict[str, pd.DataFrame]]) -> None:
    """No column but the specification's and ours, each cell of its type, what is required everywhere, keys unique."""
    _, tables = network
    for name, published in PUBLISHED.items():
        table = tables[name]
        assert set(table.columns) <= set(published) | OWN.get(name, set())
        assert {column for column, kind in published.items() if kind.endswith("!")} <= set(table.columns)
        for column, kind in published.items():
            if column not in table:
                continue
            filled = table.loc[table[column] != "", column]
            assert not kind.endswith("!") or len(filled) == len(table), (name, column)
            pattern = PATTERNS.get(kind.rstrip("!"))
            assert pattern is None or filled.str.fullmatch(pattern).all(), (name, column)
        if name != "config":
            assert table[f"{name}_id"].is_unique
    assert len(tables["config"]) == 1


def test_links_join_nodes_and_nodes_join_zones(network: tuple[object, dict[str, pd.DataFrame]]) -> None:
    """Foreign keys hold; a link's line runs from its first node to its second; speeds keep their limit."""
    _, tables = network
    nodes, links = tables["node"].set_index("node_id"), tables["link"]
    assert set(links["from_node_id"]) | set(links["to_node_id"]) <= set(nodes.index)
    assert set(nodes["zone_id"]) - {""} <= set(tables["zone"]["zone_id"])
    for link in links.itertuples():
        ends = [
            tuple(nodes.loc[node, ["x_coord", "y_coord"]].astype(float))
            for node in (link.from_node_id, link.to_node_id)
        ]
        assert list(shapely.from_wkt(link.geometry).coords) == [pytest.approx(end, abs=1e-6) for end in ends]
    speeds = links.loc[links["free_speed"] != "", "free_speed"].astype(float)
    assert speeds.between(0, 200).all() and (links["length"].astype(float) >= 0).all()
    assert set(tables["link_flow"]["link_id"]) == set(links["link_id"])


def test_goods_travel_in_their_direction(network: tuple[object, dict[str, pd.DataFrame]]) -> None:
    """Inbound goods go down the levels, outbound ones up; tonnes on links and at zones are the plan's."""
    case, tables = network
    outbound = {item.id for item in case.effective.structure.commodities if item.direction == "outbound"}  # type: ignore[attr-defined]
    flows = tables["link_flow"].astype({"t_d": float}).merge(tables["link"], on="link_id")
    for leg, rows in flows.groupby("leg"):
        upper = re.split("-", str(leg))[0]
        types = rows["from_node_id"].map(tables["node"].set_index("node_id")["node_type"])
        assert ((types != upper) == rows["commodity"].isin(outbound)).all()
    own = case.plan.flows.groupby(["period", "commodity"])["t_d"].sum()  # type: ignore[attr-defined]
    assert flows.groupby(["period", "commodity"])["t_d"].sum().to_dict() == pytest.approx(own[own > 0].to_dict())
    demand = tables["zone_demand"].astype({"t_d": float, "delivered_t_d": float})
    assert demand["t_d"].sum() == pytest.approx(case.report.zones["demand_t_d"].sum())  # type: ignore[attr-defined]
    assert demand["delivered_t_d"].sum() == pytest.approx(case.report.zones["delivered_t_d"].sum())  # type: ignore[attr-defined]


def test_a_network_needs_positions(tmp_path: Path) -> None:
    """A node without coordinates is refused with its name, as the specification requires them."""
    with pytest.raises(InputError, match="have no coordinates"):
        write_gmns(without_places(), tmp_path, "en")
