"""GeoPackage and GeoJSON hold the plan, say how it is drawn and whom to credit."""

from __future__ import annotations

import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.formats.exports.case import Case
from hubopt.formats.exports.geojson import feature_collection, write_geojson
from hubopt.formats.exports.geopackage import write_geopackage
from hubopt.formats.exports.qgis import qml, sld
from hubopt.formats.exports.symbols import Class, Style, Symbol
from hubopt.instance import InputError
from hubopt.solution.schema import FACILITIES
from hubopt.texts import LANGUAGES, Texts
from tests.formats.export_cases import on_a_map, over_periods, under_attack, without_places

OGC = "{http://www.opengis.net/ogc}"
NAMES = ["districts", "zones", "flows", "sites", "site_points", "gateways", "facilities"]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gpkg") / "plan.gpkg"
    assert write_geopackage(on_a_map(), path, "en") == NAMES
    return path


def styles(path: Path) -> pd.DataFrame:
    with closing(sqlite3.connect(path)) as file:
        return pd.read_sql("SELECT * FROM layer_styles", file)


def same_facilities(found: pd.DataFrame, case: Case) -> None:
    """Every column of the plan's facilities is there with the same cells."""
    for column in FACILITIES.columns:
        own, other = case.plan.facilities[column.name], found[column.name]
        if column.kind in ("float", "int"):
            assert other.astype(float).tolist() == pytest.approx(own.astype(float).tolist(), rel=1e-14, nan_ok=True)
        else:
            assert other.fillna("").tolist() == own.tolist()


def same_flows(found: pd.DataFrame, case: Case) -> None:
    """The columns of the commodities give back the flows."""
    by = [str(name) for name in found.columns if str(name).startswith("t_d.")]
    key = ["period", "leg", "origin", "destination", "mode"]
    long = found.melt(key, by, "commodity", "amount").query("amount > 0")
    long["commodity"] = long["commodity"].str.removeprefix("t_d.")
    amounts = long.set_index([*key, "commodity"])["amount"].astype(float).sort_index()
    own = case.plan.flows.query("t_d > 0").set_index([*key, "commodity"])["t_d"].sort_index()
    assert amounts.index.tolist() == own.index.tolist()
    assert amounts.tolist() == pytest.approx(own.tolist(), rel=1e-14)
    assert found["t_d"].sum() == pytest.approx(own.sum())


def test_the_package_gives_the_plan_back(package: Path) -> None:
    """Facilities, flows and gateways read from the file are those of the plan, where they are."""
    case = on_a_map()
    facilities = gpd.read_file(package, layer="facilities")
    same_facilities(facilities, case)
    assert facilities.crs.to_epsg() == 4326
    places = case.places.loc[facilities["site"]]
    assert facilities.geometry.x.tolist() == pytest.approx(places["lon"].tolist())
    flows = gpd.read_file(package, layer="flows")
    same_flows(flows, case)
    first = flows.iloc[0]
    ends = [tuple(case.places.loc[first[end], ["lon", "lat"]]) for end in ("origin", "destination")]
    assert list(first.geometry.coords) == ends
    zones = gpd.read_file(package, layer="zones")
    assert zones["delivered_t_d"].sum() == pytest.approx(case.report.zones["delivered_t_d"].sum())
    gateways = gpd.read_file(package, layer="gateways")
    top = case.plan.flows[case.plan.flows["origin"].isin(gateways["id"])]
    assert (gateways["inbound_t_d"] + gateways["outbound_t_d"]).sum() == pytest.approx(top["t_d"].sum())


def test_every_candidate_is_in_one_of_its_layers(package: Path) -> None:
    """Those with an area are areas, the others points; each says what the plan does there."""
    case = on_a_map()
    areas, points = (gpd.read_file(package, layer=name) for name in ("sites", "site_points"))
    assert areas["id"].tolist() == ["u-east"] and set(areas.geom_type) == {"MultiPolygon"}
    assert sorted([*areas["id"], *points["id"]]) == sorted(case.instance.sites["id"])
    status = dict(zip([*areas["id"], *points["id"]], [*areas["status"], *points["status"]], strict=True))
    actions = case.plan.facilities.set_index("site")["action"].to_dict()
    assert status == {site: actions.get(site, "not-chosen") for site in case.instance.sites["id"]}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_layer_has_a_style_that_covers_it(lang: str, tmp_path: Path) -> None:
    """Each layer has one default style as QML and SLD; each value in it has a class with a symbol and a label."""
    path = tmp_path / "p.gpkg"
    names = write_geopackage(on_a_map(), path, lang)
    table = styles(path)
    assert table.loc[table["useAsDefault"] == 1, "f_table_name"].tolist() == names
    for row in table.itertuples():
        layer = gpd.read_file(path, layer=row.f_table_name)
        assert row.f_geometry_column == "geom"
        root = ET.fromstring(row.styleQML.partition("\n")[2])
        renderer = root.find("renderer-v2")
        assert renderer is not None
        symbols = {item.get("name") for item in renderer.findall("symbols/symbol")}
        classes = [*renderer.findall("categories/category"), *renderer.findall("ranges/range")]
        assert {item.get("symbol") for item in classes} <= symbols and symbols
        if lang == "zh":
            assert all(re.search(r"[\u3400-\u9fff]", item.get("label", "")) for item in classes)
        if renderer.get("type") == "categorizedSymbol":
            assert set(layer[renderer.get("attr")]) <= {item.get("value") for item in classes}
        if renderer.get("type") == "graduatedSymbol":
            ends = [(float(item.get("lower", "")), float(item.get("upper", ""))) for item in classes]
            assert all(one[1] == other[0] for one, other in pairwise(ends))
            assert ends[0][0] <= layer[renderer.get("attr")].min() and layer[renderer.get("attr")].max() <= ends[-1][1]
        described = ET.fromstring(row.styleSLD)
        columns = {item.text for item in described.iter(f"{OGC}PropertyName")}
        assert columns <= set(layer.columns)
        assert len(list(described.iter("{http://www.opengis.net/sld}Rule"))) == max(1, len(classes))


def test_the_package_credits_its_sources(package: Path) -> None:
    """OpenStreetMap and its licence are named in the metadata, and so is the instance."""
    metadata = pyogrio.read_info(package, layer="zones")["dataset_metadata"]
    assert metadata["ATTRIBUTION"] == Texts("en")("sheet.credit") and "ODbL" in metadata["ATTRIBUTION"]
    assert metadata["INSTANCE_SHA256"] == on_a_map().solution.proof.instance_sha256


def test_the_same_case_gives_the_same_package(package: Path, tmp_path: Path) -> None:
    """Two files of one case are equal byte for byte, and the database is sound."""
    write_geopackage(on_a_map(), tmp_path / "again.gpkg", "en")
    assert package.read_bytes() == (tmp_path / "again.gpkg").read_bytes()
    with closing(sqlite3.connect(package)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        known = {row[0] for row in file.execute("SELECT table_name FROM gpkg_contents")}
    assert known == {*NAMES, "layer_styles"}


def test_attacks_in_names_stay_names(tmp_path: Path) -> None:
    """Names that hold markup, quotes or SQL are read back as they are."""
    case = under_attack()
    write_geopackage(case, tmp_path / "p.gpkg", "en")
    facilities = gpd.read_file(tmp_path / "p.gpkg", layer="facilities")
    assert facilities["name_en"].tolist() == case.facilities["name_en"].tolist()
    for row in styles(tmp_path / "p.gpkg").itertuples():
        assert "hacked" not in row.styleQML + row.styleSLD


XML_TEXT = st.text(st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\x7f\ufffe\uffff"), max_size=30)


@given(label=XML_TEXT, value=XML_TEXT, column=XML_TEXT.filter(bool))
@settings(max_examples=50, deadline=None)
def test_styles_escape_what_they_are_given(label: str, value: str, column: str) -> None:
    """Labels, values and columns come back from QML and SLD as they went in, whatever they hold."""
    one = Class(label, Symbol("marker", "#112233"), value)
    style = Style("s", "categorized", (one,), column, size_by=column, size_most=10.0, label_by=column)
    root = ET.fromstring(qml(style).partition("\n")[2])
    category = root.find("renderer-v2/categories/category")
    assert category is not None and (category.get("label"), category.get("value")) == (label, value)
    text = root.find("labeling/settings/text-style")
    assert text is not None and text.get("fieldName") == column
    described = ET.fromstring(sld(style, "layer"))
    assert [item.text or "" for item in described.iter(f"{OGC}Literal")] == [value]


def test_a_case_without_places_has_no_package(tmp_path: Path) -> None:
    """Without coordinates there is nothing to draw, which is said."""
    with pytest.raises(InputError, match="no coordinates"):
        write_geopackage(without_places(), tmp_path / "p.gpkg", "en")


def walk(coordinates: Any) -> list[list[float]]:
    """All positions of a geometry."""
    if coordinates and isinstance(coordinates[0], float):
        return [coordinates]
    return [position for part in coordinates for position in walk(part)]


@pytest.mark.parametrize("case", [on_a_map, under_attack, over_periods, without_places])
def test_geojson_keeps_to_its_standard(case: Any, tmp_path: Path) -> None:
    """RFC 7946: strict JSON, no crs, longitude first in degrees, shells counterclockwise, every feature whole."""
    path = tmp_path / "p.geojson"
    write_geojson(case(), path, "en")

    def refuse(word: str) -> None:
        raise AssertionError(word)

    content = json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)
    assert content["type"] == "FeatureCollection" and "crs" not in content
    for feature in content["features"]:
        assert set(feature) == {"type", "geometry", "properties"} and feature["type"] == "Feature"
        shape = feature["geometry"]
        if shape is None:
            continue
        assert all(113 < lon < 115 and 22 < lat < 23 for lon, lat in walk(shape["coordinates"]))
        if shape["type"] == "MultiPolygon":
            for rings in shape["coordinates"]:
                assert shapely.LinearRing(rings[0]).is_ccw and not any(shapely.LinearRing(r).is_ccw for r in rings[1:])
    facilities = [item["properties"] for item in content["features"] if item["properties"]["layer"] == "facilities"]
    same_facilities(pd.DataFrame(facilities), case())


def test_geojson_gives_the_flows_back() -> None:
    """The links' tonnes by commodity are the plan's flows, and the credit is there."""
    content = feature_collection(on_a_map(), "zh")
    rows = [item["properties"] for item in content["features"] if item["properties"]["layer"] == "flows"]
    same_flows(pd.DataFrame(rows), on_a_map())
    assert content["attribution"] == Texts("zh")("sheet.credit")
