from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from hubopt.instance import InputError, Instance, Policy, apply, frame, read_instance, sha256, validate, write_instance
from hubopt.instance.frames import in_order
from tests.cases import random_case, tiny
from tests.instance.whole_city import whole

TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffd\ufeff"), min_size=1, max_size=20
).map(lambda text: text.strip() or "x")
FIGURE = st.floats(0, 1e12, allow_nan=False) | st.sampled_from([0.1, 1 / 3, 1e-300, 123456789.123456789])


def written_and_read(instance: Instance, **options: object) -> Instance:
    with tempfile.TemporaryDirectory() as scratch:
        write_instance(instance, Path(scratch) / "case", **options)  # type: ignore[arg-type]
        return read_instance(Path(scratch) / "case")


@pytest.mark.parametrize("arcs", ["csv", "parquet"])
def test_what_is_written_is_read_again(arcs: str) -> None:
    """Writing and reading give the same instance, whatever the format of the arcs."""
    assert written_and_read(tiny(), arcs=arcs) == tiny()


@pytest.mark.parametrize("arcs", ["csv", "parquet"])
def test_a_whole_plan_is_read_again(arcs: str) -> None:
    """Periods, in-city goods, exchange, terminals and every rule on the network survive the files."""
    assert written_and_read(whole(), arcs=arcs) == whole()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_random_cases_come_back(seed: int) -> None:
    """Random cases are valid and come back with the same digest."""
    case = random_case(seed)
    assert validate(case) == []
    again = written_and_read(case)
    assert again == case
    assert sha256(again) == sha256(case)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, FIGURE, FIGURE), min_size=1, max_size=5))
def test_any_text_and_any_figure_come_back(rows: list[tuple[str, str, float, float]]) -> None:
    """Names in any script, with commas, quotes and line ends, and floats to the last digit survive the files."""
    zones = frame(
        "zones",
        [
            {"id": f"z{number}", "name_en": english, "name_zh": chinese, "population": population, "area_km2": area}
            for number, (english, chinese, population, area) in enumerate(rows)
        ],
    )
    case = tiny().with_tables(
        zones=zones,
        demand=frame("demand", [{"zone": "z0", "commodity": "parcel", "period": "2025", "t_d": rows[0][2]}]),
        arcs=tiny().arcs[~tiny().arcs["leg"].str.endswith("-zone")],
    )
    arcs = frame(
        "arcs",
        [
            {"leg": leg, "origin": site, "destination": "z0", "mode": "van", "km": rows[0][3], "minutes": 1.0}
            for leg, site in (("utc-zone", "u-mid"), ("station-zone", "s1"))
        ],
    )
    case = case.with_tables(arcs=in_order("arcs", pd.concat([case.arcs, arcs], ignore_index=True)))
    assert written_and_read(case) == case


def test_figures_with_a_source_stand_in_parameters_only(tmp_path: Path) -> None:
    """instance.toml does not repeat a figure that parameters.csv gives."""
    write_instance(tiny(), tmp_path / "case")
    toml = (tmp_path / "case" / "instance.toml").read_text(encoding="utf-8")
    assert "carbon_price_cny_t" not in toml
    assert 'name_zh = "可手工核算的小城"' in toml


def test_byte_order_mark_and_windows_lines_are_read(folder: Path) -> None:
    """Files saved by a spreadsheet on Windows give the same instance."""
    for path in [*folder.glob("*.csv"), folder / "instance.toml"]:
        text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_instance(folder) == tiny()


def test_layers_are_read_and_take_no_part(tmp_path: Path) -> None:
    """Map layers come back in WGS84 with their columns, and do not change the digest."""
    layer = gpd.GeoDataFrame({"id": ["a"], "name_zh": ["福田"]}, geometry=[Point(114.05, 22.54)], crs=4326)
    case = Instance(**{**vars(tiny()), "geometry": {"districts": layer.to_crs(32649)}})
    write_instance(case, tmp_path / "case")
    again = read_instance(tmp_path / "case")
    assert again.geometry["districts"]["name_zh"].tolist() == ["福田"]
    assert again.geometry["districts"].geometry.iloc[0].distance(Point(114.05, 22.54)) < 1e-6
    assert sha256(again) == sha256(tiny())
    assert read_instance(tmp_path / "case", geometry=False).geometry == {}


def test_layers_in_metres_are_refused(folder: Path) -> None:
    """A layer whose coordinates are not degrees is named with its mend."""
    layer = gpd.GeoDataFrame({"id": ["a"]}, geometry=[Point(2e5, 2.5e6)], crs=4326)
    (folder / "geometry").mkdir()
    layer.to_file(folder / "geometry" / "zones.geojson", driver="GeoJSON")
    with pytest.raises(InputError, match=r"zones.geojson.*reproject"):
        read_instance(folder)


def test_optional_tables_may_be_absent(folder: Path) -> None:
    """A case without gateways, existing facilities, land limits and parameters needs no such files."""
    case = random_case(0)
    case = case.with_tables(**{name: frame(name, []) for name in ("gateways", "admissions", "existing", "land")})
    case = case.with_tables(arcs=case.arcs[case.arcs["leg"] != "gateway-hub"].reset_index(drop=True))
    write_instance(case, folder.parent / "small")
    files = {path.name for path in (folder.parent / "small").iterdir()}
    assert files == {"instance.toml", "sites.csv", "zones.csv", "demand.csv", "arcs.parquet"}
    assert read_instance(folder.parent / "small") == case


def test_an_instance_with_problems_is_not_written(tmp_path: Path) -> None:
    """Writing refuses an unsound instance, here one whose figures a policy has changed away from their source."""
    changed = apply(tiny(), Policy(carbon_price_cny_t=500))
    with pytest.raises(InputError, match="differs from the figure in use"):
        write_instance(changed, tmp_path / "case")
    assert list(tmp_path.iterdir()) == []


def test_an_instance_without_a_column_is_named() -> None:
    """A table made in Python without the schema's columns is a problem, not a crash."""
    problems = validate(tiny().with_tables(zones=tiny().zones.drop(columns="lat")))
    assert [problem.file for problem in problems] == ["zones.csv"]
