"""Text of TOML and JSON to trees of plain values; whatever is wrong with it is one problem, never another exception."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from hubopt.instance.errors import InputError, Problem
from hubopt.instance.text import read_text

DEEPEST = 64
"""Most levels of nesting; no file of hubopt has ten."""

_TOO_DEEP = f"is nested more than {DEEPEST} levels deep"


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        trees = [item for item in level if isinstance(item, dict | list)]
        level = [part for item in trees for part in (item.values() if isinstance(item, dict) else item)]
        if not level:
            return False
    return True


def toml_of(text: str, name: str) -> dict[str, Any] | Problem:
    """The content of a TOML file called ``name``, or why it has none."""
    mend = "mend this line (strings need quotes, lists brackets)"
    try:
        content = tomllib.loads(text)
    except RecursionError:
        return Problem(name, _TOO_DEEP, "give a flatter file")
    except ValueError as error:  # a TOMLDecodeError, or a number or date that Python cannot hold
        found = re.search(r"line (\d+)", str(error))
        return Problem(name, f"is not TOML: {error}", mend, int(found[1]) if found else None)
    return Problem(name, _TOO_DEEP, "give a flatter file") if _is_deep(content) else content


def json_of(text: str, name: str, mend: str) -> Any:
    """The content of a JSON file called ``name``, or the :class:`Problem` that keeps it from having any."""
    try:
        content = json.loads(text)
    except RecursionError:
        return Problem(name, _TOO_DEEP, mend)
    except json.JSONDecodeError as error:
        return Problem(name, f"is not JSON: {error.msg}", mend, row=error.lineno)
    except ValueError as error:  # a number of thousands of digits
        return Problem(name, f"is not JSON: {error}", mend)
    return Problem(name, _TOO_DEEP, mend) if _is_deep(content) else content


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """The content of a TOML file.

    Raises
    ------
    InputError
        If it cannot be read; ``what`` says what sort of file is asked for.
    """
    text = read_text(path)
    content = text if isinstance(text, Problem) else toml_of(text, path.name)
    if not isinstance(content, Problem):
        return content
    if content.message == "there is no such file":
        content = Problem(path.name, content.message, f"give the path of {what}")
    raise InputError([content])
