"""Whole numbers that add up: the method of largest remainders."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def round_to_total(values: ArrayLike, total: int) -> NDArray[np.int64]:
    """Whole numbers near ``values`` that add up to ``total``: scaled, cut, and the largest remainders raised.

    Args:
        values: shape (n,), at least 0; if all are 0 they count as equal.
        total: the sum wanted, at least 0.

    Returns:
        Shape (n,); none lies further than 1 from the scaled value. Of equal remainders the first is raised.

    Raises:
        ValueError: if a value is negative or no number, or if there is nothing to share a total among.
    """
    weight = np.asarray(values, dtype=float)
    if not np.isfinite(weight).all() or (weight < 0).any() or total < 0:
        raise ValueError("values and their total must be numbers and at least 0")
    if not len(weight):
        if total:
            raise ValueError("there is nothing to share the total among")
        return np.zeros(0, dtype=np.int64)
    scaled = weight / weight.max() if weight.max() > 0 else np.ones(len(weight))
    scaled = scaled * (total / scaled.sum())
    floor = np.floor(scaled).astype(np.int64)
    # rounding errors may make the floors add up to one more than the total
    missing = total - int(floor.sum())
    remainder = scaled - floor
    if missing > 0:
        floor[np.argsort(-remainder, kind="stable")[:missing]] += 1
    elif missing < 0:
        shrinkable = np.flatnonzero(floor > 0)
        floor[shrinkable[np.argsort(remainder[shrinkable], kind="stable")[:-missing]]] -= 1
    return np.asarray(floor)


def round_by_group(values: ArrayLike, groups: ArrayLike, totals: dict[str, int]) -> NDArray[np.int64]:
    """:func:`round_to_total` within each group.

    Args:
        values: shape (n,).
        groups: name of the group of each value, shape (n,).
        totals: the sum wanted by group.
    """
    weight, group = np.asarray(values, dtype=float), np.asarray(groups, dtype=object).astype(str)
    result = np.zeros(len(weight), dtype=np.int64)
    for name, total in totals.items():
        own = group == name
        result[own] = round_to_total(weight[own], total)
    return result
