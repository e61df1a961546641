"""Records as columns, so that a page with thousands of rows stays small and opens fast.

A packed table is ``{"n": rows, "columns": {key: column}}``. A column is a plain list of its cells, or one of

- ``{"all": cell}``: every row has the same cell,
- ``{"words": [...], "at": [...]}``: texts that recur, as places in a list,
- ``{"bits": "0110"}``: false and true,
- ``{"table": columns}``: cells that are records themselves, with the same keys in each row,
- ``{"lists": [column, ...]}``: cells that are lists of one length, taken apart,
- ``{"rows": [...], "cells": [...]}``: a key that only some rows have, with the numbers of those rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Records = Sequence[Mapping[str, Any]]

ABSENT: Any = object()
"""Marks a row that lacks a key."""


def packed_table(records: Records) -> dict[str, Any]:
    """``records`` as a packed table (see the module)."""
    keys = dict.fromkeys(key for record in records for key in record)
    columns = {key: _column([record.get(key, ABSENT) for record in records]) for key in keys}
    return {"n": len(records), "columns": columns}


def _column(cells: list[Any]) -> Any:
    if any(cell is ABSENT for cell in cells):
        rows = [i for i, cell in enumerate(cells) if cell is not ABSENT]
        return {"rows": rows, "cells": [cells[i] for i in rows]}
    first = cells[0]
    if isinstance(first, dict):
        return _nested(cells)
    if isinstance(first, list):
        return _taken_apart(cells)
    if all(cell == first and type(cell) is type(first) for cell in cells):
        return {"all": first}
    if all(isinstance(cell, bool) for cell in cells):
        return {"bits": "".join("01"[cell] for cell in cells)}
    if all(isinstance(cell, str) for cell in cells):
        places = {word: i for i, word in enumerate(dict.fromkeys(cells))}
        if 2 * len(places) <= len(cells):
            return {"words": list(places), "at": [places[cell] for cell in cells]}
    return cells


def _nested(cells: list[Any]) -> Any:
    keys = list(cells[0])
    if not all(isinstance(cell, dict) and list(cell) == keys for cell in cells):
        return cells
    return {"table": {key: _column([cell[key] for cell in cells]) for key in keys}}


def _taken_apart(cells: list[Any]) -> Any:
    """Lists of one length and of plain values; anything else (outlines of zones) stays as it is."""
    length = len(cells[0])
    alike = all(isinstance(cell, list) and len(cell) == length for cell in cells)
    if not length or not alike or any(isinstance(part, list | dict) for cell in cells for part in cell):
        return cells
    return {"lists": [_column([cell[i] for cell in cells]) for i in range(length)]}


def packed_page(page: Mapping[str, Any], tables: Sequence[str]) -> dict[str, Any]:
    """``page`` with the tables called ``tables`` packed, and those of its periods (facilities, zones, lines)."""
    done = dict(page)
    done |= {name: packed_table(page[name]) for name in tables}
    done["periods"] = [
        {
            **period,
            "facilities": packed_table(period["facilities"]),
            "zones": packed_table(period["zones"]),
            "flows": [
                {**flow, "lines": packed_table([{"line": line} for line in flow["lines"]])} for flow in period["flows"]
            ],
        }
        for period in page["periods"]
    ]
    return done
