"""Near-equal alternatives: site sets of nearly the same objective that share as few hubs and centres as possible.

The program gets a row that keeps the objective within a share of the result's, and the objective becomes the largest
number of hubs and transfer centres shared with any set found before. The cost itself breaks ties.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hubopt.check import check
from hubopt.solve.engine.jobs import Job
from hubopt.solve.extract import plan_of
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.monolith import fixed_job
from hubopt.study.base import MIN_SECONDS, Base, held, optimum, with_column, with_row
from hubopt.study.prices import Run

STATIONS_FIXED_FROM = 1500
"""Integer columns from which the stations stay as in the result, so that the search is about hubs and centres."""

_LEVELS = ("hub", "utc")
_STEP = 1000.0
"""Objective of one shared site; the cost, as a share of its limit, counts for at most half of that."""

_GAP = 5e-3

Sites = frozenset[str]


@dataclass(frozen=True)
class Alternative:
    """Another set of hubs and transfer centres, in the last period, whose plan the checker has confirmed.

    ``shared`` is the largest number of sites shared with the result or an earlier alternative; no plan within the
    limit shares fewer than ``shared_bound`` (of those searched: see ``scope``). Amounts in CNY/year; ``objective`` is
    as the instance states it, ``extra`` what it is worse by.
    """

    sites: tuple[str, ...]
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    objective: float
    extra: float
    extra_share: float
    shared: int
    shared_bound: int
    scope: str


@dataclass(frozen=True)
class Search:
    """What a search for alternatives ended with; ``note`` says why it found no more."""

    within: float
    limit: float
    found: tuple[Alternative, ...]
    note: str


def _site_columns(base: Base) -> dict[str, list[int]]:
    """Columns of ``open`` in the last period, by hub or transfer centre."""
    last = base.network.periods[-1]
    found: dict[str, list[int]] = {}
    for (site, _, period), column in base.program.groups.get("open", {}).items():
        if period == last and base.network.sites[site].level in _LEVELS:
            found.setdefault(site, []).append(column)
    return found


def _open_sites(columns: dict[str, list[int]], values: Vector) -> Sites:
    return frozenset(site for site, own in columns.items() if values[own].sum() > 0.5)


def _search_program(base: Base, program: Milp, earlier: Sequence[Sites], limit: float) -> Milp:
    """The program that seeks the set which shares least with the earlier ones; its last column counts the shared."""
    columns = _site_columns(base)
    scale = 10.0 ** math.floor(math.log10(max(abs(limit), 1.0)))
    found = with_row(program, program.cost / scale * 1e3, (limit - program.offset) / scale * 1e3, "near_equal")
    found = replace(found, cost=program.cost * (0.5 * _STEP / max(limit - program.offset, 1e-9)), offset=0.0)
    found = with_column(found, _STEP)
    for number, sites in enumerate(earlier):
        shared = np.zeros(found.columns)
        for site in sites:
            shared[columns[site]] = 1.0
        shared[-1] = -1.0
        found = with_row(found, shared, 0.0, f"shared_with[{number}]")
    return found


def _shared_at_least(bound: float | None) -> int:
    return 0 if bound is None else max(0, math.ceil(bound / _STEP - 0.5 - 1e-4))


def _cheapest(base: Base, program: Milp, values: Vector, run: Run) -> Vector:
    """The point with the hubs and centres of ``values`` and the cheapest rest that is found in time."""
    wanted = program.column_mask("open", lambda x: base.network.sites[x[0]].level in _LEVELS)
    fixed = held(program, values, wanted)
    seconds = max(MIN_SECONDS, run.seconds / 2)
    job = Job(fixed.lower, fixed.upper, fixed.integer, values, gap=run.gap, seconds=seconds, seed=run.seed)
    outcome = optimum(program, job)
    return values if outcome.values is None else outcome.values


def _flows_settled(program: Milp, values: Vector) -> Vector | None:
    """The point with its integers rounded and the best flows for them; None if they do not fit."""
    outcome = optimum(program, fixed_job(program, values, float("inf")))
    if outcome.reason != "optimal" or outcome.values is None:
        return None
    return np.where(program.integer, np.round(values), outcome.values)


def alternatives(base: Base, count: int, within: float, run: Run) -> Search:
    """Seek up to ``count`` alternatives whose objective is within ``within`` (a share) of the result's.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    limit = base.objective + within * abs(base.objective)
    found: list[Alternative] = []
    note = ""
    for item in _each(base, count, limit, run):
        if isinstance(item, str):
            note = item
        else:
            found.append(item)
    return Search(within, base.stated(limit), tuple(found), note)


def _each(base: Base, count: int, limit: float, run: Run) -> Iterator[Alternative | str]:
    program, scope = base.program, "all sites"
    if int(program.integer.sum()) >= STATIONS_FIXED_FROM:
        stations = program.column_mask("open", lambda x: base.network.sites[x[0]].level == "station")
        program, scope = held(program, base.point, stations), "stations as in the result"
    columns = _site_columns(base)
    start = _flows_settled(base.program, base.point)
    if start is None:
        yield "the result's own plan does not fit the model"
        return
    here = _open_sites(columns, start)
    earlier = [here]
    # the result must stay within its own limit whatever the last digits of its objective
    most = max(limit / base.money, base.program.objective(start))
    most += 1e-9 * abs(most)
    for _ in range(count):
        search = _search_program(base, program, earlier, most)
        point = np.append(start, max(len(here & sites) for sites in earlier))
        job = Job(
            search.lower, search.upper, search.integer, point, gap=_GAP, seconds=run.seconds, seed=run.seed,
            threads=run.threads,
        )  # fmt: skip
        outcome = optimum(search, job)
        if outcome.values is None:
            yield f"no other site set was found ({outcome.reason})"
            return
        values = outcome.values[:-1]
        sites = _open_sites(columns, values)
        fewest = _shared_at_least(outcome.bound)
        if any(known <= sites for known in earlier):
            yield (
                "no further set was found that drops a site of each one before; proven: no plan within the limit "
                f"shares fewer than {fewest} hubs and centres with all of them ({scope})"
            )
            return
        alternative = _confirmed(base, program, columns, values, earlier, fewest, scope, run)
        if alternative is None:
            yield "the checker refused what was found"
            return
        yield alternative
        earlier.append(sites)


def _confirmed(
    base: Base, program: Milp, columns: dict[str, list[int]], values: Vector, earlier: Sequence[Sites], fewest: int,
    scope: str, run: Run,
) -> Alternative | None:  # fmt: skip
    """The alternative at a point, made cheaper where time allows, if the checker confirms it."""
    settled = _flows_settled(program, _cheapest(base, program, values, run))
    if settled is None:
        return None
    policy = base.solution.policy
    report = check(base.instance, policy, plan_of(base.instance, policy, base.network, base.program, settled))
    if not report.ok:
        return None
    sites, here = _open_sites(columns, settled), earlier[0]
    shared = max(len(sites & known) for known in earlier)
    extra = base.stated(report.objective) - base.objective
    return Alternative(
        tuple(sorted(sites)), tuple(sorted(sites - here)), tuple(sorted(here - sites)), report.objective, extra,
        extra / max(abs(base.objective), 1e-9), shared, min(fewest, shared), scope,
    )  # fmt: skip
