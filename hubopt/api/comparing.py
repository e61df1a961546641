"""Results side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hubopt.api.cases import ResultLike, as_result
from hubopt.instance import InputError, Problem
from hubopt.solution import Solution
from hubopt.study import compare as side_by_side
from hubopt.study.compare import Comparison


def _name(result: ResultLike) -> str:
    return result.policy.name_en if isinstance(result, Solution) else Path(result).resolve().name


def _all_different(names: Sequence[str]) -> list[str]:
    """The names, those that would be there twice with a number behind them."""
    found: list[str] = []
    for name in names:
        number, shown = 1, name
        while shown in found:
            number += 1
            shown = f"{name} ({number})"
        found.append(shown)
    return found


def compare(*results: ResultLike, names: Sequence[str] | None = None) -> Comparison:
    """Compare two results or more: how they ended, what they build and cost, which sites they agree on.

    Parameters
    ----------
    results
        Solutions or folders of results.
    names
        What to call them, one each; none: the names of their policies, or of their folders.

    Returns
    -------
    Comparison
        A table in notebooks, Markdown with ``str()``.

    Raises
    ------
    InputError
        If there are fewer than two, one cannot be read, or there are not as many names.
    """
    if names is not None and len(names) != len(results):
        raise InputError([Problem("names", f"are {len(names)} for {len(results)} results", "give one for each")])
    shown = _all_different(names if names is not None else [_name(result) for result in results])
    return side_by_side.compare(dict(zip(shown, map(as_result, results), strict=True)))
