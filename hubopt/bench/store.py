"""Programs in files, without their names: what a rival is handed ready-made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import sparse

from hubopt.solve.milp import Milp

_VECTORS = ("cost", "row_lower", "row_upper", "lower", "upper", "integer", "strengthening")


def save_program(program: Milp, unit: float, path: Path) -> None:
    """Write a program to a NumPy archive, whole or not at all; ``unit``: what one of its objective is as stated."""
    matrix = program.matrix.tocsr()
    arrays = {name: getattr(program, name) for name in _VECTORS}
    arrays |= {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}
    part = path.with_suffix(".part.npz")
    np.savez_compressed(part, offset=np.array(program.offset), unit=np.array(unit), **arrays)
    part.replace(path)


def load_program(path: Path) -> tuple[Milp, float]:
    """Program and unit of :func:`save_program`."""
    with np.load(path, allow_pickle=False) as content:
        shape = (len(content["row_lower"]), len(content["cost"]))
        matrix = sparse.csr_array((content["data"], content["indices"], content["indptr"]), shape=shape)
        vectors = {name: content[name] for name in _VECTORS}
        return Milp(offset=float(content["offset"]), matrix=matrix, **vectors), float(content["unit"])
