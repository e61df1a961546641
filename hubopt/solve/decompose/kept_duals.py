"""What a proof by decomposition leaves for a later run: duals of the relaxation, of all parts, and of planes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hubopt.solution.duals import Duals
from hubopt.solve.decompose.lagrangian import LARGEST
from hubopt.solve.decompose.tree import Tree
from hubopt.solve.milp import Milp, Vector


def kept(tree: Tree, program: Milp, relaxation: Vector, planes: Sequence[Vector]) -> Duals:
    """The duals as they stand.

    Parameters
    ----------
    relaxation
        Duals of the rows of ``program`` in its linear relaxation.
    planes
        Multipliers of further planes (:mod:`hubopt.solve.decompose.planes`), in the rows of the tree's cut.
    """
    made = tree.ascent.cut
    mine = np.flatnonzero(made.dualised)
    names = dict.fromkeys(made.program.row_names[number] for number in mine)
    known = dict(zip(program.row_names, relaxation, strict=True))
    rows = (*names, *(name for name, dual in known.items() if dual and name not in names))

    def padded(multipliers: Vector) -> Vector:
        return np.concatenate([(multipliers - tree.ascent.shift)[mine], np.full(len(rows) - len(mine), np.nan)])

    # the parts with the lowest bounds first: if not all are kept, these matter
    parts = sorted([*tree.nodes, *tree.ended], key=lambda node: node.bound)
    return Duals(
        rows,
        np.array([known[name] for name in rows]),
        dict(tree.splits),
        {node.name: padded(node.multipliers) for node in parts},
        tuple(padded(multipliers) for multipliers in planes),
    )


def relaxed_duals(before: Duals, program: Milp) -> Vector:
    """The duals of the relaxation, in the rows of a program that may be another; 0 where none is known."""
    known = dict(zip(before.rows, before.relaxation, strict=True))
    duals = np.array([known.get(name, 0.0) for name in program.row_names])
    duals[np.abs(duals) >= LARGEST] = 0.0
    return duals
