"""The tasks of annealing that a program gives at the prices of its rows: of one level or of two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hubopt.model import Network
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.plans.lowest import Lowest, Task
from hubopt.solve.plans.nesting import NestedTask, Nesting, leg_above


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
