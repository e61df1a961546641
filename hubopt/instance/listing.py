"""Problems of many rows of a table, the first few in full."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from hubopt.instance.errors import Problem, choose_from

SHOWN = 20
"""Most rows listed for one mistake in one column; the rest are counted."""

Mend = str | Callable[[Any], str]
"""What to do about it, the same for every value or made from the value."""


def one_of(known: Iterable[str]) -> Mend:
    """The mend of a value that is not among the known ones: the one that was probably meant."""
    return partial(choose_from, known=set(known))


def listed(
    file: str, column: str | None, values: pd.Series[Any], message: str, mend: Mend, most: int = SHOWN
) -> Iterator[Problem]:
    """One problem for each of ``values`` (index: row in the file), the first ``most`` of them in full."""
    for row, value in values.iloc[:most].items():
        shown = value.item() if isinstance(value, np.generic) else value
        advice = mend if isinstance(mend, str) else mend(shown)
        yield Problem(file, message, advice, row=int(str(row)), column=column, value=None if shown == "" else shown)
    if len(values) > most:
        yield Problem(file, f"{message}, in {len(values) - most} more rows", "mend them likewise", column=column)
