"""Files from outside: links that lead out, pipes, bombs, disguised formats and queries are refused by name."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
from pathlib import Path

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from hubopt.instance import InputError, read_instance, read_policy
from hubopt.instance.features import no_network, read_features
from hubopt.instance.intake import LIMIT_VARIABLE, unfit, unfit_unpacked
from hubopt.instance.trees import json_of, toml_of


def refused(folder: Path, says: str) -> None:
    """The instance in ``folder`` is refused in words that hold ``says``."""
    with pytest.raises(InputError) as caught:
        read_instance(folder, notes=[])
    assert says in str(caught.value)


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    """A table, the structure or a layer that is a link to elsewhere is not followed; links within the folder are."""
    secret = tmp_path / "secret.csv"
    shutil.copy(folder / "zones.csv", secret)
    (folder / "zones.csv").unlink()
    (folder / "zones.csv").symlink_to(secret)
    refused(folder, "zones.csv: is a link that leads out of its folder")
    (folder / "zones.csv").unlink()
    shutil.copy(secret, folder / "zones-2025.csv.old")
    (folder / "zones.csv").symlink_to("zones-2025.csv.old")
    assert len(read_instance(folder).zones)
    (folder / "geometry").mkdir()
    (folder / "geometry" / "x.geojson").symlink_to("/etc/passwd")
    refused(folder, "geometry/x.geojson: is a link that leads out")
    shutil.rmtree(folder / "geometry")
    (folder / "instance.toml").unlink()
    (folder / "instance.toml").symlink_to("/etc/passwd")
    refused(folder, "instance.toml: is a link that leads out")


def test_pipes_devices_and_loops_are_refused(folder: Path) -> None:
    """What never ends is not begun: a pipe in place of a table, a device, a link to itself, a folder."""
    (folder / "zones.csv").unlink()
    os.mkfifo(folder / "zones.csv")
    refused(folder, "is not a file but a device or pipe")
    assert "device or pipe" in str(unfit(Path("/dev/zero")))
    (folder / "loop").symlink_to("loop")
    assert unfit(folder / "loop") is not None
    assert "is a folder" in str(unfit(folder))


def test_large_files_are_refused_before_they_are_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file above the limit is named with the way to raise it, packed ones by what they unpack to."""
    monkeypatch.setenv(LIMIT_VARIABLE, "1")
    (folder / "zones.csv").write_bytes(b"id\n" + b"z" * 1_100_000)
    refused(folder, f"takes more than 1 MB; give a smaller file, or raise {LIMIT_VARIABLE}")
    bomb = folder / "bomb.csv.gz"
    bomb.write_bytes(gzip.compress(b"0" * 3_000_000))
    assert bomb.stat().st_size < 10_000
    assert unfit(bomb) is None
    assert "takes more than 1 MB" in str(unfit_unpacked(bomb))


def test_repeated_values_in_parquet_are_counted_before_they_are_written_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kilobytes that stand for many rows, or for a long text many times, are refused as what they unpack to."""
    monkeypatch.setenv(LIMIT_VARIABLE, "20")
    (folder / "arcs.csv").unlink()
    pq.write_table(pa.table({"km": pa.array([1.0]).take(pa.array([0] * 1_000_000))}), folder / "arcs.parquet")
    assert (folder / "arcs.parquet").stat().st_size < 20_000
    refused(folder, "arcs.parquet: takes more than 20 MB")
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), pa.array(["x" * 100_000]))
    pq.write_table(pa.table({"leg": long}), folder / "arcs.parquet")
    refused(folder, "arcs.parquet: takes more than 20 MB")


def test_deep_nesting_is_a_problem() -> None:
    """Thousands of brackets, and numbers of thousands of digits, are problems of the file."""
    for text in ("x = " + "[" * 5000 + "]" * 5000, "x = " + "[" * 100 + "]" * 100, "x = " + "9" * 5000):
        assert "a.toml: is n" in str(toml_of(text, "a.toml"))
    for text in ("[" * 100_000, "[" * 100 + "]" * 100, "9" * 5000):
        assert "a.json: is n" in str(
            json_of(text, "a.json", "mend it").__class__ and json_of(text, "a.json", "mend it")
        )


def test_a_policy_of_another_kind_is_named(tmp_path: Path) -> None:
    """A missing policy, a folder and bytes in place of one are problems."""
    for path, says in ((tmp_path / "none.toml", "no such file"), (tmp_path, "is a folder")):
        with pytest.raises(InputError, match=says):
            read_policy(path)


def shapes(path: Path) -> Path:
    """A file with one square."""
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(113, 22, 114, 23)], crs=4326).to_file(path)
    return path


DISGUISED = {
    "virtual dataset": (
        "zones.geojson",
        "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>",
        "does not begin as GeoJSON does",
    ),
    "virtual dataset by name": ("zones.vrt", "<OGRVRTDataSource/>", "is of no format that is read"),
    "text": ("zones.gpkg", "id,geom", "does not begin as GeoPackage does"),
    "address": (
        "zones.geojson",
        json.dumps(
            {"type": "FeatureCollection", "crs": {"type": "link", "properties": {"href": "http://127.0.0.1:9/"}}}
        ),
        "names an address for its coordinate reference system",
    ),
}


@pytest.mark.parametrize("name", DISGUISED)
def test_other_formats_in_disguise_are_refused(tmp_path: Path, name: str) -> None:
    """A file that names other files or addresses is refused, whatever it is called."""
    file, content, says = DISGUISED[name]
    (tmp_path / file).write_text(content)
    with pytest.raises(InputError, match=says):
        read_features(tmp_path / file)


def test_a_layer_that_is_a_query_is_refused(tmp_path: Path) -> None:
    """A GeoPackage whose layer is a view, which may never end, is refused; plain ones are read."""
    file = shapes(tmp_path / "a.gpkg")
    assert len(read_features(file)) == 1
    with sqlite3.connect(file) as package:
        package.execute('ALTER TABLE "a" RENAME TO "hidden"')
        package.execute(
            'CREATE VIEW "a" AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) '
            "SELECT i AS fid, NULL AS geom FROM n"
        )
    package.close()
    with pytest.raises(InputError, match="a layer that is a query, 'a'"):
        read_features(file)


def test_gdal_has_no_network_while_it_reads(tmp_path: Path) -> None:
    """The options that keep GDAL from the network hold while a file is read, and only then."""
    before = pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY")
    with no_network():
        assert pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY") == "127.0.0.1:9"
    assert pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY") == before
    assert read_features(shapes(tmp_path / "a.geojson")).crs == 4326
