"""What can be wrong with an instance folder: a change to the folder of ``tiny``, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

Change = Callable[[Path], object]


@dataclass(frozen=True)
class Defect:
    """A named defect; the message must come from ``file`` and hold all of ``says``."""

    name: str
    change: Change
    file: str
    says: tuple[str, ...]


def replace(file: str, old: str, new: str) -> Change:
    """Replace text that must be there, once."""

    def change(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def append(file: str, row: str) -> Change:
    """Add a row at the end."""

    def change(folder: Path) -> None:
        with (folder / file).open("a", encoding="utf-8") as stream:
            stream.write(row + "\n")

    return change


def rewrite(file: str, how: Callable[[str], bytes]) -> Change:
    """Write a file anew as bytes made from its text."""

    def change(folder: Path) -> None:
        (folder / file).write_bytes(how((folder / file).read_text(encoding="utf-8")))

    return change


def remove(file: str) -> Change:
    """Take a file away."""
    return lambda folder: (folder / file).unlink()


def rename(file: str, new: str) -> Change:
    """Give a file another name."""

    def change(folder: Path) -> None:
        (folder / file).rename(folder / new)

    return change


def both(*changes: Change) -> Change:
    """Several changes."""

    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


def without_column(file: str, name: str) -> Change:
    """Drop a column of a CSV file."""

    def how(text: str) -> bytes:
        rows = [line.split(",") for line in text.splitlines()]
        at = rows[0].index(name)
        return "\n".join(",".join(row[:at] + row[at + 1 :]) for row in rows).encode()

    return rewrite(file, how)


def cell(file: str, key: str, column: str, value: str) -> Change:
    """Set the cell of ``column`` in the first row that starts with ``key``."""

    def how(text: str) -> bytes:
        lines = text.splitlines()
        at = lines[0].split(",").index(column)
        for number, line in enumerate(lines):
            if line.startswith(key + ","):
                cells = line.split(",")
                cells[at] = value
                lines[number] = ",".join(cells)
                return ("\n".join(lines) + "\n").encode()
        raise AssertionError(f"no row {key!r} in {file}")

    return rewrite(file, how)


def as_parquet(folder: Path) -> None:
    """Arcs as Parquet beside the CSV file."""
    pq.write_table(pyarrow.csv.read_csv(folder / "arcs.csv"), folder / "arcs.parquet")


def text_km(folder: Path) -> None:
    """Arcs as Parquet only, with a word among the distances."""
    table = pyarrow.csv.read_csv(folder / "arcs.csv")
    km = [str(value) for value in table.column("km").to_pylist()]
    km[0] = "far"
    table = table.set_column(table.column_names.index("km"), "km", pa.array(km))
    pq.write_table(table, folder / "arcs.parquet")
    (folder / "arcs.csv").unlink()


def infinite_km(folder: Path) -> None:
    """Arcs as Parquet only, with an infinite distance."""
    table = pyarrow.csv.read_csv(folder / "arcs.csv")
    km = [float("inf"), *table.column("km").to_pylist()[1:]]
    pq.write_table(table.set_column(table.column_names.index("km"), "km", pa.array(km)), folder / "arcs.parquet")
    (folder / "arcs.csv").unlink()


def damaged_parquet(folder: Path) -> None:
    """Arcs as Parquet only, cut off after four bytes."""
    (folder / "arcs.csv").unlink()
    (folder / "arcs.parquet").write_bytes(b"PAR1")


def damaged_geometry(folder: Path) -> None:
    """A layer that is not GeoJSON."""
    (folder / "geometry").mkdir()
    (folder / "geometry" / "zones.geojson").write_text("{")


METRES = "836694"
UTC = 'id = "utc-access"'

FILES = [
    Defect("no instance.toml", remove("instance.toml"), "instance.toml", ("there is no such file",)),
    Defect("no sites", remove("sites.csv"), "sites.csv", ("is missing", "Candidate sites")),
    Defect("no arcs", remove("arcs.csv"), "arcs.csv or arcs.parquet", ("is missing",)),
    Defect("two arcs files", as_parquet, "arcs.csv", ("arcs.parquet is there too", "keep one")),
    Defect("misnamed gateways", rename("gateways.csv", "gateway.csv"), "gateway.csv", ("rename it to gateways.csv",)),
    Defect("capitals in a file name", rename("land.csv", "Land.CSV"), "Land.CSV", ("rename it to land.csv",)),
    Defect("rare gbk zones", rewrite("zones.csv", lambda t: t.replace("小区", "镕区").encode("gb18030")), "zones.csv",
           ("row 2", "GBK", "UTF-8")),
    Defect("half of utf-16", rewrite("zones.csv", lambda t: t.encode("utf-16")[:-1]), "zones.csv", ("UTF-16",)),
    Defect("rare gbk toml", rewrite("instance.toml", lambda t: ("# 镕\n" + t).encode("gb18030")), "instance.toml",
           ("GBK",)),
    Defect("binary zones", rewrite("zones.csv", lambda t: b"\x89PNG\r\n\xff\xff\xfe"), "zones.csv", ("not in UTF-8",)),
    Defect("destroyed names", replace("zones.csv", "小区z1", "\ufffd\ufffdz1"), "zones.csv", ("row 2", "destroyed")),
    Defect("empty file", rewrite("zones.csv", lambda t: b""), "zones.csv", ("is empty",)),
    Defect("header only", rewrite("zones.csv", lambda t: t.splitlines()[0].encode()), "zones.csv", ("has no rows",)),
    Defect("bars", rewrite("land.csv", lambda t: ("sep=|\n" + t.replace(",", "|")).encode()), "land.csv", ("'|'",)),
    Defect("open quote", append("land.csv", '"city,x,1,,'), "land.csv", ("is not CSV", "quotes")),
    Defect("short row", append("land.csv", "city,Tinytown"), "land.csv", ("row 6", "has 2 cells, the header 5")),
    Defect("long row", append("land.csv", "city,Tinytown,9,a,assumption,b"), "land.csv", ("row 6", "has 6 cells")),
    Defect("twice a column", replace("land.csv", "source,", "limit_ha,"), "land.csv", ("'limit_ha' occurs more",)),
    Defect("damaged parquet", damaged_parquet, "arcs.parquet", ("Parquet",)),
    Defect("words in parquet", text_km, "arcs.parquet", ("row 2", "column km", "'far'", "not a finite number")),
    Defect("infinity in parquet", infinite_km, "arcs.parquet", ("row 2", "column km", "not a finite number")),
    Defect("toml syntax", replace("instance.toml", 'id = "tiny"', "id = tiny"), "instance.toml", ("row 12", "TOML")),
    Defect("damaged geometry", damaged_geometry, "geometry/zones.geojson", ("cannot be read",)),
]  # fmt: skip

CELLS = [
    Defect("unknown column", replace("sites.csv", "score", "scores"),
           "sites.csv", ("'scores'", "did you mean 'score'")),
    Defect("unnamed column", rewrite("land.csv", lambda t: t.replace("\n", ",x\n").replace(",x", ",", 1).encode()),
           "land.csv", ("no name",)),
    Defect("missing column", without_column("demand.csv", "t_d"), "demand.csv", ("'t_d' is missing", "t/d")),
    Defect("empty required cell", cell("zones.csv", "z2", "name_en", ""),
           "zones.csv", ("row 3", "name_en", "is empty")),
    Defect("empty number", cell("sites.csv", "u-mid", "land_ha", ""), "sites.csv", ("column land_ha", "is empty")),
    Defect("word for a number", cell("sites.csv", "s1", "land_ha", "small"), "sites.csv", ("'small'", "not a finite")),
    Defect("nan", cell("zones.csv", "z1", "population", "NaN"), "zones.csv", ("leave the cell empty",)),
    Defect("infinity", cell("zones.csv", "z1", "population", "inf"), "zones.csv", ("give a finite number",)),
    Defect("overflow", cell("zones.csv", "z1", "population", "1e999"), "zones.csv", ("not a finite number",)),
    Defect("thousands", cell("zones.csv", "z1", "population", '"12,000"'), "zones.csv", ("thousands separators",)),
    Defect("percent", cell("admissions.csv", "parcel", "min_share", "10%"), "admissions.csv", ("fraction",)),
    Defect("unit in a cell", cell("sites.csv", "s1", "land_ha", "3 ha"), "sites.csv", ("without its unit",)),
    Defect("negative land", cell("sites.csv", "s1", "land_ha", "-1"), "sites.csv", ("out of range", "at least 0")),
    Defect("share above one", cell("admissions.csv", "parcel", "max_share", "50"), "admissions.csv", ("from 0 to 1",)),
    Defect("half a module", cell("existing.csv", "u-west", "modules", "1.5"), "existing.csv", ("not a whole number",)),
    Defect("no module", cell("existing.csv", "u-west", "modules", "0"), "existing.csv", ("out of range",)),
    Defect("maybe", cell("existing.csv", "u-west", "may_close", "maybe"), "existing.csv", ("neither true nor false",)),
    Defect("unknown level", cell("sites.csv", "s1", "level", "shop"), "sites.csv", ("'shop'", "one of the choices")),
    Defect("unknown kind", cell("gateways.csv", "port", "kind", "ports"), "gateways.csv", ("did you mean 'port'",)),
    Defect("unknown reliability", cell("land.csv", "total", "reliability", "sure"), "land.csv", ("'sure'",)),
    Defect("space in an id", cell("zones.csv", "z1", "id", "z 1"), "zones.csv", ("is not an identifier",)),
    Defect("swapped coordinates", both(cell("zones.csv", "z1", "lon", "22.5"), cell("zones.csv", "z1", "lat", "114.0")),
           "zones.csv", ("column lat", "swapped")),
    Defect("metres", cell("zones.csv", "z1", "lat", METRES), "zones.csv", ("not metres",)),
    Defect("longitude only", cell("zones.csv", "z1", "lat", ""), "zones.csv", ("column lat", "while lon is given")),
    Defect("null island", both(cell("zones.csv", "z1", "lat", "0"), cell("zones.csv", "z1", "lon", "0")),
           "zones.csv", ("0, 0",)),
]  # fmt: skip

ROWS = [
    Defect("site twice", append("sites.csv", "s1,Again,,station,,,,,,,1,,,,,,,,,"), "sites.csv", ("row 13", "repeats")),
    Defect("demand twice", append("demand.csv", "z1,parcel,2025,1"), "demand.csv", ("zone and commodity and period",)),
    Defect("arc twice", append("arcs.csv", "hub-utc,h-port,u-mid,truck,1,1,0,0,false"), "arcs.csv", ("earlier row",)),
    Defect("zone named like a site", cell("zones.csv", "z1", "id", "s1"), "zones.csv", ("gateway or site already",)),
    Defect("shares crossed", cell("admissions.csv", "parcel", "min_share", "0.6"),
           "admissions.csv", ("above max_share",)),
    Defect("least shares above one", both(cell("admissions.csv", "returns", "min_share", "0.6"),
           append("admissions.csv", "returns,port,0.6,1")), "admissions.csv", ("'returns'", "add up to 1.2")),
    Defect("largest shares below one", cell("admissions.csv", "bonded", "max_share", "0.9"), "admissions.csv",
           ("'bonded'", "add up to 0.9")),
    Defect("may not close but closed", both(cell("existing.csv", "u-west", "may_close", "no"),
           cell("sites.csv", "u-west", "forced", "closed")), "existing.csv", ("forces it closed",)),
    Defect("range above value", cell("parameters.csv", "modes.van.cny_t_km", "low", "3"), "parameters.csv",
           ("column low", "above the value")),
    Defect("no minutes", without_column("arcs.csv", "minutes"), "arcs.csv", ("take 0 minutes", "utc-station")),
]  # fmt: skip

REFERENCES = [
    Defect("demand of no zone", append("demand.csv", "z9,parcel,2025,1"), "demand.csv", ("'z9'", "in zones.csv")),
    Defect("demand of no commodity", append("demand.csv", "z1,parcels,2025,1"), "demand.csv", ("mean 'parcel'",)),
    Defect("demand in no period", append("demand.csv", "z1,parcel,2026,1"), "demand.csv", ("'2026'", "periods")),
    Defect("admission of no gateway", append("admissions.csv", "cold,ports,,"), "admissions.csv", ("mean 'port'",)),
    Defect("admission of no commodity", append("admissions.csv", "colds,port,,"), "admissions.csv", ("mean 'cold'",)),
    Defect("existing at no site", cell("existing.csv", "u-west", "site", "u-wst"), "existing.csv", ("mean 'u-west'",)),
    Defect("existing without design", cell("existing.csv", "u-west", "design", "shed"), "existing.csv", ("'shed'",)),
    Defect("existing of another level", cell("existing.csv", "u-west", "design", "stn-cold"), "existing.csv",
           ("not a design for the level",)),
    Defect("unknown hub type", cell("sites.csv", "h-air", "hub_type", "airy"), "sites.csv", ("hub_types",)),
    Defect("hub type of a station", cell("sites.csv", "s1", "hub_type", "air"), "sites.csv", ("is no hub",)),
    Defect("unknown design of a site", cell("sites.csv", "s5", "designs", "stn-basics;stn-cold"), "sites.csv",
           ("'stn-basics'", "mean 'stn-basic'")),
    Defect("design of another level", cell("sites.csv", "s5", "designs", "hub-flat"),
           "sites.csv", ("level 'station'",)),
    Defect("arc on no leg", append("arcs.csv", "utc-hub,u-mid,h-port,truck,1,1,,,"), "arcs.csv", ("is not a leg",)),
    Defect("arc from nowhere", append("arcs.csv", "hub-utc,h-prt,u-mid,truck,1,1,,,"), "arcs.csv", ("mean 'h-port'",)),
    Defect("arc against its leg", append("arcs.csv", "hub-utc,u-mid,h-port,truck,1,1,,,"), "arcs.csv",
           ("is not a hub, which leg 'hub-utc' asks for",)),
    Defect("arc of no mode", append("arcs.csv", "hub-utc,h-port,u-mid,tank,1,1,,,"), "arcs.csv", ("among the modes",)),
    Defect("land of no district", append("land.csv", "district,North,1,,"),
           "land.csv", ("not a district of any site",)),
    Defect("land of no parcel", append("land.csv", "parcel,depots,1,,"), "land.csv", ("mean 'depot'",)),
    Defect("total of something", append("land.csv", "total,all,1,,"), "land.csv", ("write total",)),
]  # fmt: skip

STRUCTURE = [
    Defect("unknown key", replace("instance.toml", "storeys = 3", "stories = 3"), "instance.toml",
           ("designs.hub-stack.stories", "did you mean 'storeys'")),
    Defect("unknown table", replace("instance.toml", "[[commodities]]", "[colours]\nred = 1\n\n[[commodities]]"),
           "instance.toml", ("colours",)),
    Defect("missing figure", replace("instance.toml", "throughput_t_d = 100.0\n", ""), "instance.toml",
           ("designs.hub-flat.throughput_t_d", "parameters.csv")),
    Defect("negative figure", replace("instance.toml", "handling_cny_t = 20.0", "handling_cny_t = -20.0"),
           "instance.toml", ("designs.hub-flat.handling_cny_t", "-20")),
    Defect("figure beyond reckoning", replace("instance.toml", "handling_cny_t = 20.0", "handling_cny_t = 1e300"),
           "instance.toml", ("handling_cny_t", "larger than anything")),
    Defect("cell beyond reckoning", append("demand.csv", "z6,returns,2025,1e308"), "demand.csv",
           ("row 22", "t_d", "larger than anything")),
    Defect("infinite figure", replace("instance.toml", "handling_cny_t = 20.0", "handling_cny_t = inf"),
           "instance.toml", ("designs.hub-flat.handling_cny_t", "finite")),
    Defect("negative parameter", cell("parameters.csv", "modes.van.cny_t_km", "value", "-2"), "parameters.csv",
           ("row 6", "column value")),
    Defect("figure in both files", append("parameters.csv", "designs.hub-flat.handling_cny_t,20,CNY/t,,,,x,assumption"),
           "parameters.csv", ("given in instance.toml too", "keep it in one")),
    Defect("parameter of no design", append("parameters.csv", "designs.hub-flt.life_years,20,years,,,,x,assumption"),
           "parameters.csv", ("'hub-flat'",)),
    Defect("parameter of no field", append("parameters.csv", "designs.hub-flat.life_year,20,years,,,,x,assumption"),
           "parameters.csv", ("'life_years'",)),
    Defect("parameter of no table", append("parameters.csv", "service.speed,20,km/h,,,,x,assumption"),
           "parameters.csv", ("begin with another word",)),
    Defect("parameter in another unit", replace("parameters.csv", "CNY/m2 GFA", "USD/sq ft"), "parameters.csv",
           ("'CNY/m2 GFA'", "convert")),
    Defect("parameter without source", append("parameters.csv", "other.figure,1,t,,,,,official"), "parameters.csv",
           ("column source", "is empty")),
    Defect("design twice", replace("instance.toml", 'id = "hub-stack"', 'id = "hub-flat"'), "instance.toml",
           ("designs", "occurs 2 times")),
    Defect("chain out of order", replace("instance.toml", '    "hub",\n    "utc",\n    "station",',
           '    "utc",\n    "hub",\n    "station",'), "instance.toml", ("commodities.parcel.chain", "out of order")),
    Defect("sizes crossed", replace("instance.toml", "min_modules = 2", "min_modules = 9"), "instance.toml",
           ("designs.hub-stack.min_modules", "max_modules (6)")),
    Defect("more cold than all", replace("instance.toml", "cold_t_d = 30.0", "cold_t_d = 300.0"), "instance.toml",
           ("designs.hub-stack.cold_t_d", "throughput_t_d")),
    Defect("counts crossed", replace("instance.toml", "min_open = 1\nmax_open = 3", "min_open = 3\nmax_open = 2"),
           "instance.toml", ("levels.hub.min_open", "max_open (2)")),
    Defect("more hubs than sites", replace("instance.toml", "min_open = 1\nmax_open = 3", "min_open = 9"),
           "instance.toml", ("levels.hub.min_open", "number of such sites (3")),
    Defect("no such gateway kind", replace("instance.toml", '"port",\n', '"harbour",\n'), "instance.toml",
           ("hub_types.trade.gateway_kinds", "'harbour'")),
    Defect("level without design", rewrite("instance.toml", lambda t: t.replace(
           'levels = [\n    "station",\n]', 'levels = [\n    "utc",\n]').encode()), "sites.csv", ("no design",)),
]  # fmt: skip

SERVICE = [
    Defect("single sourcing of no leg", replace("instance.toml", '"utc-station",', '"station-utc",'), "instance.toml",
           ("service.single_sourcing", "'station-utc'")),
    Defect("limit of no leg", replace("instance.toml", 'leg = "utc-station"', 'leg = "utc-stations"'), "instance.toml",
           ("service.limits", "mean 'utc-station'")),
    Defect("delivery without single sourcing", replace("instance.toml", '"station-zone",', ""), "instance.toml",
           ("service.targets.in-city", "single sourcing on leg 'station-zone'")),
    Defect("delivery in km", replace("instance.toml", 'measure = "minutes"', 'measure = "km"'), "instance.toml",
           ("service.targets.in-city.measure",)),
    Defect("target without arcs", rewrite("arcs.csv", lambda t: "\n".join(
           line for line in t.splitlines() if not line.startswith("utc-zone")).encode()), "instance.toml",
           ("service.targets.utc-access", "'utc-zone'", "no arcs")),
    Defect("target of no commodity", replace("instance.toml", '"parcel",\n    "cold",', '"parcels",\n    "cold",'),
           "instance.toml", ("service.targets.in-city.commodities", "mean 'parcel'")),
    Defect("delivery of goods that skip stations", replace("instance.toml", '"parcel",\n    "cold",',
           '"bonded",\n    "cold",'), "instance.toml", ("'bonded'", "does not pass")),
]  # fmt: skip

DEFECTS = [*FILES, *CELLS, *ROWS, *REFERENCES, *STRUCTURE, *SERVICE]
