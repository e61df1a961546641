"""Page of the examples: what each is for, and its code."""

from __future__ import annotations

import ast
from pathlib import Path

from docs.pages.markdown import MADE, plain

FOLDER = Path(__file__).resolve().parents[2] / "examples"


def examples_page() -> str:
    """Every example, whole."""
    text = (
        MADE
        + "# Examples\n\nScripts of less than 60 lines in `examples/`; the tests run each of them as it stands.\n\n"
    )
    for path in sorted(FOLDER.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        title, _, rest = plain(ast.get_docstring(ast.parse(source))).partition("\n\n")
        code = source.split('"""', 2)[2].strip()
        text += f"## {path.name}\n\n{title}\n\n{rest}\n\n```python\n{code}\n```\n\n"
    return text
