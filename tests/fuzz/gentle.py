"""Changes that leave a file readable: other figures, other names that exist, rows left out, doubled or shuffled.

What comes after reading - checks, tables, pages, models - sees little of what coarser changes spoil.
"""

from __future__ import annotations

import csv
import io
import json
import tomllib
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import tomli_w

from tests.fuzz.trees import nodes

_FACTORS = (0, 0.5, 0.999, 1.001, 2, -1, 1000, 0.001, 1e6, 1e-6)


def _other(value: Any, same: list[Any], chance: Random) -> Any:
    """Another value in the place of one: one of its kind, or the figure times something."""
    if isinstance(value, int | float) and not isinstance(value, bool) and chance.random() < 0.6:
        new = value * chance.choice(_FACTORS)
        return round(new) if isinstance(value, int) and chance.random() < 0.8 else new
    return chance.choice(same)


def _rows(rows: list[Any], chance: Random) -> list[Any]:
    """Rows left out, doubled or shuffled."""
    match chance.randrange(5):
        case 0:
            chance.shuffle(rows)
        case 1:
            rows.insert(chance.randrange(len(rows) + 1), chance.choice(rows))
        case 2:
            rows = rows[: chance.randrange(len(rows) + 1)]
        case _:
            del rows[chance.randrange(len(rows))]
    return rows


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


def table(content: bytes, chance: Random) -> bytes:
    """A CSV table with other cells or rows."""
    head, *rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    if not rows:
        return content
    for _ in range(chance.choice((1, 1, 2, 4))):
        if chance.random() < 0.3:
            rows = _rows(rows, chance) or rows
            continue
        at = chance.randrange(len(head))
        row = chance.choice(rows)
        row[at] = str(_other(_number(row[at]), [each[at] for each in rows] + [""], chance))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    return out.getvalue().encode()


def _change(tree: Any, chance: Random) -> None:
    leaves = [(inside, key) for inside, key in nodes(tree) if not isinstance(inside[key], dict | list)]
    lists = [inside[key] for inside, key in nodes(tree) if isinstance(inside[key], list) and inside[key]]
    if lists and chance.random() < 0.2:
        chosen = chance.choice(lists)
        chosen[:] = _rows(list(chosen), chance)
    elif leaves:
        inside, key = chance.choice(leaves)
        kind = type(inside[key])
        same = [other[place] for other, place in leaves if type(other[place]) is kind]
        inside[key] = _other(inside[key], same, chance)


def json_tree(content: bytes, chance: Random) -> bytes:
    """A JSON file with other figures, names and items."""
    tree = json.loads(content)
    for _ in range(chance.choice((1, 1, 2, 4))):
        _change(tree, chance)
    return json.dumps(tree).encode()


def toml(content: bytes, chance: Random) -> bytes:
    """A TOML file with other figures, names and items."""
    tree = tomllib.loads(content.decode())
    for _ in range(chance.choice((1, 1, 2, 4))):
        _change(tree, chance)
    return tomli_w.dumps(tree).encode()


def parquet(content: bytes, chance: Random) -> bytes:
    """A Parquet table with other cells or rows, of the same types."""
    found = pq.read_table(io.BytesIO(content))
    rows = found.to_pylist()
    for _ in range(chance.choice((1, 1, 2, 4)) if rows else 0):
        if chance.random() < 0.3:
            rows = _rows(rows, chance) or rows
            continue
        name = chance.choice(found.column_names)
        place = chance.randrange(len(rows))
        same = [each[name] for each in rows] + [None]
        rows[place] = {**rows[place], name: _other(rows[place][name], same, chance)}
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=found.schema), out)
    return out.getvalue()


GENTLE = {".csv": table, ".json": json_tree, ".toml": toml, ".parquet": parquet}
"""How files of a name's ending are changed."""
