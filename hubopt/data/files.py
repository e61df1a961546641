"""Tables that a recipe names, read through one gate: bounded, told apart, every mistake a problem with a mend."""

from __future__ import annotations

import csv
import io
import lzma
import warnings
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from hubopt.instance.dialect import separator_of
from hubopt.instance.errors import InputError, Problem, warn
from hubopt.instance.intake import unfit_unpacked, unpacked
from hubopt.instance.text import decoded

_SHOWN = 5


def text_of(path: Path) -> str:
    """The text of a file, unpacked if it is packed (.gz, .bz2, .xz).

    Raises
    ------
    InputError
        If the file is missing, too large or in no encoding that is read.
    """
    if problem := unfit_unpacked(path):
        raise InputError([problem])
    notes: list[Problem] = []
    try:
        with unpacked(path) as stream:
            text = decoded(stream.read(), path.name, notes)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise InputError([Problem(path.name, f"cannot be read: {error}", "give a file that you may read")]) from None
    if isinstance(text, Problem):
        raise InputError([text])
    warn(notes)
    return text


def read_table(path: Path, *, texts: tuple[str, ...] = ()) -> pd.DataFrame:
    """A CSV table; columns are of numbers where all of their cells are, but for ``texts``.

    Raises
    ------
    InputError
        If the file is missing, too large, empty, in no encoding that is read, or no table.
    """
    text = text_of(path)
    mark, begin = separator_of(text)
    if mark != ",":
        warn([Problem(path.name, "is not separated by commas and was read so", "save it with commas", 1, warning=True)])
    try:
        header = next(csv.reader(io.StringIO(text[begin:], newline=""), delimiter=mark), [])
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            kinds = dict.fromkeys(texts, str)
            found = pd.read_csv(
                io.StringIO(text[begin:]),
                sep=mark,
                low_memory=False,
                index_col=False,
                dtype=kinds,
            )
    except (ValueError, OverflowError, csv.Error, pd.errors.ParserWarning) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError([Problem(path.name, f"is no CSV table: {reason}", "save it as CSV in UTF-8")]) from None
    names = [name.strip() for name in header]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        mend = "keep one of them"
        raise InputError([Problem(path.name, "a column occurs more than once", mend, 1, name) for name in twice])
    return found


def _float(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def floats(values: pd.Series) -> pd.Series:
    """A column as floats, NaN for what is no number, and for whole numbers that are beyond all floats."""
    try:
        found: pd.Series = pd.to_numeric(values, errors="coerce").astype(float)
    except (OverflowError, TypeError, ValueError):
        found = values.map(_float).astype(float)
    return found


def need(table: pd.DataFrame, names: tuple[str, ...] | list[str], file: str) -> None:
    """Raise :class:`InputError` with every column of ``names`` that the table lacks."""
    if missing := [name for name in names if name not in table.columns]:
        mend = f"add it, or name the right one; the file has {', '.join(map(str, table.columns[:40]))}"
        raise InputError([Problem(file, "has no such column", mend, row=1, column=name) for name in missing])


def numbers(table: pd.DataFrame, bounds: Mapping[str, tuple[float, float]], file: str) -> pd.DataFrame:
    """Columns as finite floats within their bounds; rows count as an editor shows them.

    Raises
    ------
    InputError
        Naming the first rows of every column that hold no such number.
    """
    columns, problems = {}, []
    for name, (low, high) in bounds.items():
        values = floats(table[name]).to_numpy(dtype=float)
        columns[name] = values
        for row in np.flatnonzero(~((values >= low) & (values <= high)))[:_SHOWN].tolist():
            shown = table[name].iloc[row]
            mend = f"give a number from {low:g} to {high:g}"
            problems.append(
                Problem(file, "is not a number that fits", mend, row + 2, name, None if pd.isna(shown) else shown)
            )
    if problems:
        raise InputError(problems)
    return pd.DataFrame(columns, index=table.index)
