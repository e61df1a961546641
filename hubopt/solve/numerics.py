"""Numbers that a solver of double precision may stumble over, told before the search begins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hubopt.solve.milp import Milp, Vector

WIDEST = 1e9
"""Ratio of the largest to the smallest figure from which on the smaller ones may be lost in rounding."""


def _spread(values: Vector) -> float:
    """Ratio of the largest to the smallest size among the finite figures that are not 0."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    return float(sizes.max() / sizes.min()) if len(sizes) else 1.0


def numeric_warnings(program: Milp) -> Iterator[str]:
    """Sentences about figures that lie so far apart that the result may be inexact.

    Costs, coefficients and limits are compared in model units, after scaling.
    """
    rows = np.concatenate([program.row_lower, program.row_upper])
    bounds = np.concatenate([program.lower, program.upper])
    for name, values in (
        ("costs", program.cost), ("coefficients", program.matrix.data), ("limits", rows), ("bounds", bounds),
    ):  # fmt: skip
        if (spread := _spread(values)) > WIDEST:
            yield (
                f"the {name} of the model lie {spread:.0e} apart: the smallest may be lost in rounding; "
                "look for a wrong unit or a demand close to 0"
            )
