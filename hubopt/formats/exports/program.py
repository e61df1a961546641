"""The mixed-integer program of an instance under a policy as an MPS or LP file, with rows and columns named.

A row or column is named after its constraint or variable and its index, e.g. ``modules(h-north,hub-stack,2025)``.
Characters that a format cannot have in a name become ``_``, and names that are then alike get a number. The objective
is in CNY/year; rows are in the units of the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import highspy
import numpy as np

from hubopt.instance import Instance, Policy
from hubopt.model import build
from hubopt.solve.compile import compile_model
from hubopt.solve.milp import Milp

Kind = Literal["mps", "lp"]

_FORBIDDEN: dict[Kind, re.Pattern[str]] = {
    "mps": re.compile(r"[^!-~]|[$*]"),
    "lp": re.compile(r"[^A-Za-z0-9_.(),#]"),
}
"""Characters that a name may not have in each format."""

_LIKE_A_NUMBER = re.compile(r"inf|nan|e[0-9+.-]|[0-9.]", re.IGNORECASE)
"""Beginnings that readers of LP files take for a number; such names get a ``_`` in front."""

MOST_CHARACTERS = 255
"""Longest name that the formats and their readers take."""


@dataclass(frozen=True)
class Size:
    """What was written."""

    rows: int
    columns: int
    integer: int


def _bare(index: Any) -> str:
    parts = index if isinstance(index, tuple) else () if index is None else (index,)
    return f"({','.join(str(part) for part in parts)})" if parts else ""


def _row_name(name: str) -> str:
    """A row's name as the compiled program has it, ``family[a,b]``, in round brackets."""
    family, bracket, index = name.partition("[")
    return family + "(" + index.removesuffix("]").replace(" ", "").replace("'", "") + ")" if bracket else family


def usable(names: Iterable[str], kind: Kind) -> list[str]:
    """The names as the format takes them, all different."""
    found: list[str] = []
    seen: set[str] = set()
    for name in names:
        plain = _FORBIDDEN[kind].sub("_", name)
        if not plain or (kind == "lp" and _LIKE_A_NUMBER.match(plain)):
            plain = "_" + plain
        plain = plain[:MOST_CHARACTERS]
        candidate, number = plain, 1
        while candidate in seen:
            number += 1
            end = f"#{number}"
            candidate = plain[: MOST_CHARACTERS - len(end)] + end
        seen.add(candidate)
        found.append(candidate)
    return found


def column_names(program: Milp) -> list[str]:
    """Names of the columns: variable and index."""
    names = [""] * program.columns
    for variable, columns in program.groups.items():
        for index, number in columns.items():
            names[number] = variable + _bare(index)
    return names


def _as_highs(program: Milp, money: float, kind: Kind) -> Any:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = program.columns, program.rows
    model.col_cost_ = program.cost * money
    model.offset_ = program.offset * money
    model.col_lower_, model.col_upper_ = program.lower, program.upper
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = program.matrix.indptr
    model.a_matrix_.index_ = program.matrix.indices
    model.a_matrix_.value_ = program.matrix.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[int(flag)] for flag in program.integer]
    model.col_names_ = usable(column_names(program), kind)
    model.row_names_ = usable(map(_row_name, program.row_names), kind)
    return model


def write_program(instance: Instance, policy: Policy, path: Path, kind: Kind) -> Size:
    """Write the program of ``instance`` under ``policy`` to ``path``, whose suffix must be ``.mps`` or ``.lp``.

    The objective is to be minimised; of an instance that states it otherwise, see ``sense`` there.

    Raises
    ------
    InputError
        If the policy does not fit the instance.
    OSError
        If the file cannot be written.
    """
    model = build(instance, policy)
    program = compile_model(model)
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    if solver.passModel(_as_highs(program, model.network.scale.money_cny, kind)) == highspy.HighsStatus.kError:
        raise ValueError("HiGHS does not accept the model")
    made = path.with_suffix(f".{kind}")  # HiGHS takes the format from the suffix
    if solver.writeModel(str(made)) == highspy.HighsStatus.kError:
        raise OSError(None, "the program could not be written", str(path))
    if made != path:
        made.replace(path)
    return Size(program.rows, program.columns, int(np.count_nonzero(program.integer)))
