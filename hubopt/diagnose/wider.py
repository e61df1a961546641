"""A case with more room than its limits give: arcs beyond the service limits and sites that are forced closed.

The model leaves these out altogether, so no row of it can give way. Here they are put in, with rows of their own that
keep them out unless their limit is changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from hubopt.diagnose.limits import Limit
from hubopt.diagnose.rows import Hold
from hubopt.instance import Instance, Policy, apply
from hubopt.model import Network
from hubopt.solve.milp import Milp

MOST_FAR_ARCS = 20_000
"""Arcs beyond the limits that are put in at most, the nearest to their limit first."""

_DETERRENT_CNY_T = 1e6
"""Toll of an arc beyond its limit, so that it never stands in for one within."""


@dataclass(frozen=True)
class Wider:
    """The case to build.

    ``far`` has the arcs beyond a limit that may be changed: leg, origin, destination, mode and, by id of the limit, by
    how much they are beyond it. ``closed`` has the sites that are forced closed.
    """

    instance: Instance
    policy: Policy
    far: Sequence[tuple[tuple[str, str, str, str], Mapping[str, float]]] = ()
    closed: tuple[str, ...] = ()


def _beyond(effective: Instance) -> pd.DataFrame:
    """The arcs with the share by which each is beyond the km and the minutes of its leg (0 or less: within)."""
    arcs = effective.arcs[["leg", "origin", "destination", "mode", "km", "minutes"]].copy()
    limits = {limit.leg: limit for limit in effective.structure.service.limits}
    for name, column in (("max_km", "km"), ("max_minutes", "minutes")):
        most = {leg: getattr(limit, name) for leg, limit in limits.items()}
        bound = arcs["leg"].map(lambda leg, most=most: np.inf if most.get(leg) is None else most[leg]).astype(float)
        arcs[name] = arcs[column] - bound
        arcs[f"{name}_share"] = arcs[name] / bound
    return arcs


def _with_far_arcs(wider: Wider, effective: Instance, loose: set[str]) -> Wider:
    beyond = _beyond(effective)
    names = ("max_km", "max_minutes")
    is_far = (beyond[list(names)] > 0).any(axis=1)
    may = pd.Series(True, index=beyond.index)
    for name in names:
        known = [f"limits.{leg}.{name}" in loose for leg in beyond["leg"]]
        may &= (beyond[name] <= 0) | pd.Series(known, index=beyond.index)
    chosen = beyond[is_far & may]
    if chosen.empty:
        return wider
    chosen = chosen.assign(worst=chosen[["max_km_share", "max_minutes_share"]].max(axis=1))
    chosen = chosen.sort_values("worst", kind="stable").head(MOST_FAR_ARCS)
    kept = ~is_far
    kept.loc[chosen.index] = True
    arcs = wider.instance.arcs.copy()
    if wider.policy.cost_cap_cny_year is None:
        arcs.loc[chosen.index, "toll_cny_t"] += _DETERRENT_CNY_T
    records: list[Any] = list(chosen.itertuples())
    far = [
        (
            (row.leg, row.origin, row.destination, row.mode),
            {f"limits.{row.leg}.{name}": getattr(row, name) for name in names if getattr(row, name) > 0},
        )
        for row in records
    ]
    policy = wider.policy.model_copy(update={"off": (*wider.policy.off, "service_limits")})
    return replace(
        wider, instance=wider.instance.with_tables(arcs=arcs[kept].reset_index(drop=True)), policy=policy, far=far
    )


def widened(instance: Instance, policy: Policy, loose: Sequence[Limit]) -> Wider:
    """The case with the arcs and sites that the limits in ``loose`` keep out.

    Raises
    ------
    InputError
        If the policy does not fit the instance.
    """
    closed = tuple(limit.names["site"] for limit in loose if limit.kind == "forced-closed")
    wider = Wider(instance, policy, closed=closed)
    if closed:
        sites = instance.sites.copy()
        sites.loc[sites["id"].isin(closed) & (sites["forced"] == "closed"), "forced"] = ""
        still = tuple(site for site in policy.force_closed if site not in closed)
        wider = replace(
            wider, instance=instance.with_tables(sites=sites), policy=policy.model_copy(update={"force_closed": still})
        )
    reaches = {limit.id for limit in loose if limit.kind in ("max-km", "max-minutes")}
    return _with_far_arcs(wider, apply(instance, policy), reaches) if reaches else wider


class _Rows:
    """Rows and columns to be added to a program."""

    def __init__(self, program: Milp) -> None:
        self.program = program
        self.entries: list[tuple[int, int, float]] = []
        self.names: list[str] = []
        self.columns = program.columns
        self.holds: list[Hold] = []

    def new_column(self) -> int:
        self.columns += 1
        return self.columns - 1

    def add(self, name: str, terms: Mapping[int, float]) -> int:
        """Add ``terms <= 0``; its number."""
        row = self.program.rows + len(self.names)
        self.names.append(name)
        self.entries += [(row, column, value) for column, value in terms.items()]
        return row

    def hold(self, limit: str, terms: Mapping[int, float]) -> None:
        """Add ``terms <= what the limit gives``."""
        self.holds.append(Hold(self.add(limit, terms), limit, "upper", 1.0))

    def extended(self) -> Milp:
        program, added, rows = self.program, self.columns - self.program.columns, len(self.names)
        own = sparse.csr_array(
            (
                [x for _, _, x in self.entries],
                ([r - program.rows for r, _, _ in self.entries], [c for _, c, _ in self.entries]),
            ),
            shape=(rows, self.columns),
        )
        old = sparse.hstack([program.matrix, sparse.csr_array((program.rows, added))], format="csr")
        return replace(
            program,
            cost=np.concatenate([program.cost, np.zeros(added)]),
            matrix=sparse.csr_array(sparse.vstack([old, own], format="csr")),
            row_lower=np.concatenate([program.row_lower, np.full(rows, -np.inf)]),
            row_upper=np.concatenate([program.row_upper, np.zeros(rows)]),
            lower=np.concatenate([program.lower, np.zeros(added)]),
            upper=np.concatenate([program.upper, np.ones(added)]),
            integer=np.concatenate([program.integer, np.ones(added, dtype=bool)]),
            strengthening=np.concatenate([program.strengthening, np.zeros(rows, dtype=bool)]),
            row_names=(*program.row_names, *self.names),
        )  # fmt: skip


def added_holds(wider: Wider, network: Network, program: Milp) -> tuple[Milp, list[Hold]]:
    """The program with the rows that keep out what the limits of the case keep out, and what holds them."""
    if not wider.far and not wider.closed:
        return program, []
    rows = _Rows(program)
    for site in wider.closed:
        for t in network.periods:
            terms = {program.groups["open"][site, d, t]: 1.0 for d in network.designs_at[site]}
            if terms:
                rows.hold(f"force_closed.{site}", terms)
    far = {arc for arc, _ in wider.far}
    near_links = {arc[:3] for arc in network.way if arc not in far}
    flows: dict[Any, list[tuple[int, float]]] = {}
    for (leg, i, j, mode, k, t), column in program.groups.get("flow", {}).items():
        if (leg, i, j, mode) in far:
            bound = network.flow_bound((leg, i, j, mode), k, t)
            flows.setdefault(((leg, i, j, mode), t), []).append((column, bound))
    links = program.groups.get("link", {})
    for arc, excess in wider.far:
        for t in network.periods:
            link = links.get((*arc[:3], t))
            if link is not None and arc[:3] not in near_links:
                for limit, by in excess.items():
                    rows.hold(limit, {link: by})
            elif (arc, t) in flows:
                use = rows.new_column()
                for column, bound in flows[arc, t]:
                    rows.add("flow beyond a limit", {column: 1.0, use: -bound})
                for limit, by in excess.items():
                    rows.hold(limit, {use: by})
    return rows.extended(), rows.holds
