"""Mistakes in the input: collected, each with its place and its mend, and raised together."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import ValidationError

_LONGEST = 200
"""Most characters of a value that are shown."""


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is, what is wrong and how to mend it.

    ``row`` is the line of the file as an editor shows it (the header is line 1). With ``warning`` it is a doubt that
    keeps nobody from solving: a figure out of all proportion, or a file that had to be read in an unusual way.
    """

    file: str
    message: str
    mend: str
    row: int | None = None
    column: str | None = None
    value: object = None
    warning: bool = False

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        value = "" if self.value is None else f" (value {self.shown})"
        return f"{place}: {self.message}{value}; {self.mend}"

    @property
    def shown(self) -> str:
        """The value as Python would write it, control characters escaped; the middle of a long one left out."""
        plain = getattr(self.value, "item", None)  # numbers of numpy show their type
        text = repr(plain() if callable(plain) and getattr(self.value, "ndim", 1) == 0 else self.value)
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}...{text[-20:]}"


class InputWarning(UserWarning):
    """A file was read in an unusual way, or holds something implausible; see the ``warning`` of :class:`Problem`."""


def warn(problems: Iterable[Problem]) -> None:
    """Tell of doubts by Python's warnings, which the command line prints."""
    for problem in problems:
        warnings.warn(str(problem), InputWarning, stacklevel=3)


class InputError(Exception):
    """Bad input, with all of its problems; the command line prints them and ends with exit code 2."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that ``word`` was probably meant to be; None if none is close."""
    names = {name.lower(): name for name in sorted(known, reverse=True)}
    if len(word) > _LONGEST:  # comparing takes time that grows with the square of it
        return None
    close = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    longer = [name for name in names if name.startswith(word.lower()) and len(word) > 2]
    return names[(close or longer)[0]] if close or longer else None


def choose_from(word: str, known: Iterable[str], shown: int = 12) -> str:
    """A mend for an unknown name: the nearest known one, or the first few of all."""
    names = sorted(known)
    if meant := nearest(word, names):
        return f"did you mean {meant!r}?"
    if not names:
        return "there is none to choose from"
    return "use one of: " + ", ".join(names[:shown]) + (", ..." if len(names) > shown else "")


def problems_of(error: ValidationError, file: str) -> list[Problem]:
    """The problems in a pydantic error, with the dotted key as the column."""
    return [
        Problem(
            file,
            str(item["msg"]),
            "correct the key" if item["type"] == "extra_forbidden" else "give a value that fits",
            column=".".join(str(part) for part in item["loc"]),
            value=None if item["type"] == "missing" else item["input"],
        )
        for item in error.errors()
    ]
