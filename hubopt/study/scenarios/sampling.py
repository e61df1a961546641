"""Points of a grid: every combination, a list, a Latin hypercube or the trajectories of the Morris method."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hubopt.study.scenarios.file import Grid, Parameter

MOST_POINTS = 10_000
"""Most scenarios that a grid may make."""

_DIGITS = 12
"""Decimals to which values of a range are rounded, so that equal points are equal."""

Units = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """The points of a grid: the value of every parameter at each, none twice.

    ``rows`` has, for each row that the method drew, the number of its point; ``units`` (rows x parameters) where the
    row lies in the ranges, from 0 to 1. Both are of use to the Morris method, which may draw a point twice.
    """

    points: tuple[Mapping[str, Any], ...]
    rows: tuple[int, ...]
    units: Units | None = None


def mistakes(grid: Grid) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """(place in the grid, what is wrong, mend) of everything that its method does not allow."""
    for name, parameter in grid.parameters.items():
        yield from _parameter_mistakes(grid, parameter, ("parameters", name))
    if grid.method == "list":
        if not grid.rows:
            yield ("rows",), "is missing or empty, though the method is list", "give a table for each point"
        for number, row in enumerate(grid.rows, start=1):
            absent, more = set(grid.parameters) - set(row), set(row) - set(grid.parameters)
            if absent or more:
                named = ", ".join(sorted(absent or more))
                what = f"lacks {named}" if absent else f"names {named}, which is no parameter"
                yield ("rows", str(number)), what, "give a value for each parameter and no other"
    elif grid.rows:
        yield ("rows",), f"is of no use to the method {grid.method}", "take it out, or choose the method list"
    if grid.method == "latin-hypercube" and grid.samples is None:
        yield ("samples",), "is missing", "say how many points are drawn"
    if grid.method == "morris" and grid.trajectories is None:
        yield ("trajectories",), "is missing", "say how many trajectories are drawn, such as 10"
    if grid.method == "morris" and grid.levels % 2:
        yield ("levels",), "is odd", "give an even number, such as 4"
    if (count := size(grid)) > MOST_POINTS:
        yield (), f"makes {count:,} scenarios", f"give fewer values; {MOST_POINTS:,} is the most"


def _parameter_mistakes(
    grid: Grid, parameter: Parameter, place: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    ranged = parameter.low is not None or parameter.high is not None
    if grid.method == "list":
        if ranged or parameter.values:
            yield place, "has values of its own, though the method is list", "give them in the rows"
        return
    if ranged and parameter.values:
        yield place, "has both values and a range", "keep one of the two"
    elif parameter.low is not None and parameter.high is not None:
        if parameter.low >= parameter.high:
            yield (*place, "low"), f"is not below high ({parameter.high:g})", "exchange the two, or correct one"
        if grid.method == "full":
            yield place, "has a range, though the method is full", "list the values"
    elif ranged:
        yield place, "has only one end of a range", "give low and high"
    elif not parameter.values:
        mend = "list the values" if grid.method == "full" else "give low and high, or list the values"
        yield place, "has no values", mend


def size(grid: Grid) -> int:
    """How many points a grid has at most."""
    if grid.method == "full":
        return math.prod(len(parameter.values) for parameter in grid.parameters.values())
    if grid.method == "list":
        return len(grid.rows)
    if grid.method == "latin-hypercube":
        return grid.samples or 0
    return (grid.trajectories or 0) * (len(grid.parameters) + 1)


def _value(parameter: Parameter, unit: float) -> Any:
    """The value that lies at ``unit`` (0 to 1) of a parameter's range, or of the list of its values."""
    if parameter.values:
        return parameter.values[min(int(unit * len(parameter.values)), len(parameter.values) - 1)]
    assert parameter.low is not None and parameter.high is not None
    value = parameter.low + unit * (parameter.high - parameter.low)
    return round(value) if parameter.whole else round(value, _DIGITS)


def _drawn(grid: Grid, units: Units) -> Sample:
    names = list(grid.parameters)
    points: dict[str, tuple[int, Mapping[str, Any]]] = {}
    rows = []
    for row in units:
        point = {name: _value(grid.parameters[name], float(unit)) for name, unit in zip(names, row, strict=True)}
        rows.append(points.setdefault(repr(point), (len(points), point))[0])
    return Sample(tuple(point for _, point in points.values()), tuple(rows), units)


def _hypercube(grid: Grid) -> Sample:
    from scipy.stats import qmc

    sampler = qmc.LatinHypercube(d=len(grid.parameters), seed=np.random.default_rng(grid.seed))
    return _drawn(grid, sampler.random(grid.samples or 1))


def problem_of(grid: Grid) -> dict[str, Any]:
    """The parameters as SALib states them, each from 0 to 1."""
    names = list(grid.parameters)
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _trajectories(grid: Grid) -> Sample:
    from SALib.sample import morris  # type: ignore[import-untyped]

    units = morris.sample(problem_of(grid), N=grid.trajectories, num_levels=grid.levels, seed=grid.seed)
    return _drawn(grid, np.asarray(units, dtype=np.float64))


def sample(grid: Grid) -> Sample:
    """The points of a grid without mistakes (:func:`mistakes`); the same for the same grid."""
    if grid.method == "latin-hypercube":
        return _hypercube(grid)
    if grid.method == "morris":
        return _trajectories(grid)
    if grid.method == "list":
        points: list[Mapping[str, Any]] = [dict(row) for row in grid.rows]
    else:
        values = [parameter.values for parameter in grid.parameters.values()]
        points = [dict(zip(grid.parameters, chosen, strict=True)) for chosen in itertools.product(*values)]
    return Sample(tuple(points), tuple(range(len(points))))
