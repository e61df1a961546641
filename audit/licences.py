"""The licences of all locked packages, from what is installed: a page for people, and a refusal of what must not be.

    python audit/licences.py --python .venv/bin/python --write docs/licences.md

Exit codes: 0 all are allowed; 1 some are unknown or not allowed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]

ALLOWED = (
    "MIT", "BSD", "Apache", "ISC", "PSF", "Python Software Foundation", "MPL-2.0", "Mozilla Public License 2.0", "HPND",
    "Unlicense", "CC0", "Zlib", "BSL-1.0", "Boost", "2-Clause", "3-Clause", "Public Domain",
)  # fmt: skip
"""Words of the licences that hubopt may be passed on with."""

ONLY_TESTS = ("GPL", "GNU", "LGPL")
"""Words of licences that a tool of the tests may have, as it is not passed on with hubopt."""

JUDGED = {"axe-playwright-python": "MIT, with axe-core (MPL-2.0)", "mpi-sppy": "BSD-3-Clause"}
"""Licences of packages whose metadata name none, as their own licence files say."""


@dataclass(frozen=True)
class Licensed:
    """A package with its licence, and whether running hubopt needs it."""

    name: str
    version: str
    licence: str
    running: bool

    @property
    def verdict(self) -> str:
        """What keeps it from being used; "" if nothing does."""
        if self.licence in ("", "UNKNOWN"):
            return "its licence is not known"
        strict = any(re.search(rf"\b{re.escape(word)}", self.licence) for word in ONLY_TESTS)
        open_choice = " OR " in self.licence and any(word in self.licence for word in ALLOWED)
        if strict and not open_choice:
            return "its licence does not go with hubopt's" if self.running else ""
        return "" if any(word in self.licence for word in ALLOWED) else "its licence is on no list"


def _names(lock: Path) -> set[str]:
    pinned = re.findall(
        r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==", lock.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {canonicalize_name(name) for name in pinned}


def _licence(item: dict[str, str]) -> str:
    """The licence as the package states it: the expression, else the classifier, else the first line of the field."""
    name = canonicalize_name(item["Name"])
    if name in JUDGED:
        return JUDGED[name]
    for key in ("License-Expression", "License-Classifier", "License-Metadata"):
        text = item.get(key, "UNKNOWN").strip()
        if text and text != "UNKNOWN":
            first = text.splitlines()[0].strip()
            return first if len(first) <= 80 else first[:77] + "..."
    return "UNKNOWN"


def installed(python: Path) -> list[Licensed]:
    """Every locked package that is installed for ``python``."""
    run = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--python", str(python), "--format=json", "--from=all"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    running, every = _names(ROOT / "requirements.lock"), _names(ROOT / "requirements-dev.lock")
    return sorted(
        (
            Licensed(item["Name"], item["Version"], _licence(item), canonicalize_name(item["Name"]) in running)
            for item in json.loads(run.stdout)
            if canonicalize_name(item["Name"]) in every
        ),
        key=lambda item: item.name.lower(),
    )


def page(packages: list[Licensed]) -> str:
    """The page: what hubopt runs with, and what its tests use besides."""
    parts = [
        "# Licences of what hubopt uses", "",
        "Made by `make audit` from the metadata of the installed packages; none of them is part of hubopt.", "",
    ]  # fmt: skip
    for title, running in (("To run", True), ("To build and test besides", False)):
        rows = [f"| {item.name} | {item.version} | {item.licence} |" for item in packages if item.running is running]
        parts += [f"## {title}", "", "| package | version | licence |", "| --- | --- | --- |", *rows, ""]
    return "\n".join(parts)


def main() -> int:
    """Write the page; complain of what must not be used."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--python", type=Path, required=True, help="the interpreter whose packages are looked at")
    ask.add_argument("--write", type=Path, help="the page")
    given = ask.parse_args()
    packages = installed(given.python)
    if given.write is not None:
        given.write.write_text(page(packages), encoding="utf-8")
    wrong = [item for item in packages if item.verdict]
    for item in wrong:
        print(f"{item.name} {item.version} ({item.licence}): {item.verdict}", file=sys.stderr)
    print(f"licences: {len(packages)} packages, {len(wrong)} not allowed or not known")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
