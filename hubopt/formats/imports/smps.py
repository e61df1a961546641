"""Two-stage stochastic programs in SMPS: the core as MPS, the stages, and scenarios that change right-hand sides.

Three files of one name: ``.cor`` (also ``.core``, ``.mps``), ``.tim`` (``.time``) and ``.sto`` (``.stoch``). Read are
what stochastic location programs use: rows, columns with integer markers, right-hand sides, bounds; periods told by the
first column and row of each; and scenarios (``SC``) that follow from the root or from one another.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
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
    """The program without chance: ``entries`` by column and row; ``senses`` L, G or E by row, as they stand in it."""

    objective: str = ""
    senses: dict[str, str] = field(default_factory=dict)
    entries: dict[str, dict[str, float]] = field(default_factory=dict)
    integer: set[str] = field(default_factory=set)
    right: dict[str, float] = field(default_factory=dict)
    lower: dict[str, float] = field(default_factory=dict)
    upper: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """A scenario: its probability, and right-hand sides in place of the core's, by row."""

    id: str
    probability: float
    right: Mapping[str, float]


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
        If it is no MPS file, or uses what is not read (ranges, general constraints).
    """
    lines, core = Lines.of(path), Core()
    section, integer, ended = "", False, False
    for number, begins, words in lines:
        if begins:
            section = words[0].upper()
            if section == "ENDATA":
                ended = True
                break
            if section not in ("NAME", "ROWS", "COLUMNS", "RHS", "BOUNDS", "OBJSENSE"):
                lines.fail(number, f"begins a section {section[:40]!r}, which is not read", "give a file without it")
            continue
        if section == "ROWS":
            _row(lines, core, number, words)
        elif section == "COLUMNS":
            if len(words) >= 3 and words[1].upper() == "MARKER":
                integer = words[2].upper() == "INTORG"
            else:
                _pairs(lines, core, number, words, core.entries.setdefault(words[0], {}))
                if integer:
                    core.integer.add(words[0])
        elif section == "RHS":
            own = words if len(words) % 2 else ["", *words]
            _pairs(lines, core, number, own, core.right)
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


def _pairs(lines: Lines, core: Core, number: int, words: list[str], into: dict[str, float]) -> None:
    """Take pairs of row and value that follow a name."""
    if len(words) not in (3, 5):
        lines.fail(number, "is no entry: a name and one or two pairs of row and number are expected")
    for row, value in zip(words[1::2], words[2::2], strict=True):
        if row != core.objective and row not in core.senses:
            lines.fail(number, f"names the row {row[:40]!r}, which is not among the rows")
        into[row] = lines.number(number, value, "a number")


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
    elif kind == "MI" or kind == "FR":
        core.lower[column] = -math.inf
    elif kind != "PL":
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


def read_outcomes(path: Path, core: Core) -> tuple[Outcome, ...]:
    """The scenarios of a stochastic file.

    Raises
    ------
    InputError
        If it has other sections than scenarios, changes more than right-hand sides, or chances that do not sum to 1.
    """
    lines, found, section = Lines.of(path), [], ""
    known: dict[str, dict[str, float]] = {"ROOT": {}}
    for number, begins, words in lines:
        if begins:
            section = words[0].upper()
            if section == "ENDATA":
                break
            if section not in ("STOCH", "SCENARIOS"):
                mend = "give a file with the section SCENARIOS"
                lines.fail(number, f"begins a section {section[:40]!r}, which is not read", mend)
        elif section != "SCENARIOS":
            lines.fail(number, "stands before the section SCENARIOS")
        elif words[0].upper() == "SC":
            if len(words) < 4 or words[1] in known or (words[2] not in known and words[2].upper() != "ROOT"):
                lines.fail(number, "is no scenario: SC, a new name, ROOT or an earlier one, and a chance are expected")
            chance = lines.number(number, words[3], "a chance")
            if not 0 <= chance <= 1:
                lines.fail(number, f"has the chance {chance:g}", "give a chance from 0 to 1")
            known[words[1]] = dict(known.get(words[2], {}))
            found.append((words[1], chance))
        elif not found:
            lines.fail(number, "stands before the first scenario")
        else:
            own = words if len(words) % 2 else ["", *words]
            if own[0] in core.entries:
                lines.fail(number, f"changes the column {own[0][:40]!r}", "give scenarios of right-hand sides only")
            _pairs(lines, core, number, own, known[found[-1][0]])
    total = math.fsum(chance for _, chance in found)
    if not found or abs(total - 1) > 1e-4:
        lines.fail(None, f"has {len(found)} scenarios with chances that sum to {total:g}", "mend the chances")
    return tuple(Outcome(name, chance, known[name]) for name, chance in found)
