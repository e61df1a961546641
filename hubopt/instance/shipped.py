"""Instances and policies that come with hubopt, by name: beside the code in a wheel, in instances/ in a repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hubopt.instance.draft import TOML

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped_folder(package: Path = _PACKAGE) -> Path | None:
    """Folder of what comes with hubopt; None where neither a wheel nor a repository has brought it along."""
    if (inside := package / "shipped").is_dir():
        return inside
    beside = package.parent / "instances"
    return beside if beside.is_dir() and (package.parent / "pyproject.toml").is_file() else None


def shipped_instances() -> Mapping[str, Path]:
    """Folders of the instances that come with hubopt, by name."""
    folder = shipped_folder()
    return {} if folder is None else {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{TOML}"))}


def shipped_policies() -> Mapping[str, Path]:
    """Files of the policies that come with hubopt, by name."""
    folder = shipped_folder()
    return {} if folder is None else {path.stem: path for path in sorted(folder.glob("policies/*.toml"))}


def shipped_unless_there(given: Path, shipped: Mapping[str, Path], *, seen_from: Path | None = None) -> Path:
    """``given`` (as seen from a folder), or what comes with hubopt by that name if nothing lies at that place."""
    place = given if seen_from is None else seen_from / given
    return place if place.exists() else shipped.get(str(given), place)
