"""What may happen, as the third file of SMPS says it: scenarios, or rows and blocks of rows that vary on their own.

``SCENARIOS``: each follows from the root or an earlier one, and changes right-hand sides (``SC``). ``INDEP``: each line
a value of one right-hand side and its chance. ``BLOCKS``: each ``BL`` a realisation of a block with its chance; what a
later one does not say is as in the first of the block. What varies independently is multiplied out.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hubopt.formats.imports.smps import Core, Lines, take_pairs

MOST_OUTCOMES = 10_000
"""Outcomes into which independent rows and blocks are multiplied out."""

_SECTIONS = ("SCENARIOS", "INDEP", "BLOCKS")
_KINDS = {"DISCRETE", "REPLACE"}
"""Words beside the name of a section that say what is read: values with chances, in place of the core's."""


@dataclass(frozen=True)
class Outcome:
    """A scenario: its probability, and right-hand sides in place of the core's, by row."""

    id: str
    probability: float
    right: Mapping[str, float]


@dataclass
class _Read:
    """What has been read: scenarios by their names, and realisations of what varies on its own (a row or a block)."""

    lines: Lines
    core: Core
    scenarios: dict[str, dict[str, float]] = field(default_factory=lambda: {"ROOT": {}})
    chances: dict[str, float] = field(default_factory=dict)
    apart: dict[str, list[tuple[float, dict[str, float]]]] = field(default_factory=dict)

    def chance(self, number: int, word: str) -> float:
        """A chance from 0 to 1."""
        chance = self.lines.number(number, word, "a chance")
        if not 0 <= chance <= 1:
            self.lines.fail(number, f"has the chance {chance:g}", "give a chance from 0 to 1")
        return chance

    def pairs(self, number: int, words: list[str], into: dict[str, float]) -> None:
        """Right-hand sides, by row."""
        own = words if len(words) % 2 else ["", *words]
        if own[0] in self.core.entries:
            self.lines.fail(number, f"changes the column {own[0][:40]!r}", "give right-hand sides only")
        take_pairs(self.lines, self.core, number, own, into)

    def scenario(self, number: int, words: list[str]) -> None:
        """A line of ``SCENARIOS``."""
        if words[0].upper() == "SC":
            if (
                len(words) < 4
                or words[1] in self.scenarios
                or (words[2] not in self.scenarios and words[2].upper() != "ROOT")
            ):
                self.lines.fail(
                    number, "is no scenario: SC, a new name, ROOT or an earlier one, and a chance are expected"
                )
            self.chances[words[1]] = self.chance(number, words[3])
            self.scenarios[words[1]] = dict(self.scenarios.get(words[2], {}))
        elif not self.chances:
            self.lines.fail(number, "stands before the first scenario")
        else:
            self.pairs(number, words, self.scenarios[next(reversed(self.chances))])

    def row(self, number: int, words: list[str]) -> None:
        """A line of ``INDEP``: the right-hand side, row, value, perhaps the period, and the chance."""
        if len(words) not in (4, 5):
            self.lines.fail(number, "is no value of a row: RHS, a row, a value, a period and a chance are expected")
        right: dict[str, float] = {}
        self.pairs(number, words[:3], right)
        self.apart.setdefault(f"row {words[1]}", []).append((self.chance(number, words[-1]), right))

    def block(self, number: int, words: list[str]) -> None:
        """A line of ``BLOCKS``."""
        if words[0].upper() == "BL":
            if len(words) not in (3, 4):
                self.lines.fail(number, "is no block: BL, a name, a period and a chance are expected")
            # to the end of the others, so that the rows that follow are its own
            known = self.apart.pop(f"block {words[1]}", [])
            first = dict(known[0][1]) if known else {}
            self.apart[f"block {words[1]}"] = [*known, (self.chance(number, words[-1]), first)]
        elif not self.apart or not next(reversed(self.apart)).startswith("block "):
            self.lines.fail(number, "stands before the first block")
        else:
            self.pairs(number, words, self.apart[next(reversed(self.apart))][-1][1])

    def outcomes(self) -> tuple[Outcome, ...]:
        """All that may happen; what varies on its own is multiplied out."""
        if not self.apart:
            total = math.fsum(self.chances.values())
            if not self.chances or abs(total - 1) > 1e-4:
                message = f"has {len(self.chances)} scenarios with chances that sum to {total:g}"
                self.lines.fail(None, message, "mend the chances")
            return tuple(Outcome(name, chance, self.scenarios[name]) for name, chance in self.chances.items())
        if self.chances:
            self.lines.fail(None, "has scenarios beside rows or blocks that vary on their own", "give one of the two")
        self._each_row_once()
        for name, realisations in self.apart.items():
            total = math.fsum(chance for chance, _ in realisations)
            if abs(total - 1) > 1e-4:
                self.lines.fail(None, f"has chances of {name[:60]} that sum to {total:g}", "mend the chances")
        count = math.prod(len(realisations) for realisations in self.apart.values())
        if count > MOST_OUTCOMES:
            message = f"has {len(self.apart)} rows or blocks that vary on their own: {count:.4g} outcomes"
            self.lines.fail(None, message, f"give at most {MOST_OUTCOMES:,} of them as scenarios")
        found = []
        for place, choice in enumerate(itertools.product(*self.apart.values()), start=1):
            right = {row: value for _, part in choice for row, value in part.items()}
            found.append(Outcome(f"outcome-{place}", math.prod(chance for chance, _ in choice), right))
        return tuple(outcome for outcome in found if outcome.probability > 0)

    def _each_row_once(self) -> None:
        owner: dict[str, str] = {}
        for name, realisations in self.apart.items():
            for row in {row for _, right in realisations for row in right}:
                if owner.setdefault(row, name) != name:
                    message = f"says of {owner[row][:60]} and of {name[:60]} what the row {row[:40]!r} is"
                    self.lines.fail(None, message, "let each row vary in one of them")


def read_outcomes(path: Path, core: Core) -> tuple[Outcome, ...]:
    """The outcomes of a stochastic file.

    Raises
    ------
    InputError
        If it has other sections or distributions, changes more than right-hand sides, chances do not sum to 1, or what
        varies independently makes more than :data:`MOST_OUTCOMES` outcomes.
    """
    lines, section = Lines.of(path), ""
    read = _Read(lines, core)
    take = {"SCENARIOS": read.scenario, "INDEP": read.row, "BLOCKS": read.block}
    for number, begins, words in lines:
        if begins:
            section = words[0].upper()
            if section == "ENDATA":
                break
            if section not in ("STOCH", *_SECTIONS):
                mend = f"give a file with {', '.join(_SECTIONS[:-1])} or {_SECTIONS[-1]}"
                lines.fail(number, f"begins a section {section[:40]!r}, which is not read", mend)
            other = [word for word in words[1:] if word.upper() not in _KINDS]
            if section in _SECTIONS and other:
                mend = "give values with their chances (DISCRETE), in place of the core's (REPLACE)"
                lines.fail(number, f"is of the kind {other[0][:40]!r}, which is not read", mend)
        elif section not in take:
            lines.fail(number, "stands before the section SCENARIOS, INDEP or BLOCKS")
        else:
            take[section](number, words)
    return read.outcomes()
