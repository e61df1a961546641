"""Which scenario starts from the plan of which: fixed by the study alone, not by who happens to be done first.

Scenarios are put in an order in which each next one is the farthest from all before it. The first few are solved from
nothing; then, in waves that each double what is there, every scenario starts from the nearest one of the waves before.
So the starts, and with them the answers, are the same with one worker or many, after kills and when resumed, and there
is work for many workers from the beginning.

Distance: the sum over everything that any scenario changes; figures by their difference over the range that they have
in the study (a factor that is not stated is 1), everything else by whether it is the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hubopt.study.scenarios.changes import FACTORS, Path, Tree, leaves

Features = tuple[NDArray[np.float64], NDArray[np.int64]]


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def features(trees: Sequence[Tree]) -> Features:
    """Figures (scenarios x figures, each over its range) and kinds (scenarios x other changes, as codes)."""
    flat: list[Mapping[Path, Any]] = [dict(leaves(tree)) for tree in trees]
    figures: list[list[float]] = []
    kinds: list[list[int]] = []
    for path in sorted({path for own in flat for path in own}):
        values = [own.get(path) for own in flat]
        there = [value for value in values if value is not None]
        if all(map(_is_figure, there)):
            otherwise = 1.0 if path[0] in FACTORS else None
            if otherwise is None and len(there) < len(values):
                kinds.append([int(value is None) for value in values])
                otherwise = float(np.median(there))
            column = [otherwise if value is None else float(value) for value in values]
            numbers = [value for value in column if value is not None]
            span = max(numbers) - min(numbers)
            if span > 0:
                figures.append([value / span for value in numbers])
        else:
            codes: dict[str, int] = {}
            kinds.append([codes.setdefault(repr(value), len(codes)) for value in values])
    count = len(trees)
    return (
        np.array(figures, dtype=np.float64).reshape(len(figures), count).T,
        np.array(kinds, dtype=np.int64).reshape(len(kinds), count).T,
    )


def _distances(of: Features, one: int) -> NDArray[np.float64]:
    """Distance of every scenario from one of them."""
    figures, kinds = of
    apart: NDArray[np.float64] = np.abs(figures - figures[one]).sum(axis=1) + (kinds != kinds[one]).sum(axis=1)
    return apart


def order(of: Features) -> list[int]:
    """The first scenario, and then always the one that is farthest from all before; of equal ones the first stated."""
    count = len(of[0])
    found = [0]
    nearest = _distances(of, 0)
    nearest[0] = -1.0
    for _ in range(count - 1):
        chosen = int(np.argmax(nearest))
        found.append(chosen)
        nearest = np.minimum(nearest, _distances(of, chosen))
        nearest[found] = -1.0
    return found


def starts(trees: Sequence[Tree], *, warm: bool = True) -> list[tuple[int, int | None]]:
    """(scenario, the one whose plan it starts from, if any) in the order in which scenarios are to be solved."""
    if not trees:
        return []
    of = features(trees)
    chosen = order(of)
    if not warm:
        return [(one, None) for one in chosen]
    done = math.ceil(math.sqrt(len(chosen)))
    found: list[tuple[int, int | None]] = [(one, None) for one in chosen[:done]]
    while done < len(chosen):
        before, wave = chosen[:done], chosen[done : 2 * done]
        for one in wave:
            apart = _distances(of, one)[before]
            found.append((one, before[int(np.argmin(apart))]))
        done += len(wave)
    return found
