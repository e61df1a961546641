"""Two-stage stochastic programs in SMPS: the core as MPS, the stages, and scenarios that change right-hand sides.

Three files of one name: ``.cor`` (also ``.core``, ``.mps``), ``.tim`` (``.time``) and ``.sto`` (``.stoch``). Read are
what stochastic location programs use: rows, columns with integer markers, right-hand sides, ranges, bounds; and periods
told by the first column and row of each. The third file: :mod:`hubopt.formats.imports.outcomes`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from hubopt.formats.imports.tokens import LARGEST, content_of
from hubopt.instance import InputError, Problem

ENDINGS = {
    "core": (".cor", ".core", ".mps"), "time": (".tim", ".time"), "stoch": (".sto", ".stoch", ".stc"),
}  # fmt: skip
"""Endings of the three files; each may be followed by ``.gz``."""

_SECTION = re.compile(r"[A-Z]")


@dataclass
class Core:
    """The program without chance: ``entries`` by column and row; ``senses`` L, G or E by row, as they stand in it.

    ``free``: rows without a limit beyond the objective, which count for nothing.
    """

    objective: str = ""
    senses: dict[str, str] = field(default_factory=dict)
    free: set[str] = field(default_factory=set)
    entries: dict[str, dict[str, float]] = field(default_factory=dict)
    integer: set[str] = field(default_factory=set)
    right: dict[str, float] = field(default_factory=dict)
    ranges: dict[str, float] = field(default_factory=dict)
    lower: dict[str, float] = field(default_factory=dict)
    upper: dict[str, float] = field(default_factory=dict)

    def between(self, row: str) -> tuple[float, float]:
        """Least and most that a row may come to."""
        right, width, sense = self.right.get(row, 0.0), self.ranges.get(row), self.senses[row]
        if sense == "E":
            return right + min(0.0, width or 0.0), right + max(0.0, width or 0.0)
        if sense == "L":
            return (-math.inf if width is None else right - abs(width)), right
        return right, (math.inf if width is None else right + abs(width))

    def bounds(self, column: str) -> tuple[float, float]:
        """Least and most of a column; one between integer markers of which nothing is said is 0 or 1, as MPS has it."""
        most = 1.0 if column in self.integer and column not in self.lower else math.inf
        return self.lower.get(column, 0.0), self.upper.get(column, most)


@dataclass(frozen=True)
class Lines:
    """The lines of one file; every mistake is raised with its line."""

    path: Path
    text: str

    @classmethod
    def of(cls, path: Path) -> Lines:
        """The lines of a file, unpacked if it is gzipped."""
        return cls(path, content_of(path).replace(b"\0", b" ").decode("latin-1"))

    def __iter__(self) -> Iterator[tuple[int, bool, list[str]]]:
        """Line number, whether a section begins, and the words; quotes around words are taken off."""
        for number, line in enumerate(self.text.splitlines(), start=1):
            if line.strip() and not line.startswith("*"):
                yield number, bool(_SECTION.match(line)), [word.strip("'\"") for word in line.split()]

    def fail(self, number: int | None, message: str, mend: str = "fetch the file again") -> NoReturn:
        """Raise a problem of a line."""
        raise InputError([Problem(self.path.name, message, mend, row=number)])

    def number(self, line: int, word: str, what: str) -> float:
        """A finite number."""
        try:
            value = float(word) if "_" not in word else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or abs(value) > LARGEST:
            self.fail(line, f"has {word[:40]!r} where {what} is expected", "correct the number")
        return value


def siblings(path: Path) -> dict[str, Path]:
    """The three files that ``path``, any of them, belongs to.

    Raises
    ------
    InputError
        If the ending is none of SMPS, or one of the three is missing.
    """
    packed = path.name[: -len(".gz")] if path.name.lower().endswith(".gz") else path.name
    stem, ending = Path(packed).stem, Path(packed).suffix.lower()
    if ending not in {known for endings in ENDINGS.values() for known in endings}:
        mend = "give the .cor file; .tim and .sto of the same name lie beside it"
        raise InputError([Problem(path.name, "has no ending of SMPS", mend)])
    beside = {item.name.lower(): item for item in path.parent.iterdir()} if path.parent.is_dir() else {}
    found, problems = {}, []
    for kind, endings in ENDINGS.items():
        names = [f"{stem}{known}{packing}".lower() for known in endings for packing in ("", ".gz")]
        there = [beside[name] for name in names if name in beside]
        if there:
            found[kind] = path if path in there else there[0]
        else:
            wanted = f"{stem}{endings[0]}"
            problems.append(Problem(path.name, f"has no {wanted} beside it", "put the three files of SMPS together"))
    if problems:
        raise InputError(problems)
    return found


def read_core(path: Path) -> Core:
    """The program of a core file.

    Raises
    ------
    InputError
        If it is no MPS file, or uses what is not read (sections of quadratic or special constraints).
    """
    lines, core = Lines.of(path), Core()
    section, integer, ended = "", False, False
    for number, begins, words in lines:
        if begins:
            section = words[0].upper()
            if section == "ENDATA":
                ended = True
                break
            if section not in ("NAME", "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS", "OBJSENSE"):
                lines.fail(number, f"begins a section {section[:40]!r}, which is not read", "give a file without it")
            continue
        if section == "ROWS":
            _row(lines, core, number, words)
        elif section == "COLUMNS":
            if len(words) >= 3 and words[1].upper() == "MARKER":
                integer = words[2].upper() == "INTORG"
            else:
                take_pairs(lines, core, number, words, core.entries.setdefault(words[0], {}))
                if integer:
                    core.integer.add(words[0])
        elif section in ("RHS", "RANGES"):
            own = words if len(words) % 2 else ["", *words]
            take_pairs(lines, core, number, own, core.right if section == "RHS" else core.ranges)
        elif section == "BOUNDS":
            _bound(lines, core, number, words)
        elif section == "OBJSENSE" and words[0].upper().startswith("MAX"):
            lines.fail(number, "maximises", "give a file that minimises")
        elif section not in ("OBJSENSE",):
            lines.fail(number, "stands before any section", "give an MPS file")
    if not core.objective or not core.entries or not ended:
        lines.fail(None, "is no whole MPS file: it lacks rows, columns or ENDATA")
    return core


def _row(lines: Lines, core: Core, number: int, words: list[str]) -> None:
    sense = words[0].upper()
    if len(words) != 2 or sense not in ("N", "L", "G", "E"):
        lines.fail(number, "is no row: a sense (N, L, G or E) and a name are expected")
    if sense != "N":
        core.senses[words[1]] = sense
    elif not core.objective:
        core.objective = words[1]
    else:
        core.free.add(words[1])


def take_pairs(lines: Lines, core: Core, number: int, words: list[str], into: dict[str, float]) -> None:
    """Take pairs of row and value that follow a name."""
    if len(words) not in (3, 5):
        lines.fail(number, "is no entry: a name and one or two pairs of row and number are expected")
    for row, value in zip(words[1::2], words[2::2], strict=True):
        figure = lines.number(number, value, "a number")
        if row == core.objective or row in core.senses:
            into[row] = figure
        elif row not in core.free:
            lines.fail(number, f"names the row {row[:40]!r}, which is not among the rows")


def _bound(lines: Lines, core: Core, number: int, words: list[str]) -> None:
    kind = words[0].upper()
    bare = kind in ("BV", "FR", "MI", "PL")
    own = words[1:] if len(words) == (3 if bare else 4) else ["", *words[1:]]
    if len(own) != (2 if bare else 3) or own[1] not in core.entries:
        lines.fail(number, "is no bound: a kind, a name, a column and a number are expected")
    column, value = own[1], 0.0 if bare else lines.number(number, own[2], "a bound")
    if kind == "BV":
        core.integer.add(column)
        core.lower[column], core.upper[column] = 0.0, 1.0
    elif kind in ("UP", "UI"):
        core.upper[column] = value
    elif kind in ("LO", "LI"):
        core.lower[column] = value
    elif kind == "FX":
        core.lower[column] = core.upper[column] = value
    elif kind in ("MI", "FR", "PL"):
        core.lower[column] = core.lower.get(column, 0.0) if kind == "PL" else -math.inf
        core.upper[column] = core.upper.get(column, math.inf) if kind == "MI" else math.inf
    else:
        lines.fail(number, f"has a bound of kind {kind[:40]!r}, which is not read", "give a file without it")


def read_stages(path: Path, core: Core) -> tuple[frozenset[str], frozenset[str]]:
    """Columns and rows of the first stage.

    Raises
    ------
    InputError
        If the file does not tell two stages by the first column and row of each.
    """
    lines, starts, section = Lines.of(path), [], ""
    for number, begins, words in lines:
        if begins:
            section = words[0].upper()
            if section == "PERIODS" and len(words) > 1 and words[1].upper().startswith("EXP"):
                lines.fail(number, "lists every row and column", "give a file with the first of each period only")
            continue
        if section == "PERIODS":
            if len(words) < 3 or words[0] not in core.entries or words[1] not in {*core.senses, core.objective}:
                lines.fail(number, "is no period: a column and a row of the core, and a name are expected")
            starts.append((words[0], words[1]))
    if len(starts) != 2:
        lines.fail(None, f"has {len(starts)} periods", "give a program of two stages")
    columns, rows = list(core.entries), list(core.senses)
    column, row = starts[1]
    return frozenset(columns[: columns.index(column)]), frozenset(rows[: rows.index(row) if row in rows else 0])
