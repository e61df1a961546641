"""Python, and the packages beside hubopt: present, and in versions that hubopt's own description allows."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from hubopt.doctor.examined import Examined, State

EXTRAS = ("pdf", "osm", "stochastic", "bench")
"""Extras that some commands need."""


def described(name: str = "hubopt") -> Distribution | None:
    """What the installation says of itself; None if it was never installed."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def python(own: Distribution) -> Examined:
    """Whether this Python is one of those that hubopt runs on."""
    wanted = (own.metadata.get_all("Requires-Python") or [""])[0]
    here = platform.python_version()
    found = f"{here} ({wanted})" if wanted else here
    if SpecifierSet(wanted).contains(here, prereleases=True):
        return Examined("python", "ok", found)
    return Examined("python", "wrong", found, "python-mend", {"wanted": wanted})


def _wanted(own: Distribution, extra: str = "") -> list[Requirement]:
    """Requirements of hubopt itself, or those that an extra adds."""

    def asked(item: Requirement, by: str) -> bool:
        return item.marker is None or item.marker.evaluate({"extra": by})

    given = map(Requirement, own.requires or ())
    return [item for item in given if asked(item, extra) and not (extra and asked(item, ""))]


def unfit(wanted: Iterable[Requirement]) -> Iterator[tuple[Requirement, str]]:
    """The requirements that are not met, each with the version that is there; none: empty."""
    for item in wanted:
        try:
            here = version(item.name)
        except PackageNotFoundError:
            yield item, ""
            continue
        if not item.specifier.contains(here, prereleases=True):
            yield item, here


def required(own: Distribution) -> Examined:
    """The packages that hubopt cannot do without."""
    wanted = _wanted(own)
    wrong = list(unfit(wanted))
    if not wrong:
        return Examined("packages", "ok", str(len(wanted)))
    found = ", ".join(f"{item.name} {here or '-'} ({item.specifier})" for item, here in wrong)
    command = shlex.join(["pip", "install", *(f"{item.name}{item.specifier}" for item, _ in wrong)])
    return Examined("packages", "wrong", found, "packages-mend", {"command": command})


def extra(own: Distribution, name: str) -> Examined:
    """The packages of an extra: absent ones are no fault, wrong versions are."""
    wanted = _wanted(own, name)
    wrong = list(unfit(wanted))
    if not wrong:
        return Examined(name, "ok", ", ".join(f"{item.name} {version(item.name)}" for item in wanted))
    found = ", ".join(f"{item.name} {here or '-'} ({item.specifier})" for item, here in wrong)
    state: State = "wrong" if any(here for _, here in wrong) else "optional"
    return Examined(name, state, found, "extra-mend", {"command": f"pip install 'hubopt[{name}]'"})
