"""Markdown from tables, docstrings and pydantic records."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

MADE = "<!-- Made by docs/generate.py from the code; change it there and run `make docs`. -->\n\n"


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
    text = re.sub(r"^\.\. math::\s*(.*(?:\n[ \t]+.*)*)$", _display, text, flags=re.M)
    return text.replace("``", "`")


def _display(found: re.Match[str]) -> str:
    """A displayed formula on one line."""
    return "$$" + " ".join(line.strip() for line in found[1].splitlines()) + "$$"


def first_sentence(docstring: str | None) -> str:
    """What a docstring says up to the first blank line, in one line."""
    return " ".join(plain(docstring).split("\n\n")[0].split())


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
    inner = schema.get("additionalProperties")
    if kind == "object" and isinstance(inner, dict):
        return "table" if "$ref" in inner else f"table of {_type_of(inner)}, {_range_of(inner)}".rstrip(", ")
    words = {"string": "text", "number": "number", "integer": "whole number", "boolean": "true or false"}
    return words.get(kind, "table")


def _range_of(schema: dict[str, Any]) -> str:
    schemas = [schema, *schema.get("anyOf", [])]
    signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    return ", ".join(f"{sign} {part[key]:g}" for part in schemas for key, sign in signs.items() if key in part)


def _default_of(name: str, item: dict[str, Any], required: Iterable[str]) -> str:
    if name in required:
        return "required"
    value = item.get("default")
    if value in (None, "", []) or isinstance(value, dict):
        return "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def record_table(record: type[BaseModel]) -> str:
    """The keys of a record."""
    schema = record.model_json_schema()
    rows = []
    for name, item in schema["properties"].items():
        kind = ", ".join(part for part in (_type_of(item), _range_of(item)) if part)
        default = _default_of(name, item, schema.get("required", []))
        rows.append((f"`{name}`", kind, str(item.get("unit", "")), default, item.get("description", "")))
    return md_table(("key", "type", "unit", "default", "what it is"), rows)
