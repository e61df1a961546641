"""Published files as streams of numbers: free format, lines wrap where they like, plain or gzipped.

Every mistake is raised with the line and the position of the token, what stood there and what was expected.
"""

from __future__ import annotations

import gzip
import math
import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from hubopt.instance import InputError, Problem
from hubopt.instance.intake import unfit

Vector = NDArray[np.float64]

MOST_BYTES = 200_000_000
"""Largest file, unpacked."""

LARGEST = 1e15
"""Largest number that is taken for one: sums of larger ones are no longer exact."""

_SHOWN = 40
"""Characters of a wrong token that a message shows."""

_NO_FIGURE = re.compile(rb"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_GZIP = b"\x1f\x8b"
_NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def content_of(path: Path) -> bytes:
    """The bytes of a file, unpacked if it is gzipped (whatever its name), without the mark that editors put in front.

    Raises
    ------
    InputError
        If it cannot be read, is damaged or too large.
    """
    if (problem := unfit(path, most=MOST_BYTES)) is not None:
        raise InputError([problem])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError([Problem(path.name, f"cannot be read: {error.strerror}", "give a file of numbers")]) from None
    if not content.startswith(_GZIP):
        return content.removeprefix(BOM_UTF8)
    try:
        with gzip.open(path) as stream:
            content = stream.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError([Problem(path.name, f"is a damaged gzip file: {error}", "fetch it again")]) from None
    if len(content) > MOST_BYTES:
        mend = "give a file of at most 200 MB"
        raise InputError([Problem(path.name, "is too large when unpacked", mend)])
    return content.removeprefix(BOM_UTF8)


@dataclass
class Tokens:
    """The tokens of one file, taken one after the other; NUL bytes count as blanks."""

    file: str
    content: bytes
    _tokens: list[bytes] = field(init=False, repr=False)
    _next: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.content = self.content.replace(b"\0", b" ")
        self._tokens = self.content.split()

    @classmethod
    def of(cls, path: Path) -> Tokens:
        """The tokens of a file; raises InputError if it cannot be read."""
        return cls(path.name, content_of(path))

    @property
    def left(self) -> int:
        """Tokens not yet taken."""
        return len(self._tokens) - self._next

    def fail(self, at: int, message: str, mend: str) -> NoReturn:
        """Raise the problem of the token number ``at`` (from 0)."""
        if at >= len(self._tokens):
            lines = self.content.count(b"\n") + 1
            raise InputError([Problem(self.file, message, mend, row=lines, column=f"token {at + 1}")])
        ends = re.finditer(rb"\S+", self.content)
        start = next(match.start() for number, match in enumerate(ends) if number == at)
        line = self.content.count(b"\n", 0, start) + 1
        value = self._tokens[at][:_SHOWN].decode("utf-8", "replace")
        raise InputError([Problem(self.file, message, mend, row=line, column=f"token {at + 1}", value=value)])

    def fail_last(self, message: str, mend: str) -> NoReturn:
        """Raise a problem of the token taken last."""
        self.fail(self._next - 1, message, mend)

    def need(self, count: int, what: str) -> None:
        """Raise if fewer than ``count`` tokens are left, before room is made for so many."""
        if count > self.left:
            missing = count - self.left
            message = f"ends {missing} {'number' if missing == 1 else 'numbers'} too early: {what} is expected here"
            self.fail(len(self._tokens), message, "fetch the file again, or give the format that it has")

    def numbers(self, count: int, what: str, *, least: float | None = 0.0) -> Vector:
        """The next ``count`` numbers, none below ``least``.

        Raises
        ------
        InputError
            If the file ends before, or a token is no finite number or too small; ``what`` says what was expected.
        """
        first, last = self._next, self._next + count
        self.need(count, what)
        tokens = self._tokens[first:last]
        try:
            if any(b"_" in token for token in tokens):
                raise ValueError("Python's own way of writing numbers")
            values = np.array([float(token) for token in tokens])
        except ValueError:
            bad = next(
                at
                for at, token in enumerate(tokens)
                if _NUMBER.fullmatch(token) is None and not _NO_FIGURE.fullmatch(token)
            )
            self.fail(first + bad, f"is not a number: {what} is expected here", "give the format that the file has")
        wrong = ~np.isfinite(values) if least is None else ~(np.isfinite(values) & (values >= least))
        if wrong.any():
            allowed = "a finite number" if least is None else f"a number of at least {least:g}"
            self.fail(first + int(np.argmax(wrong)), f"is not {allowed}: {what} is expected here", "correct the number")
        if (large := np.abs(values) > LARGEST).any():
            self.fail(
                first + int(np.argmax(large)), f"is above {LARGEST:g}: {what} is expected here", "correct the number"
            )
        self._next = last
        return values

    def number(self, what: str, *, least: float | None = 0.0) -> float:
        """The next number."""
        return float(self.numbers(1, what, least=least)[0])

    def whole(self, what: str, *, least: int = 1, most: float = math.inf) -> int:
        """The next whole number, between ``least`` and ``most``."""
        value = self.number(what, least=least)
        if not value.is_integer() or value > most:
            limit = "" if math.isinf(most) else f" up to {most:g}"
            self.fail_last(
                f"is not a whole number{limit}: {what} is expected here", "give the format that the file has"
            )
        return int(value)

    def at_word(self, word: str) -> bool:
        """Whether ``word`` comes next, in any letters."""
        return self.left > 0 and self._tokens[self._next].decode("ascii", "replace").lower() == word

    def word_or_number(self, word: str, value: float | None, what: str, mend: str) -> float:
        """The next number; where ``word`` stands in its place, ``value`` (an error with ``mend`` if there is none)."""
        if self.at_word(word):
            self._next += 1
            if value is None:
                self.fail_last(f"stands for {what}, which the file leaves open", mend)
            return value
        return self.number(what)

    def enough(self, capacity: float, demand: float, what: str) -> None:
        """Raise if ``capacity`` is below ``demand``: most likely the file is of another layout of as many numbers."""
        if capacity < demand * (1 - 1e-9):
            message = f"has {what} of {capacity:g} in all for a demand of {demand:g}"
            raise InputError([Problem(self.file, message, "give the format that the file has")])

    def end(self, told: Callable[[], str]) -> None:
        """Raise if there is more in the file; ``told`` says what the file was taken for."""
        if self.left:
            message = f"follows where the file should end: {told()}"
            self.fail(self._next, message, "give the format that the file has, or cut what does not belong to it")
