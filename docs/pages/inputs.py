"""Pages on what goes in: the instance folder and the policy file."""

from __future__ import annotations

from pydantic import BaseModel

from docs.pages.markdown import MADE, md_table, plain, record_table
from hubopt.instance import COST_PARTS, TABLES, Policy, Structure
from hubopt.instance.figures import RECORDS, SINGLE
from hubopt.instance.policy import Charges, Count, LevelChange, LimitChange, Phase, ResilienceChange, TargetChange
from hubopt.instance.schema import REQUIRED, Column, Table
from hubopt.instance.types import Service, Source

KINDS = {"str": "text", "float": "number", "int": "whole number", "bool": "true or false"}


def _default(column: Column) -> str:
    if column.default is REQUIRED:
        return "required"
    if column.default is None or column.default == "":
        return "empty"
    return f"`{str(column.default).lower() if column.kind == 'bool' else column.default}`"


def _allowed(column: Column) -> str:
    if column.choices:
        return ", ".join(f"`{choice}`" for choice in column.choices if choice)
    low = "" if column.minimum is None else f">= {column.minimum:g}"
    high = "" if column.maximum is None else f"<= {column.maximum:g}"
    return ", ".join(part for part in (low, high) if part)


def table_section(table: Table, file: str) -> str:
    """The section on one table."""
    needed = "" if table.required else " The file may be absent."
    rows = [
        (f"`{column.name}`", KINDS[column.kind], column.unit, _default(column), _allowed(column), column.description)
        for column in table.columns
    ]
    key = ", ".join(f"`{name}`" for name in table.key)
    return f"## {file}\n\n{table.description}{needed} No two rows have the same {key}.\n\n" + md_table(
        ("column", "type", "unit", "default", "allowed", "what it is"), rows
    )


def _record_section(title: str, record: type[BaseModel]) -> str:
    return f"### {title}\n\n{plain(record.__doc__)}\n\n{record_table(record)}"


def _title(path: tuple[str, ...], key: str) -> str:
    """How records of one kind are written in instance.toml and how their figures are named in parameters.csv."""
    name = ".".join(path)
    if path in SINGLE:
        return f"`[{name}]`, parameters `{name}.FIELD`"
    if path == ("levels",):
        return "`[levels.hub], [levels.utc], [levels.station]`, parameters `levels.LEVEL.FIELD`"
    return f"`[[{name}]]`, parameters `{name}.{key.upper()}.FIELD`"


def _toml_section() -> str:
    text = "## instance.toml\n\n" + plain(Structure.__doc__) + "\n\n"
    text += (
        "A figure stands either here or, with its unit, source, year and reliability, as a row of `parameters.csv` "
        "under its dotted name; giving it twice is a mistake. Unknown keys are mistakes too. Tables of figures such as "
        "`budget_minutes` stand here.\n\n"
    )
    for path, (record, key) in RECORDS.items():
        text += _record_section(_title(path, key), record)
    return text + _record_section("`[service]`", Service) + _record_section("`[[sources]]`", Source)


def instance_page() -> str:
    """Files of an instance."""
    text = MADE + "# The instance folder\n\n"
    text += (
        "An instance is a folder: `instance.toml` beside CSV tables (UTF-8, commas, one header line), `arcs.parquet` "
        "or `arcs.csv`, and optional map layers `geometry/*.geojson` (WGS84; `zones`, `districts`, `land`, `water`, "
        "`expressways`, `roads`). `hubopt validate INSTANCE` lists every mistake at once. Its SHA-256 covers all of it "
        "but the layers, and does not depend on the order of rows, columns and keys, on the file format of the arcs or "
        "on how numbers are written.\n\n"
    )
    text += _toml_section()
    for table in TABLES.values():
        text += table_section(table, "arcs.parquet or arcs.csv" if table.name == "arcs" else f"{table.name}.csv")
    return text


POLICY_TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("`[[phases]]`", Phase),
    ("`[levels.LEVEL]`", LevelChange),
    ("`[hub_types.ID]` and `[presence.ID]`", Count),
    ("`[resilience]`", ResilienceChange),
    ("`[limits.LEG]`", LimitChange),
    ("`[targets.ID]`", TargetChange),
    ("`[charges]`", Charges),
)
"""The tables inside a policy file, with the types of their content."""


def policy_page() -> str:
    """Keys of a policy file."""
    text = MADE + "# The policy file\n\n" + plain(Policy.__doc__) + "\n\n"
    text += (
        "Every key may be left out. Names that the instance does not have are mistakes, and so are keys that "
        "contradict each other or the instance. `--policy FILE` of `hubopt solve` takes it; the result keeps a copy. "
        "[Ready-made policies](../policies.md) come with hubopt.\n\n"
    )
    text += "## Keys\n\n" + record_table(Policy)
    for title, record in POLICY_TABLES:
        text += f"## {title}\n\n{plain(record.__doc__)}\n\n{record_table(record)}"
    switches = Policy.model_json_schema()["properties"]["off"]["items"]["enum"]
    text += "## Switches of `off`\n\n" + ", ".join(f"`{name}`" for name in switches)
    text += ". Which rows of the model each of them takes away stands on the [mathematics](mathematics.md) page.\n\n"
    return text + "## Cost parts of `weights`\n\n" + ", ".join(f"`{part}`" for part in COST_PARTS) + ".\n"
