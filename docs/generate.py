"""Write the generated pages: reference from schema, records, command line and model; policies from their files.

Run as ``python docs/generate.py`` (or ``make docs``); a test holds the committed pages against what this gives.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from docs.pages.commands import cli_page  # noqa: E402
from docs.pages.examples import examples_page  # noqa: E402
from docs.pages.functions import functions_page  # noqa: E402
from docs.pages.inputs import instance_page, policy_page  # noqa: E402
from docs.pages.mathematics import mathematics_page  # noqa: E402
from docs.pages.measures import measures_page  # noqa: E402
from docs.pages.policies import policies_page  # noqa: E402
from docs.pages.results import result_page  # noqa: E402

FOLDER = ROOT / "docs"

PAGES: dict[str, Callable[[], str]] = {
    "reference/instance.md": instance_page,
    "reference/policy.md": policy_page,
    "reference/result.md": result_page,
    "reference/cli.md": cli_page,
    "reference/mathematics.md": mathematics_page,
    "reference/python.md": functions_page,
    "policies.md": policies_page,
    "examples.md": examples_page,
    "measures.md": measures_page,
}
"""Generated pages by their path in ``docs``."""


def main() -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page().rstrip() + "\n", encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
