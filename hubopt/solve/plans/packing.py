"""The tasks of annealing that a program gives at the prices of its rows: of one level or of two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hubopt.model import Network
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.plans.lowest import Lowest, Task
from hubopt.solve.plans.nesting import NestedTask, Nesting, leg_above


def with_links(program: Milp, chosen: NDArray[np.intp]) -> Milp:
    """The program with these links (columns) at 1, and no others on the legs that they are of."""
    links = program.groups["link"]
    mine = set(chosen.tolist())
    legs = {index[0] for index, column in links.items() if column in mine}
    decided = np.array([column for index, column in links.items() if index[0] in legs], dtype=np.intp)
    lower, upper = program.lower.copy(), program.upper.copy()
    upper[decided] = 0.0
    lower[chosen] = upper[chosen] = 1.0
    return replace(program, lower=lower, upper=upper)


def tasks(
    network: Network, program: Milp, row_duals: Vector, point: Vector, *, nested: bool = True
) -> Iterator[Task | NestedTask]:
    """A task for each leg on which zones are served whole, and each period, at the prices of rows.

    It has two levels where the leg above is single-sourced as well and nothing else goes through either level, unless
    only one is wanted.

    Parameters
    ----------
    row_duals
        What the objective gains per unit of each row's limit, shape (rows,): of a relaxation or of another bound.
    point
        A point of the program that uses as much of the shares of service as may be used, shape (columns,).
    nested
        Whether tasks may have two levels.

    Raises
    ------
    ValueError
        If the prices or the point are not of this program.
    """
    if len(row_duals) != program.rows or len(point) != program.columns:
        raise ValueError("prices and point must be those of the rows and columns of this program")
    families = np.array([name.partition("[")[0] for name in program.row_names], dtype=object)
    for leg in sorted(network.single_sourced):
        if leg.endswith("-zone"):
            for period in network.periods:
                above = leg_above(network, leg) if nested else None
                task: Task | NestedTask | None
                if above is not None:
                    task = Nesting(network, program, families, row_duals, point, leg, period, above).nested()
                else:
                    task = Lowest(network, program, families, row_duals, point, leg, period).task()
                if task is not None:
                    yield task
