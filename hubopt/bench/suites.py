"""The suites by name: which cases each has, and what it finds missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from hubopt.bench import samples
from hubopt.bench.cases import Case, Folder, PublishedFile, Synthetic
from hubopt.bench.published import published
from hubopt.bench.scale import case_name
from hubopt.formats.imports import FORMATS, Options

CAPACITIES: Mapping[str, tuple[int, ...]] = {
    "capa": (8000, 10000, 12000, 14000),
    "capb": (5000, 6000, 7000, 8000),
    "capc": (5000, 5750, 6500, 7250),
}
"""Capacities with which the large warehouse files are published."""

DEFAULT_SIZES = ((300, 80, 20, 8),)

DRAWN_MEDIANS = ((100, 5), (100, 20), (200, 10), (300, 30), (400, 5), (400, 133))
"""Vertices and medians of the graphs that are drawn, of the sizes of pmed1 to pmed20."""

_ENDING = r"(?:\.txt|\.dat)?(?:\.gz)?$"


@dataclass(frozen=True)
class Asked:
    """What the user says of the cases: where data lie, where files may be written, names, sizes and seeds."""

    data: Path | None
    work: Path
    names: Sequence[str] = ()
    sizes: Sequence[tuple[int, int, int, int]] = DEFAULT_SIZES
    seeds: Sequence[int] = (0, 1, 2)
    policy: Path | None = None


@dataclass(frozen=True)
class Found:
    """The cases of a suite in their order, and sentences about what is missing."""

    cases: tuple[Case, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suite:
    """A suite: how its cases are found, its reference, and what it is run with unless the user says otherwise."""

    title: str
    reference: str
    find: Callable[[Asked], Found]
    gap: float = 1e-4
    methods: tuple[str, ...] = ("auto",)
    rivals: tuple[str, ...] = ("highs",)
    time_limit: float = 60.0


def stem_of(path: Path) -> str:
    """Name of a file without the endings of published files."""
    return re.sub(_ENDING, "", path.name)


def _order(name: str) -> list[tuple[int, int | str]]:
    """Numbers in a name count as numbers."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name) if part]


def _files(asked: Asked, pattern: str) -> list[Path]:
    """Files below the data folder whose name fits, one for each name, in the order of their names."""
    if asked.data is None:
        return []
    fitting = (path for path in asked.data.rglob("*") if path.is_file() and re.fullmatch(pattern + _ENDING, path.name))
    by_name = {stem_of(path): path for path in sorted(fitting, reverse=True)}
    return [by_name[name] for name in sorted(by_name, key=_order)]


def _cases(format: str, family: str, files: Iterable[Path], options: Options | None = None) -> list[Case]:
    values = published()
    return [
        Case(
            stem_of(path),
            family,
            PublishedFile(format, path, options or Options()),
            values.get((family, stem_of(path))),
        )
        for path in files
    ]


def _found(cases: Sequence[Case], pattern: str, asked: Asked) -> Found:
    if cases:
        return Found(tuple(cases))
    where = "give --data DIR" if asked.data is None else f"{asked.data} has none"
    return Found((), (f"no files {pattern}: {where}",))


def _orlib(asked: Asked) -> Found:
    cases = _cases("orlib-cflp", "orlib_cflp", _files(asked, r"cap\d+"))
    values = published()
    for path in _files(asked, r"cap[abc]"):
        for capacity in CAPACITIES[stem_of(path)]:
            name = f"{stem_of(path)}{capacity}"
            origin = PublishedFile("orlib-cflp", path, Options(name=name, capacity=float(capacity)))
            cases.append(Case(name, "orlib_cflp", origin, values.get(("orlib_cflp", name))))
    return _found(cases, "cap41 ... cap134, capa, capb, capc", asked)


def _orlib_single(asked: Asked) -> Found:
    files = _files(asked, r"cap\d+")
    return _found(_cases("orlib-cflp", "orlib_cflp_ss", files, Options(single_source=True)), "cap41 ... cap134", asked)


def _orlib_uncapacitated(asked: Asked) -> Found:
    # files that differ in their capacities only are one problem: those with a published value are taken
    files = [path for path in _files(asked, r"cap(?:\d+|[abc])") if ("orlib_uflp", stem_of(path)) in published()]
    return _found(_cases("orlib-uflp", "orlib_uflp", files), "cap71 ... cap134", asked)


def _of_format(format: str, family: str, pattern: str, shown: str, asked: Asked) -> Found:
    return _found(_cases(format, family, _files(asked, pattern)), shown, asked)


def _mptscflp(asked: Asked) -> Found:
    kstar = _cases("mptscflp", "mptscflp_kstar", _files(asked, r"kstar_\w+"))
    mauri = _cases("mptscflp", "mptscflp_mauri2021", _files(asked, r"PSC\d+-C\d+-\d+-\d+"))
    return _found([*kstar, *mauri], "kstar_* and PSC*-C*-*-*", asked)


def _sslp(asked: Asked) -> Found:
    missing = () if "smps" in FORMATS else ("this version cannot import smps: hubopt itself has nothing to run on",)
    files = [] if asked.data is None else sorted(asked.data.rglob("sslp*.cor"), key=lambda path: _order(path.name))
    values = published()
    cases = [
        Case(path.stem, "sslp", PublishedFile("smps", path), values.get(("sslp", path.stem.replace("-", "_"))))
        for path in files
    ]
    found = _found(cases, "sslp*.cor", asked)
    return replace(found, missing=(*found.missing, *missing))


def _hub(asked: Asked) -> Found:
    cases = _cases("pmedian", "pmedian", _files(asked, r"pmed\d+"))
    for path in _files(asked, r"(?i:ap|cab)[\w.-]*?"):
        matrices = path.name.lower().startswith("cab")
        for single in (True, False):
            name = f"{stem_of(path)}-{'single' if single else 'multiple'}"
            origin = PublishedFile("hub", path, Options(name=name, single_source=single, matrices=matrices))
            cases.append(Case(name, "hub", origin))
    missing = () if cases else ("no files pmed*, AP* or CAB*: the drawn ones alone are run",)
    folder = asked.work / "samples"
    for count, hubs in ((10, 3), (15, 4), (20, 4)):
        path = samples.write_sample(f"nodes-{count}-p{hubs}", partial(samples.nodes, count=count, hubs=hubs), folder)
        for single in (True, False):
            name = f"{stem_of(path)}-{'single' if single else 'multiple'}"
            cases.append(Case(name, "hub", PublishedFile("hub", path, Options(name=name, single_source=single))))
    for vertices, medians in DRAWN_MEDIANS:
        name = f"graph-{vertices}-p{medians}"
        path = samples.write_sample(name, partial(samples.graph, vertices=vertices, medians=medians), folder)
        cases.append(Case(name, "pmedian", PublishedFile("pmedian", path)))
    return Found(tuple(cases), missing)


def _scale(asked: Asked) -> Found:
    return Found(
        tuple(
            Case(case_name(*sizes, seed), "scale", Synthetic(sizes, seed))
            for sizes in asked.sizes
            for seed in asked.seeds
        )
    )


def _geo(asked: Asked) -> Found:
    root = asked.data or Path("instances")
    folders = sorted(path.parent for path in root.glob("*/instance.toml"))
    cases = [Case(path.name, "geo", Folder(path, asked.policy)) for path in folders]
    missing = () if cases else (f"no folder of an instance in {root}: give --data DIR",)
    return Found(tuple(cases), missing)


def _smoke(asked: Asked) -> Found:
    folder = asked.work / "samples"
    cases = [
        Case(name, "drawn", PublishedFile(format, samples.write_sample(name, maker, folder)))
        for name, (format, maker) in samples.SAMPLES.items()
    ]
    return Found((*cases, Case(case_name(30, 8, 4, 2, 0), "scale", Synthetic((30, 8, 4, 2), 0))))


SUITES: Mapping[str, Suite] = {
    "orlib": Suite(
        "OR-Library warehouses with capacities, several sources",
        "Beasley, An algorithm for solving large capacitated warehouse location problems, EJOR 33 (1988)",
        _orlib,
    ),
    "orlib-single": Suite(
        "the same files, single source", "Beasley 1988; values of Guastaroba and Speranza 2014", _orlib_single
    ),
    "orlib-uncapacitated": Suite("the same files without capacities", "Beasley 1988", _orlib_uncapacitated),
    "holmberg": Suite(
        "single-source facility location",
        "Holmberg, Ronnqvist, Yuan, An exact algorithm for the capacitated facility location problem, EJOR 113 (1999)",
        partial(_of_format, "sscflp", "sscflp_holmberg", r"p\d+", "p1 ... p71"),
    ),
    "tscflp": Suite(
        "two-stage facility location, one product",
        "Fernandes et al., A simple and effective genetic algorithm for the two-stage capacitated facility location "
        "problem, Computers & Industrial Engineering 75 (2014)",
        partial(_of_format, "tscflp", "tscflp_fernandes2014", r"PSC\d+-C\d+-\d+", "PSC*-C*-*"),
        time_limit=200.0,
    ),
    "mptscflp": Suite(
        "two-stage facility location, several products",
        "Mauri et al., Hybrid metaheuristic for the multi-product two-stage capacitated facility location problem, "
        "EJOR 295 (2021)",
        _mptscflp,
        time_limit=200.0,
    ),
    "sslp": Suite(
        "stochastic server location",
        "Ntaimo, Sen, The million-variable march for stochastic combinatorial optimization, JOGO 32 (2005)",
        _sslp,
    ),
    "hub": Suite(
        "p-median and hub location",
        "Beasley 1985 (pmed); Ernst, Krishnamoorthy 1996, 1998 (AP); O'Kelly 1987 (CAB); and drawn ones",
        _hub,
    ),
    "scale": Suite(
        "synthetic three-level cases",
        "drawn from a seed",
        _scale,
        gap=0.005,
        methods=("decompose", "monolith"),
        rivals=("scip", "cpsat"),
        time_limit=240.0,
    ),
    "geo": Suite("instances made from geography", "the project's own", _geo, gap=0.005),
    "smoke": Suite("one small case of each kind", "drawn from a seed", _smoke, time_limit=5.0),
}
"""Every suite by its name."""


def cases_of(suite: str, asked: Asked) -> Found:
    """The cases of a suite whose names fit one of the patterns asked for (all if none is)."""
    found = SUITES[suite].find(asked)
    if not asked.names:
        return found
    chosen = tuple(case for case in found.cases if any(fnmatchcase(case.name, name) for name in asked.names))
    unknown = [name for name in asked.names if not any(fnmatchcase(case.name, name) for case in found.cases)]
    return replace(
        found, cases=chosen, missing=(*found.missing, *(f"no instance is called {name}" for name in unknown))
    )
