"""Known vulnerabilities of the locked packages, from the advisory service or from a local copy of its advisories.

    python audit/advisories.py requirements.lock --local FILE_OR_FOLDER

Exit codes: 0 none is known; 1 some are; 2 bad usage or advisories that cannot be read; 3 the service cannot be reached,
which says nothing about the packages. Without a network, give advisories in the OSV format: a JSON file, a folder of
them, or the archive of all Python advisories that the OSV project publishes.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

NONE, FOUND, USAGE, UNREACHABLE = 0, 1, 2, 3

LARGEST = 16_000_000
"""Most bytes of one advisory."""

_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """An advisory that a locked package falls under."""

    package: str
    version: str
    advisory: str
    fixed: str
    summary: str


def locked(lock: Path) -> set[tuple[str, str]]:
    """Name and version of every package of a lock file."""
    return {(canonicalize_name(name), version) for name, version in _PINNED.findall(lock.read_text(encoding="utf-8"))}


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The advisories in a JSON file, a folder or a zip archive of them."""
    if path.is_dir():
        for file in sorted(path.glob("*.json")):
            yield from records(file)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for item in archive.infolist():
                if item.filename.endswith(".json") and item.file_size <= LARGEST:
                    yield json.loads(archive.read(item))
    else:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"{path.name} takes more than {LARGEST / 1e6:g} MB")
        content = json.loads(path.read_text(encoding="utf-8"))
        yield from content if isinstance(content, list) else [content]


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _within(version: Version, events: list[dict[str, str]]) -> bool:
    """Whether a version lies between the ``introduced`` and ``fixed`` (or ``last_affected``) events of a range."""
    inside = False
    known = [(_version(value), kind) for event in events for kind, value in event.items()]
    order = {"introduced": 0, "fixed": 1, "last_affected": 2, "limit": 1}
    for bound, kind in sorted(
        ((bound, kind) for bound, kind in known if bound is not None and kind in order),
        key=lambda item: (item[0], order[item[1]]),
    ):
        if kind == "introduced":
            inside = inside or version >= bound
        elif kind == "last_affected":
            inside = inside and version <= bound
        else:
            inside = inside and version < bound
    return inside


def affects(affected: dict[str, Any], name: str, version: str) -> bool:
    """Whether one ``affected`` part of an advisory names this package in this version."""
    package = affected.get("package", {})
    if package.get("ecosystem") != "PyPI" or canonicalize_name(str(package.get("name", ""))) != name:
        return False
    own = _version(version)
    if version in affected.get("versions", []) or own in {_version(text) for text in affected.get("versions", [])}:
        return True
    ranges = [part for part in affected.get("ranges", []) if part.get("type") == "ECOSYSTEM"]
    return own is not None and any(_within(own, part.get("events", [])) for part in ranges)


def known(path: Path, packages: set[tuple[str, str]]) -> list[Finding]:
    """Every advisory in ``path`` that one of the packages falls under; withdrawn ones do not count."""
    by_name = dict(packages)
    found = []
    for record in records(path):
        if record.get("withdrawn"):
            continue
        for affected in record.get("affected", []):
            name = canonicalize_name(str(affected.get("package", {}).get("name", "")))
            if name in by_name and affects(affected, name, by_name[name]):
                ends = [event["fixed"] for part in affected.get("ranges", []) for event in part.get("events", [])
                        if "fixed" in event]  # fmt: skip
                summary = str(record.get("summary") or record.get("details", "")).splitlines()[:1]
                title = " ".join([str(record.get("id", "?")), *record.get("aliases", [])])
                found.append(Finding(name, by_name[name], title, ", ".join(ends) or "none", "".join(summary)))
    return sorted(found, key=lambda item: (item.package, item.advisory))


def asked(locks: list[Path]) -> list[Finding] | None:
    """What the advisory service knows of the locked packages (by pip-audit); None if it cannot be reached."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        lists = [part for lock in locks for part in ("--requirement", str(lock))]
        run = subprocess.run(
            [sys.executable, "-m", "pip_audit", *lists, "--require-hashes", "--disable-pip",
             "--progress-spinner", "off", "--timeout", "15", "--format", "json", "--output", str(report)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if not report.is_file() or not report.read_text(encoding="utf-8").strip():
            print(
                run.stderr.strip().splitlines()[-1] if run.stderr.strip() else "pip-audit said nothing", file=sys.stderr
            )
            return None
        content = json.loads(report.read_text(encoding="utf-8"))
    return [
        Finding(item["name"], item["version"], " ".join([hit["id"], *hit.get("aliases", [])]),
                ", ".join(hit.get("fix_versions", [])) or "none", str(hit.get("description", "")).splitlines()[:1][0]
                if hit.get("description") else "")
        for item in content["dependencies"] for hit in item.get("vulns", [])
    ]  # fmt: skip


def main() -> int:
    """Look the packages up; print what is known and return the exit code."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("locks", nargs="+", type=Path, metavar="LOCK", help="lock files")
    ask.add_argument("--local", type=Path, help="advisories in the OSV format, in place of the service")
    given = ask.parse_args()
    packages = {package for lock in given.locks for package in locked(lock)}
    if given.local is None:
        found = asked(given.locks)
        if found is None:
            print(
                "audit: the advisory service cannot be reached; nothing is known of the packages.\n"
                "Without a network: make audit ADVISORIES=FILE (advisories in the OSV format)",
                file=sys.stderr,
            )
            return UNREACHABLE
    else:
        try:
            found = known(given.local, packages)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, zipfile.BadZipFile) as error:
            print(f"audit: {given.local} cannot be read: {error}", file=sys.stderr)
            return USAGE
    for item in found:
        print(f"{item.package} {item.version}: {item.advisory}; fixed in {item.fixed}. {item.summary}")
    print(f"audit: {len(packages)} packages, {len(found)} known vulnerabilities")
    return FOUND if found else NONE


if __name__ == "__main__":
    sys.exit(main())
