"""Packed tables come back as they were."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hubopt.viz.columns import packed_table
from tests.viz.pages import unpacked

TABLES: dict[str, list[dict[str, Any]]] = {
    "empty": [],
    "the same": [{"a": 1, "b": None}] * 3,
    "texts": [{"word": word, "id": f"n{i}"} for i, word in enumerate(["yes", "no", "yes", "no", "yes"])],
    "numbers": [{"x": 1.5}, {"x": None}, {"x": 0}],
    "flags": [{"on": True}, {"on": False}, {"on": True}],
    "a number is not a flag": [{"on": True}, {"on": 1}, {"on": 0}],
    "records": [{"name": {"en": "a", "zh": "甲"}}, {"name": {"en": "b", "zh": "乙"}}],
    "records of other keys": [{"within": {"x": True}}, {"within": {}}],
    "no keys": [{"within": {}}, {"within": {}}],
    "lists": [{"demand": [1.0, 0, 3]}, {"demand": [2.0, 0, 4]}],
    "lists of other lengths": [{"at": [1, 2]}, {"at": [1]}, {"at": []}],
    "no place": [{"at": [1, 2]}, {"at": None}],
    "outlines": [{"parts": [[[1, 2, 3]]]}, {"parts": [[[4, 5]], [[6]]]}],
    "keys of some rows": [{"a": 1}, {"a": 2, "today": {"design": "d"}}, {"a": 3}],
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_comes_back(name: str) -> None:
    """Whatever the cells are, unpacking after a way through JSON gives the same records."""
    packed = json.loads(json.dumps(packed_table(TABLES[name])))
    assert unpacked(packed) == TABLES[name]


def test_recurring_cells_take_little_room() -> None:
    """Columns of one value, of few words or of flags are shorter than their rows."""
    rows = [{"kind": "station", "city": f"city {i % 3}", "synthetic": i % 2 == 0} for i in range(500)]
    packed = json.dumps(packed_table(rows), separators=(",", ":"))
    assert len(packed) < 0.1 * len(json.dumps(rows, separators=(",", ":")))
