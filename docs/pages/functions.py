"""Page on the Python functions: signatures and docstrings of the public face."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import hubopt.api as face
from docs.pages.markdown import MADE, md_table, plain
from hubopt.instance import Policy
from hubopt.study.compare import Comparison

LINE = 100


def _parameter(item: inspect.Parameter) -> str:
    text = str(item)
    return text.replace(f"'{item.annotation}'", str(item.annotation)) if isinstance(item.annotation, str) else text


def signature(function: Callable[..., Any], name: str) -> str:
    """How a function is called, one parameter a line where they do not fit into one."""
    found = inspect.signature(function)
    items: list[str] = []
    keyword_only = False
    for item in found.parameters.values():
        if item.kind is item.KEYWORD_ONLY and not keyword_only and not any(part.startswith("*") for part in items):
            items.append("*")
        keyword_only = item.kind is item.KEYWORD_ONLY
        items.append(_parameter(item))
    gives = f" -> {found.return_annotation}"
    line = f"{name}({', '.join(items)}){gives}"
    if len(line) <= LINE:
        return line
    return f"{name}(\n" + "".join(f"    {item},\n" for item in items) + f"){gives}"


def _entries(block: str) -> Iterator[str]:
    """Entries of a section: a name, and below it, indented, what it means."""
    for name, meaning in re.findall(r"^(\S.*)\n((?:[ ]+.*\n?|\n)+)", block + "\n", flags=re.M):
        names = ", ".join(f"`{part.strip()}`" for part in name.split(","))
        yield f"- {names}: {' '.join(meaning.split())}"


def as_sections(docstring: str) -> str:
    """A docstring with its sections of parameters, what is given back, and errors, as Markdown."""
    parts = re.split(r"^(\w+)\n-{3,}\n", plain(docstring), flags=re.M)
    text = parts[0].strip() + "\n\n"
    for title, block in zip(parts[1::2], parts[2::2], strict=True):
        text += f"**{title}**\n\n" + "\n".join(_entries(block)) + "\n\n"
    return text


def _class_section(name: str, kind: type) -> str:
    text = f"### hubopt.{name}\n\n" + plain(kind.__doc__).replace("\nAttributes:\n", "\n") + "\n\n"
    text = re.sub(r"^    (\w+): ", r"- `\1`: ", text, flags=re.M)
    if kind is Policy:
        text += "Its keys are those of [the policy file](policy.md).\n\n"
    elif is_dataclass(kind) and kind is not Comparison:
        rows = [(f"`{item.name}`", f"`{item.type}`") for item in fields(kind) if not item.name.startswith("_")]
        text += md_table(("attribute", "type"), rows)
    for method, function in vars(kind).items():
        if inspect.isfunction(function) and not method.startswith("_") and kind is not Policy:
            text += (
                f"```python\n{signature(function, f'{name}.{method}')}\n```\n\n{as_sections(function.__doc__ or '')}"
            )
    return text


def functions_page() -> str:
    """Functions and classes of ``hubopt``."""
    named = {name: getattr(face, name) for name in face.__all__}
    text = (
        MADE + "# Python functions\n\nWhat `import hubopt` gives; [how to use it](../python.md) has a page of its own. "
    )
    text += (
        "Whatever else is to be imported lies in the rooms below and may change between versions.\n\n## Functions\n\n"
    )
    for name, item in named.items():
        if inspect.isfunction(item):
            text += f"### hubopt.{name}\n\n```python\n{signature(item, f'hubopt.{name}')}\n```\n\n"
            text += as_sections(item.__doc__ or "")
    text += "## What is given and taken\n\n"
    rows = [
        (f"`{name}`", f"`{str(item).replace('pathlib._local.', '').replace('pathlib.', '')}`")
        for name, item in named.items()
        if not inspect.isfunction(item) and not inspect.isclass(item)
    ]
    text += md_table(
        ("name", "any of"), [(name, re.sub(r"hubopt\.[a-z.]+\.", "hubopt.", kinds)) for name, kinds in rows]
    )
    for name, item in named.items():
        if inspect.isclass(item):
            text += _class_section(name, item)
    return text
