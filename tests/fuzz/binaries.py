"""Changes to the structure of Parquet, GeoPackage, OpenStreetMap PBF and raster files."""

from __future__ import annotations

import io
import sqlite3
import struct
import zlib
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz.mutations import NASTY, NUMBERS, any_bytes, flip, overwrite, truncate

_TYPES = (
    pa.string(),
    pa.large_string(),
    pa.binary(),
    pa.int8(),
    pa.int64(),
    pa.uint64(),
    pa.float32(),
    pa.float64(),
    pa.bool_(),
    pa.date32(),
    pa.timestamp("us"),
    pa.decimal128(30, 5),
    pa.list_(pa.string()),
    pa.null(),
    pa.dictionary(pa.int32(), pa.string()),
    pa.duration("s"),
    pa.time32("s"),
    pa.string_view() if hasattr(pa, "string_view") else pa.string(),
)


def parquet(content: bytes, chance: Random) -> bytes:
    """Columns of a Parquet table retyped, renamed, emptied, doubled; or its bytes changed."""
    if chance.random() < 0.3:
        return chance.choice((flip, overwrite, truncate))(content, chance)
    try:
        table = pq.read_table(io.BytesIO(content))
    except (pa.ArrowException, OSError, ValueError):
        return any_bytes(content, chance)
    for _ in range(chance.choice((1, 1, 2))):
        table = _change_table(table, chance)
    out = io.BytesIO()
    try:
        pq.write_table(
            table,
            out,
            compression=chance.choice(("zstd", "snappy", "none", "gzip")),
            use_dictionary=chance.random() < 0.5,
            version=chance.choice(("1.0", "2.6")),
        )
    except (pa.ArrowException, ValueError, KeyError, OSError):
        return any_bytes(content, chance)
    return out.getvalue()


def _change_table(table: pa.Table, chance: Random) -> pa.Table:
    if not table.num_columns:
        return table
    at = chance.randrange(table.num_columns)
    name, column = table.column_names[at], table.column(at)
    match chance.randrange(8):
        case 0:
            return table.remove_column(at)
        case 1:
            names = list(table.column_names)
            names[at] = chance.choice((*NASTY, *names))
            return table.rename_columns(names)
        case 2:
            return table.append_column(name, column)
        case 3:
            return table.slice(0, chance.choice((0, 1)))
        case 4:
            return pa.concat_tables([table] * chance.choice((2, 5)))
        case 5:
            values = column.to_pylist()
            wrong: Any = chance.choice(
                (None, chance.choice(NASTY), chance.choice(NUMBERS), float("nan"), float("inf"), True)
            )
            kept = [wrong if chance.random() < 0.3 else value for value in values]
            return _with(table, at, name, kept, None)
        case _:
            return _with(table, at, name, column.to_pylist(), chance.choice(_TYPES))


def _with(table: pa.Table, at: int, name: str, values: list[Any], kind: pa.DataType | None) -> pa.Table:
    try:
        array = pa.array(values, type=kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        try:
            array = pa.array([None] * len(values), type=kind) if kind else pa.array([str(value) for value in values])
        except (pa.ArrowException, TypeError, ValueError):
            return table
    return table.set_column(at, name, array)


def geopackage(content: bytes, chance: Random) -> bytes:
    """Shapes, columns, layers and the table of contents of a GeoPackage changed; or its bytes."""
    if chance.random() < 0.25:
        return chance.choice((flip, overwrite, truncate))(content, chance)
    package = sqlite3.connect(":memory:", isolation_level=None)
    try:
        package.deserialize(content)
        for _ in range(chance.choice((1, 1, 2))):
            _change_package(package, chance)
        return package.serialize()
    except sqlite3.Error:
        return any_bytes(content, chance)
    finally:
        package.close()


def _change_package(package: sqlite3.Connection, chance: Random) -> None:
    for (trigger,) in package.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
        package.execute(f'DROP TRIGGER "{trigger}"')
    plain = {name for (name,) in package.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    layers = [name for (name,) in package.execute("SELECT table_name FROM gpkg_contents") if name in plain]
    layer = chance.choice(layers or ["gpkg_contents"])
    columns = [row[1] for row in package.execute(f'PRAGMA table_info("{layer}")')]
    column = chance.choice(columns or ["fid"])
    nasty: Any = chance.choice((chance.choice(NASTY), chance.choice(NUMBERS), None, b"\x00\xff"))
    nasty = float(nasty) if isinstance(nasty, int) and abs(nasty) > 2**62 else nasty
    match chance.randrange(12):
        case 0 | 1 | 2:
            shapes = package.execute(f'SELECT rowid, geom FROM "{layer}"').fetchall()
            row, blob = chance.choice(shapes)
            new = chance.choice(
                (None, b"", blob[:8], flip(blob, chance), truncate(blob, chance), overwrite(blob, chance))
            )
            package.execute(f'UPDATE "{layer}" SET geom=? WHERE rowid=?', (new, row))
        case 3 | 4:
            package.execute(f'UPDATE "{layer}" SET "{column}"=?', (nasty,))
        case 5:
            package.execute("UPDATE gpkg_contents SET srs_id=?", (chance.choice((0, -1, 4326, 3857, 999999, nasty)),))
            package.execute("UPDATE gpkg_geometry_columns SET srs_id=?", (chance.choice((0, 3857, 999999)),))
        case 6:
            table = chance.choice(
                ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys", "gpkg_ogr_contents", layer)
            )
            package.execute(f'DROP TABLE "{table}"')
        case 7:
            package.execute(f'ALTER TABLE "{layer}" RENAME COLUMN "{column}" TO "other"')
        case 8:
            package.execute(f'DELETE FROM "{layer}"')
        case 9:
            package.execute(f'ALTER TABLE "{layer}" RENAME TO "hidden"')
            endless = (
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i AS fid, NULL AS geom FROM n"
            )
            package.execute(f'CREATE VIEW "{layer}" AS {chance.choice((endless, "SELECT * FROM hidden"))}')
        case 10:
            package.execute("UPDATE gpkg_spatial_ref_sys SET definition=?, organization_coordsys_id=?", (str(nasty), 7))
        case _:
            package.execute(
                "UPDATE gpkg_geometry_columns SET geometry_type_name=?, z=?", (chance.choice(("POINT", "X")), 2)
            )


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _blocks(content: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and unpacked content of each block of a PBF file that packs its blocks with zlib."""
    found, at = [], 0
    while at + 4 <= len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        head = content[at + 4 : at + 4 + size]
        kind = b"OSMHeader" if b"OSMHeader" in head else b"OSMData"
        length, shift, place = 0, 0, head.rindex(b"\x18") + 1
        while True:
            byte = head[place]
            length |= (byte & 0x7F) << shift
            shift, place = shift + 7, place + 1
            if not byte & 0x80:
                break
        blob = content[at + 4 + size : at + 4 + size + length]
        packed = blob[blob.index(b"\x78") :]
        found.append((kind, zlib.decompressobj().decompress(packed)))
        at += 4 + size + length
    return found


def pbf(content: bytes, chance: Random) -> bytes:
    """Bytes within the unpacked blocks of an OpenStreetMap PBF file changed, or of the file."""
    if chance.random() < 0.3:
        return any_bytes(content, chance)
    try:
        blocks = _blocks(content)
    except (struct.error, ValueError, IndexError, zlib.error):
        return any_bytes(content, chance)
    at = chance.randrange(len(blocks))
    kind, block = blocks[at]
    blocks[at] = kind, chance.choice((flip, flip, overwrite, any_bytes))(block, chance)
    if chance.random() < 0.1:
        chance.shuffle(blocks)
    out = b""
    for kind, block in blocks:
        packed = zlib.compress(block)
        blob = b"\x10" + _varint(len(block)) + b"\x1a" + _varint(len(packed)) + packed
        head = b"\x0a" + _varint(len(kind)) + kind + b"\x18" + _varint(len(blob))
        out += struct.pack(">I", len(head)) + head + blob
    return out


def raster(content: bytes, chance: Random) -> bytes:
    """Tags at the head of a GeoTIFF, or any of its bytes."""
    if chance.random() < 0.5:
        return any_bytes(content, chance)
    head = min(len(content), 600)
    return flip(content[:head], chance) + content[head:]
