"""What the parameters of a Morris sample do: mu* (how much), mu (which way) and sigma (how unevenly)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hubopt.study.scenarios.layout import GridRecord
from hubopt.study.scenarios.store import Store
from hubopt.study.scenarios.tables import Column, Table

OUTCOMES: dict[str, tuple[str, str, float]] = {
    "objective": ("objective", "CNY M/year", 1e-6),
    "land_ha.total": ("land", "ha", 1.0),
    "kgco2e_year.total": ("emission", "t CO2e/year", 1e-3),
    "open.hub": ("open, hub", "sites", 1.0),
    "open.utc": ("open, utc", "sites", 1.0),
    "open.station": ("open, station", "sites", 1.0),
}
"""What effects are told of: name, unit and factor."""

_RESAMPLES = 1000

_SAME = 1e-6
"""Difference of places in a range that is taken for rounding."""


@dataclass(frozen=True)
class Effect:
    """The elementary effects of a parameter on an outcome: its change when the parameter crosses its whole range.

    ``mu`` is their mean, ``mu_star`` that of their sizes with its 95 % half-width ``mu_star_conf``, ``sigma`` their
    standard deviation. ``noise`` is the largest change that the gaps of the runs alone could make to the objective
    in a single effect; what is smaller may be none.
    """

    grid: str
    outcome: str
    unit: str
    parameter: str
    mu: float
    mu_star: float
    mu_star_conf: float
    sigma: float
    noise: float | None


def _outcomes(store: Store) -> dict[str, dict[str, float]]:
    """Every outcome by scenario, where there is a plan."""
    found: dict[str, dict[str, float]] = {name: {} for name in OUTCOMES}
    for scenario, objective in store.query(
        "SELECT scenario, objective FROM runs WHERE objective IS NOT NULL"
    ).itertuples(index=False):
        found["objective"][scenario] = float(objective)
        for level in ("hub", "utc", "station"):
            found[f"open.{level}"][scenario] = 0.0
    for scenario, kpi, value in store.query("SELECT scenario, kpi, value FROM kpis").itertuples(index=False):
        if kpi in found and scenario in found["objective"]:
            found[kpi][scenario] = float(value)
    for scenario, level, count in store.query(
        "SELECT scenario, level, count(DISTINCT site) FROM sites AS s WHERE modules > 0 AND period = "
        "(SELECT last(period) FROM sites AS t WHERE t.scenario = s.scenario) GROUP BY scenario, level"
    ).itertuples(index=False):
        found.setdefault(f"open.{level}", {})[scenario] = float(count)
    return found


def _whole_trajectories(grid: GridRecord, values: dict[str, float]) -> list[int]:
    """Rows of the trajectories all of whose scenarios have a value, and which take one step in each parameter."""
    length = len(grid.parameters) + 1
    found: list[int] = []
    for start in range(0, len(grid.units) - length + 1, length):
        rows = range(start, start + length)
        if all(grid.rows[row] in values for row in rows) and _steps(grid, rows):
            found += rows
    return found


def _steps(grid: GridRecord, rows: range) -> bool:
    """Whether from row to row one parameter changes, each of them once."""
    units = np.array([grid.units[row] for row in rows])
    changed = np.abs(np.diff(units, axis=0)) > _SAME
    return bool((changed.sum(axis=0) == 1).all() and (changed.sum(axis=1) == 1).all())


def morris_effects(store: Store) -> tuple[Effect, ...]:
    """The effects of every parameter of every Morris sample of a study.

    Trajectories with a scenario without a plan are left out; with fewer than two left there are no effects.
    """
    return tuple(
        effect
        for name, grid in store.record.grids.items()
        if grid.method == "morris"
        for effect in _effects(name, grid, _outcomes(store), _noise(store, grid))
    )


def _noise(store: Store, grid: GridRecord) -> float | None:
    """The largest difference of objective and bound of a run (CNY/year), over the step of the sample."""
    rows = store.query("SELECT scenario, abs(objective - bound) AS open FROM runs WHERE bound IS NOT NULL")
    own = rows[rows["scenario"].isin(grid.rows)]
    step = grid.levels / (2 * (grid.levels - 1))
    return None if own.empty else float(own["open"].max()) / step


def _effects(
    name: str, grid: GridRecord, outcomes: dict[str, dict[str, float]], noise: float | None
) -> Iterator[Effect]:
    from SALib.analyze import morris  # type: ignore[import-untyped]

    problem = {
        "num_vars": len(grid.parameters),
        "names": list(grid.parameters),
        "bounds": [[0.0, 1.0]] * len(grid.parameters),
    }
    for key, (outcome, unit, factor) in OUTCOMES.items():
        rows = _whole_trajectories(grid, outcomes.get(key, {}))
        if len(rows) < 2 * (len(grid.parameters) + 1):
            continue
        units = np.array([grid.units[row] for row in rows])
        values = np.array([outcomes[key][grid.rows[row]] * factor for row in rows])
        found = morris.analyze(
            problem, units, values, num_levels=grid.levels, num_resamples=_RESAMPLES, seed=0, print_to_console=False
        )
        for index, parameter in enumerate(grid.parameters):
            yield Effect(
                grid=name,
                outcome=outcome,
                unit=unit,
                parameter=parameter,
                mu=float(found["mu"][index]),
                mu_star=float(found["mu_star"][index]),
                mu_star_conf=float(found["mu_star_conf"][index]),
                sigma=float(found["sigma"][index]),
                noise=None if noise is None or key != "objective" else noise * factor,
            )


def effects_table(store: Store) -> Table | None:
    """The effects as a table, the strongest parameter of each outcome first; None without a Morris sample."""
    effects = morris_effects(store)
    if not effects:
        return None
    order = {outcome: number for number, outcome in enumerate(dict.fromkeys(item.outcome for item in effects))}
    ranked = sorted(effects, key=lambda item: (item.grid, order[item.outcome], -item.mu_star))
    columns = (
        Column("sample", "", "text"), Column("outcome", "", "text"), Column("unit", "", "text"),
        Column("parameter", "", "text"), Column("mu*", "", "number"), Column("mu* +-", "", "number"),
        Column("mu", "", "number"), Column("sigma", "", "number"), Column("noise of the gaps", "", "number"),
    )  # fmt: skip
    rows = (
        (
            item.grid, item.outcome, item.unit, item.parameter, item.mu_star, item.mu_star_conf, item.mu, item.sigma,
            item.noise,
        )
        for item in ranked
    )  # fmt: skip
    return Table("effects", columns, tuple(rows))
