"""Write the reference pages from the code: schema, records, command line and model docstrings.

Run as ``python docs/generate.py`` (or ``make docs``); a test holds the committed pages against what this gives.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import typer  # noqa: E402
from pydantic import BaseModel  # noqa: E402

from hubopt.cli import app  # noqa: E402
from hubopt.instance import COST_PARTS, TABLES, Policy, Structure  # noqa: E402
from hubopt.instance.figures import RECORDS  # noqa: E402
from hubopt.instance.policy import Count, LimitChange, TargetChange  # noqa: E402
from hubopt.instance.schema import REQUIRED, Column, Table  # noqa: E402
from hubopt.instance.types import Service, Source  # noqa: E402
from hubopt.model import CONSTRAINTS, PARTS  # noqa: E402
from hubopt.model.variables import add_variables  # noqa: E402
from hubopt.solution.record import ResultRecord  # noqa: E402
from hubopt.solution.schema import PLAN_FILES  # noqa: E402

MADE = "<!-- Made by docs/generate.py from the code; change it there and run `make docs`. -->\n\n"
KINDS = {"str": "text", "float": "number", "int": "whole number", "bool": "true or false"}


def md_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""

    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"

    header = list(header)
    return line(header) + line("---" for _ in header) + "".join(map(line, rows)) + "\n"


def plain(docstring: str | None) -> str:
    """A docstring as Markdown: roles and double backquotes become single ones, maths becomes dollars."""
    text = inspect.cleandoc(docstring or "")
    text = re.sub(r":math:`([^`]*)`", r"$\1$", text)
    text = re.sub(r":\w+:`~?([^`]*)`", r"`\1`", text)
    text = re.sub(r"^\.\. math::\s*(.*)$", r"$$\1$$", text, flags=re.M)
    return text.replace("``", "`")


# --- instance -------------------------------------------------------------------------------------------------------


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


def _type_of(schema: dict[str, Any]) -> str:
    """The type in a JSON schema, in words."""
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        return " or ".join(_type_of(part) for part in schema["anyOf"] if part.get("type") != "null")
    if "$ref" in schema:
        return "table"
    kind = schema.get("type", "")
    if kind == "array":
        inner = schema.get("items") or {}
        return f"list of {_type_of(inner)}" if inner else "list"
    words = {"string": "text", "number": "number", "integer": "whole number", "boolean": "true or false"}
    return words.get(kind, "table")


def _range_of(schema: dict[str, Any]) -> str:
    schemas = [schema, *schema.get("anyOf", [])]
    signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    return ", ".join(f"{sign} {part[key]:g}" for part in schemas for key, sign in signs.items() if key in part)


def record_table(record: type[BaseModel]) -> str:
    """The keys of a record."""
    schema = record.model_json_schema()
    rows = []
    for name, item in schema["properties"].items():
        if name in schema.get("required", []):
            default = "required"
        elif item.get("default") in (None, "", []):
            default = "empty"
        else:
            value = item["default"]
            default = f"`{str(value).lower() if isinstance(value, bool) else value}`"
        kind = ", ".join(part for part in (_type_of(item), _range_of(item)) if part)
        rows.append((f"`{name}`", kind, str(item.get("unit", "")), default, item.get("description", "")))
    return md_table(("key", "type", "unit", "default", "what it is"), rows)


def _record_section(title: str, record: type[BaseModel]) -> str:
    return f"### {title}\n\n{plain(record.__doc__)}\n\n{record_table(record)}"


def _toml_section() -> str:
    text = "## instance.toml\n\n" + plain(Structure.__doc__) + "\n\n"
    text += (
        "A figure stands either here or, with its unit, source, year and reliability, as a row of `parameters.csv` "
        "under its dotted name; giving it twice is a mistake. Unknown keys are mistakes too.\n\n"
    )
    for path, (record, key) in RECORDS.items():
        lists = path not in (("instance",), ("levels",))
        name = ".".join([*path, *(["hub], [levels.utc], [levels.station"] if path == ("levels",) else [])])
        title = f"[[{name}]]" if lists else f"[{name}]"
        parameter = ".".join([*path, *([key.upper()] if key else ["LEVEL"] if path == ("levels",) else []), "FIELD"])
        text += _record_section(f"`{title}`, parameters `{parameter}`", record)
    text += _record_section("`[service]`", Service)
    return text + _record_section("`[[sources]]`", Source)


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


# --- policy and result ----------------------------------------------------------------------------------------------


def policy_page() -> str:
    """Keys of a policy file."""
    text = MADE + "# The policy file\n\n" + plain(Policy.__doc__) + "\n\n"
    text += "Every key may be left out. " + (
        "Names that the instance does not have are mistakes. `--policy FILE` of `hubopt solve` takes it; the result "
        "keeps a copy.\n\n"
    )
    text += "## Keys\n\n" + record_table(Policy)
    for title, record in (
        ("`[levels.LEVEL]` and `[hub_types.ID]`", Count),
        ("`[limits.LEG]`", LimitChange),
        ("`[targets.ID]`", TargetChange),
    ):
        text += f"## {title}\n\n{plain(record.__doc__)}\n\n{record_table(record)}"
    switches = Policy.model_json_schema()["properties"]["off"]["items"]["enum"]
    text += "## Switches of `off`\n\n" + ", ".join(f"`{name}`" for name in switches)
    text += ". Which rows of the model each of them takes away stands on the [mathematics](mathematics.md) page.\n\n"
    return text + "## Cost parts of `weights`\n\n" + ", ".join(f"`{part}`" for part in COST_PARTS) + ".\n"


def result_page() -> str:
    """Files of a result."""
    text = MADE + "# The result folder\n\n"
    text += (
        "`hubopt solve` writes a folder, whole or not at all: `result.json`, the tables below, `facilities.gpkg` "
        "(points, if the sites have coordinates), `map.html`, `report.html`, `policy.toml` and `solver.log`. A run "
        "without a solution leaves no folder.\n\n## result.json\n\n"
    )
    text += record_table(ResultRecord)
    return text + "".join(table_section(table, file) for file, table in PLAN_FILES.items())


# --- command line ---------------------------------------------------------------------------------------------------


def _value_of(annotation: Any, info: Any) -> str:
    """What an option takes, as help would show it."""
    if info.metavar:
        return f" {info.metavar}"
    if annotation is bool:
        return ""
    if inspect.isclass(annotation) and issubclass(annotation, Enum):
        return " " + "|".join(member.value for member in annotation)
    return {int: " NUMBER", float: " NUMBER"}.get(annotation, " TEXT")


def _parameter_row(name: str, annotation: Any, default: Any) -> tuple[str, str, str]:
    kind, info = annotation.__args__[0] if annotation.__args__ else annotation, annotation.__metadata__[0]
    required = default is inspect.Parameter.empty
    shown = (
        "required"
        if required
        else ""
        if default is None or default is False
        else f"`{getattr(default, 'value', default)}`"
    )
    if isinstance(info, typer.models.ArgumentInfo):
        return f"`{info.metavar}`", shown, info.help or ""
    given = [text for text in (info.default, *(info.param_decls or ())) if isinstance(text, str)]
    options = given or ["--" + name.replace("_", "-")]
    return f"`{', '.join(options)}{_value_of(kind, info)}`", shown, info.help or ""


def _options(callback: Callable[..., Any]) -> str:
    hints = get_type_hints(callback, include_extras=True)
    parameters = inspect.signature(callback).parameters
    rows = [_parameter_row(name, hints[name], parameters[name].default) for name in parameters]
    return md_table(("option", "default", "what it does"), rows)


def _commands(group: typer.Typer, name: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every command with its full name."""
    for command in group.registered_commands:
        callback = command.callback
        assert callback is not None
        yield f"{name} {command.name or callback.__name__}", callback
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from _commands(inner.typer_instance, f"{name} {inner.name}")


def cli_page() -> str:
    """Commands and options."""
    callback = app.registered_callback.callback if app.registered_callback else None
    assert callback is not None
    text = MADE + "# The command line\n\n" + inspect.cleandoc(callback.__doc__ or "") + "\n\n" + _options(callback)
    for name, command in _commands(app, "hubopt"):
        text += f"## {name}\n\n{inspect.cleandoc(command.__doc__ or '')}\n\n{_options(command)}"
    return text


# --- mathematics ----------------------------------------------------------------------------------------------------


def _module_title(function: Callable[..., Any]) -> str:
    module = sys.modules[function.__module__]
    return inspect.cleandoc(module.__doc__ or "").splitlines()[0].rstrip(".")


def _constraint_section(name: str, constraint: Any) -> str:
    text = f"### `{name}`\n\n{plain(constraint.rule.__doc__)}\n\n"
    over = plain(constraint.index_set.__doc__).splitlines()
    text += f"Rows: {over[0]}" if over else ""
    if constraint.switch:
        text += f" Switch: `{constraint.switch}`."
    if getattr(constraint, "strengthening", False):
        text += " Implied by the others at integer points; it tightens the relaxation."
    return text + "\n\n"


def mathematics_page() -> str:
    """Variables, constraints and objective of the model."""
    text = MADE + "# The model\n\n"
    text += (
        "Each section is the documentation of one function in `hubopt/model/`. Sets: periods $T$, sites $i$, designs "
        "$d$, options $O$ (site and design), zones $z$, commodities $k$, arcs $a$, hub types $h$.\n\n## Variables\n\n"
    )
    variables = inspect.cleandoc(add_variables.__doc__ or "")
    text += "```text\n" + re.sub(r"``(\w+)``", r"\1    ", variables[variables.index("===") :]).rstrip() + "\n```\n\n"
    title = ""
    for name, constraint in CONSTRAINTS.items():
        if (now := _module_title(constraint.rule)) != title:
            title = now
            text += f"## {title}\n\n"
        text += _constraint_section(name, constraint)
    text += "## Objective: yearly cost by part\n\n"
    for part, function in PARTS.items():
        text += f"### `{part}`\n\n{plain(function.__doc__)}\n\n"
    return text.rstrip() + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "instance.md": instance_page,
    "policy.md": policy_page,
    "result.md": result_page,
    "cli.md": cli_page,
    "mathematics.md": mathematics_page,
}
"""Reference pages by file name."""

FOLDER = ROOT / "docs" / "reference"


def main() -> None:
    """Write all pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page().rstrip() + "\n", encoding="utf-8")
        print(f"wrote {FOLDER.relative_to(ROOT) / name}")


if __name__ == "__main__":
    main()
