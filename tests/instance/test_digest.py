from __future__ import annotations

import random
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.instance import TABLES, Instance, frame, read_instance, sha256
from tests.cases import tiny

DIGEST = sha256(tiny())


def shuffled(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    return table.sample(frac=1, random_state=seed).reset_index(drop=True)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_rows_and_records_does_not_matter(seed: int) -> None:
    """Rows and records in any order give the same digest."""
    case = tiny()
    case = case.with_tables(**{name: shuffled(case.table(name), seed) for name in TABLES})
    rng = random.Random(seed)
    lists = {
        name: tuple(rng.sample(getattr(case.structure, name), len(getattr(case.structure, name))))
        for name in ("commodities", "designs", "modes", "hub_types")
    }
    structure = case.structure.model_copy(update=lists)
    assert sha256(Instance(**{**vars(case), "structure": structure})) == DIGEST


def test_the_format_of_files_does_not_matter(folder: Path) -> None:
    """Columns in another order, defaults written out, numbers in another format, TOML reordered: the same digest."""
    for name in ("sites.csv", "arcs.csv", "demand.csv"):
        table = pd.read_csv(folder / name, dtype="str", keep_default_na=False)
        table[table.columns[::-1]].to_csv(folder / name, index=False)
    demand = (folder / "demand.csv").read_text(encoding="utf-8")
    (folder / "demand.csv").write_text(re.sub(r"^(\d+),", r"+\1.000e0,", demand, flags=re.M), encoding="utf-8")
    gateways = (folder / "gateways.csv").read_text(encoding="utf-8")
    (folder / "gateways.csv").write_text(gateways.replace("true", " TRUE "), encoding="utf-8")
    toml = (folder / "instance.toml").read_text(encoding="utf-8")
    toml = toml.replace("operating_days = 300.0\n", "").replace("[instance]\n", "[instance]\noperating_days = 300\n")
    (folder / "instance.toml").write_text(toml, encoding="utf-8")
    assert sha256(read_instance(folder)) == DIGEST


def test_rounding_in_the_thirteenth_digit_does_not_matter() -> None:
    """Numbers count to twelve significant digits."""
    case = tiny()
    arcs = case.arcs.assign(km=case.arcs["km"] * (1 + 1e-15))
    assert sha256(case.with_tables(arcs=arcs)) == DIGEST


@pytest.mark.parametrize("name", TABLES)
def test_every_table_counts(name: str) -> None:
    """A row more in any table gives another digest."""
    empty: dict[str, object] = {"str": "", "float": 0.5, "int": 1, "bool": False}
    row = {column.name: empty[column.kind] for column in TABLES[name].columns}
    case = tiny()
    longer = pd.concat([case.table(name), frame(name, [row])], ignore_index=True)
    assert sha256(case.with_tables(**{name: longer})) != DIGEST


@pytest.mark.parametrize(
    ("name", "column"), [(name, column.name) for name in TABLES for column in TABLES[name].columns]
)
def test_every_column_counts(name: str, column: str) -> None:
    """Two rows that differ in one column alone have different digests."""
    kinds: dict[str, tuple[object, object]] = {"str": ("a", "b"), "float": (1, 2), "int": (1, 2), "bool": (True, False)}
    row = {item.name: kinds[item.kind][0] for item in TABLES[name].columns}
    changed = row | {column: kinds[TABLES[name].column(column).kind][1]}
    digests = {sha256(tiny().with_tables(**{name: frame(name, [content])})) for content in (row, changed)}
    assert len(digests) == 2


def test_the_order_of_periods_counts() -> None:
    """Periods follow each other in time, so their order is part of the content."""
    case = tiny()
    first = case.structure.periods[0]
    second = first.model_copy(update={"id": "2030"})
    digests = {
        sha256(Instance(**{**vars(case), "structure": case.structure.model_copy(update={"periods": periods})}))
        for periods in ((first, second), (second, first))
    }
    assert len(digests) == 2


def test_the_digest_stays_the_same_between_versions() -> None:
    """The digest of ``tiny`` is fixed, so that old results keep fitting their instances."""
    assert DIGEST == "df8319efc173be829775c561cf1adf09d87c57cc46e127493ea230813a9c4c93"
