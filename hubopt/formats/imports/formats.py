"""The formats by name, what each takes beside its file, and the one way in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from hubopt.formats.imports.cflp import orlib_cflp, orlib_uflp, sscflp
from hubopt.formats.imports.covering import covering
from hubopt.formats.imports.hubs import hub
from hubopt.formats.imports.medians import pmedian
from hubopt.formats.imports.options import Options
from hubopt.formats.imports.servers import smps, smps_scenarios
from hubopt.formats.imports.twostage import mptscflp, tscflp
from hubopt.instance import InputError, Instance, Problem


@dataclass(frozen=True)
class Format:
    """A published format: how it is read, which options beside the name it heeds, and what it is."""

    read: Callable[[Path, Options], Instance]
    options: frozenset[str]
    title: str
    beside: Callable[[Path, Options], Mapping[str, str]] | None = None
    """Further files (text by name) that go into the folder of the instance."""


FORMATS: Mapping[str, Format] = {
    "orlib-cflp": Format(
        orlib_cflp,
        frozenset({"capacity", "single_source"}),
        "OR-Library warehouses with capacities (cap41 to cap134; capa, capb, capc with --capacity)",
    ),
    "orlib-uflp": Format(orlib_uflp, frozenset(), "the same files without capacities"),
    "sscflp": Format(sscflp, frozenset({"single_source"}), "single-source facility location, Holmberg layout"),
    "tscflp": Format(tscflp, frozenset(), "two-stage facility location, Fernandes layout"),
    "mptscflp": Format(mptscflp, frozenset(), "several products, two stages, Mauri layout"),
    "pmedian": Format(pmedian, frozenset({"facilities"}), "p-median on a graph, OR-Library layout"),
    "covering": Format(
        covering,
        frozenset({"maximal", "facilities"}),
        "set covering, OR-Library scp layout; --maximal: n p r, x y demand",
    ),
    "hub": Format(
        hub,
        frozenset({"single_source", "facilities", "matrices", "capacities", "fixed_costs"}),
        "hub location, AP layout; --matrices: n, distances, flows, p and three costs",
    ),
    "smps": Format(
        smps,
        frozenset(),
        "two-stage stochastic server location in SMPS (.cor with .tim and .sto beside it), with its scenarios",
        smps_scenarios,
    ),
}
"""Every format by the name that the command line gives it."""


def import_file(format: str, path: Path, options: Options | None = None) -> Instance:
    """The instance in a published file, plain or gzipped.

    Raises
    ------
    InputError
        If the file is not of the format (with its line and the position of the token), or an option does not fit it.
    """
    chosen, given = FORMATS[format], options or Options()
    if given.name is not None and not re.fullmatch(r"[^\s,;|]{1,100}", given.name):
        message = "is no id of an instance"
        mend = "give up to 100 characters without spaces, commas, semicolons and bars"
        raise InputError([Problem("--name", message, mend, value=given.name)])
    unset = Options()
    for item in fields(given):
        if item.name not in chosen.options | {"name"} and getattr(given, item.name) != getattr(unset, item.name):
            message = f"--{item.name.replace('_', '-')} says nothing to the format {format}"
            raise InputError([Problem(path.name, message, "leave it out, or give another format")])
    return chosen.read(path, given)
