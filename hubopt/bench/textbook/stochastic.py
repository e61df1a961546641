"""Two-stage stochastic programs in SMPS: the extensive form, every scenario's second stage written out.

Read here are core files in MPS with binary or continuous columns, and scenarios that change right-hand sides only
(``SCENARIOS DISCRETE``), as the server location instances of SIPLIB have them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy import sparse

from hubopt.formats.imports.tokens import content_of
from hubopt.solve.milp import Milp


@dataclass
class Core:
    """The core problem: rows by name with their sense, columns in order, coefficients, right-hand sides, bounds."""

    rows: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, float]] = field(default_factory=dict)
    integer: set[str] = field(default_factory=set)
    right: dict[str, float] = field(default_factory=dict)
    lower: dict[str, float] = field(default_factory=dict)
    upper: dict[str, float] = field(default_factory=dict)


def _lines(path: Path) -> list[tuple[bool, list[str]]]:
    """Lines as words, and whether each is a heading (starts in the first place)."""
    text = content_of(path).decode("latin-1")
    kept = (line for line in text.splitlines() if line.strip() and not line.startswith("*"))
    return [(not line[0].isspace(), line.split()) for line in kept]


def read_core(path: Path) -> Core:
    """Read an MPS file; raises ValueError for sections that these instances do not have."""
    core, section, whole = Core(), "", False
    for heading, words in _lines(path):
        if heading:
            section = words[0]
            if section not in ("NAME", "ROWS", "COLUMNS", "RHS", "BOUNDS", "ENDATA"):
                raise ValueError(f"{path.name} has a section {section}, which is not read here")
        elif section == "ROWS":
            core.rows[words[1]] = words[0]
        elif section == "COLUMNS":
            if "'MARKER'" in words:
                whole = "'INTORG'" in words
                continue
            entries = core.columns.setdefault(words[0], {})
            entries.update(_pairs(words[1:]))
            if whole:
                core.integer.add(words[0])
        elif section == "RHS":
            core.right.update(_pairs(words[1:] if len(words) % 2 else words))
        elif section == "BOUNDS":
            _bound(core, words)
    return core


def _pairs(words: list[str]) -> dict[str, float]:
    return {name: float(value) for name, value in zip(words[::2], words[1::2], strict=True)}


def _bound(core: Core, words: list[str]) -> None:
    kind, name = words[0], words[2]
    if kind == "BV":
        core.integer.add(name)
        core.upper[name] = 1.0
    elif kind in ("UP", "UI"):
        core.upper[name] = float(words[3])
    elif kind in ("LO", "LI"):
        core.lower[name] = float(words[3])
    elif kind == "FX":
        core.lower[name] = core.upper[name] = float(words[3])
    elif kind not in ("PL",):
        raise ValueError(f"bounds of the kind {kind} are not read here")


def read_scenarios(path: Path) -> list[tuple[float, dict[str, float]]]:
    """Probability and right-hand sides of each scenario."""
    found: list[tuple[float, dict[str, float]]] = []
    for heading, words in _lines(path):
        if heading:
            if words[0] == "SCENARIOS" or words[0] in ("STOCH", "ENDATA"):
                continue
            raise ValueError(f"{path.name} has a section {words[0]}, which is not read here")
        if words[0] == "SC":
            found.append((float(words[3]), {}))
        elif words[0].upper().startswith("RHS"):
            found[-1][1].update(_pairs(words[1:]))
        else:
            raise ValueError(f"{path.name} changes more than right-hand sides, which is not read here")
    return found


def _second_stage(path: Path) -> tuple[str, str]:
    """First column and row of the second stage."""
    periods = [words for heading, words in _lines(path) if not heading]
    if len(periods) != 2:
        raise ValueError(f"{path.name} has {len(periods)} stages, not two")
    return periods[1][0], periods[1][1]


def extensive_form(core_path: Path) -> Milp:
    """The extensive form of the three files that lie side by side (.cor, .tim, .sto); minimised."""
    core = read_core(core_path)
    scenarios = read_scenarios(core_path.with_suffix(".sto"))
    first_column, first_row = _second_stage(core_path.with_suffix(".tim"))
    names, objective = list(core.columns), next(name for name, sense in core.rows.items() if sense == "N")
    rows = [name for name, sense in core.rows.items() if sense != "N"]
    split, cut = names.index(first_column), rows.index(first_row)
    place = {name: number for number, name in enumerate(rows)}
    entries = [
        (place[row], at, value)
        for at, name in enumerate(names)
        for row, value in core.columns[name].items()
        if row in place
    ]
    numbers = tuple(np.array(part) for part in zip(*entries, strict=True))
    whole = sparse.csr_array((numbers[2].astype(float), (numbers[0], numbers[1])), shape=(len(rows), len(names)))
    upper_part, linking, own = whole[:cut, :split], whole[cut:, :split], whole[cut:, split:]
    if whole[:cut, split:].nnz:
        raise ValueError("a row of the first stage has columns of the second")
    count = len(scenarios)
    matrix = sparse.csr_array(
        sparse.bmat(
            [
                [upper_part, None],
                [sparse.vstack([linking] * count), sparse.block_diag([own] * count)],
            ],
            format="csr",
        )
    )
    cost = np.array([core.columns[name].get(objective, 0.0) for name in names])
    weights = np.concatenate([np.ones(split), *(np.full(len(names) - split, weight) for weight, _ in scenarios)])

    def stretched(values: np.ndarray, at: int) -> np.ndarray:
        return np.concatenate([values[:at], *[values[at:]] * count])

    right = [core.right | changed for _, changed in scenarios]
    sides = np.array(
        [core.right.get(row, 0.0) for row in rows[:cut]] + [side.get(row, 0.0) for side in right for row in rows[cut:]]
    )
    senses = stretched(np.array([core.rows[row] for row in rows]), cut)
    integer = np.array([name in core.integer for name in names])
    default_upper = np.array([core.upper.get(name, np.inf) for name in names])
    return Milp(
        cost=stretched(cost, split) * weights,
        offset=-core.right.get(objective, 0.0),
        matrix=matrix,
        row_lower=np.where(senses == "L", -np.inf, sides),
        row_upper=np.where(senses == "G", np.inf, sides),
        lower=stretched(np.array([core.lower.get(name, 0.0) for name in names]), split),
        upper=stretched(default_upper, split),
        integer=stretched(integer, split),
        strengthening=np.zeros(len(sides), dtype=bool),
    )
