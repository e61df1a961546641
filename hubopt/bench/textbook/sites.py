"""One level: facility location with and without capacities, p-median, set covering, maximal covering."""

from __future__ import annotations

import numpy as np

from hubopt.bench.textbook.assemble import Draft, require_room
from hubopt.solve.milp import Milp, Vector


def facility_location(
    fixed: Vector,
    cost: Vector,
    capacity: Vector | None,
    demand: Vector | None,
    *,
    single: bool,
    strong: bool = True,
    total: bool = False,
) -> Milp:
    r"""Shares of customers' demand from sites, shape (sites, customers), and open sites.

    .. math:: \min \sum_i f_i y_i + \sum_{ij} c_{ij} x_{ij}, \quad \sum_i x_{ij} = 1, \quad
        \sum_j d_j x_{ij} \le Q_i y_i, \quad x_{ij} \le y_i

    ``capacity`` None: without the rows in the middle. ``strong``: with those at the end. ``total``:
    with rows of total demand.
    """
    draft = Draft()
    y = draft.add(fixed, 1.0, integer=True)
    x = draft.add(cost, 1.0, integer=single)
    draft.restrict([(x.T, 1.0)], 1.0, 1.0)
    if capacity is not None and demand is not None:
        draft.restrict([(x, np.broadcast_to(demand, cost.shape)), (y, -capacity)], -np.inf, 0.0)
    if strong or capacity is None:
        draft.restrict([(x.reshape(-1), 1.0), (np.repeat(y, cost.shape[1]), -1.0)], -np.inf, 0.0)
    if total and capacity is not None and demand is not None:
        require_room(draft, y, capacity, float(demand.sum()))
    return draft.program()


def facility_location_in_units(fixed: Vector, cost: Vector, capacity: Vector, demand: Vector) -> Milp:
    r"""The same with several sources and whole units in place of shares, for solvers of whole numbers.

    With whole demands and capacities nothing is lost: for given open sites it is a transport problem.

    Raises
    ------
    ValueError
        If a demand or capacity is not whole.
    """
    if (np.mod(demand, 1) != 0).any() or (np.mod(capacity, 1) != 0).any():
        raise ValueError("demands and capacities are not whole numbers")
    # what nobody asks for may still cost something to serve: one visit
    units = np.where(demand > 0, demand, 1.0)
    draft = Draft()
    y = draft.add(fixed, 1.0, integer=True)
    most = np.minimum(np.broadcast_to(units, cost.shape), np.where(demand > 0, capacity[:, None], 1.0))
    x = draft.add(cost / units, most, integer=True)
    draft.restrict([(x.T, 1.0)], units, units)
    draft.restrict([(x, np.broadcast_to((demand > 0).astype(float), cost.shape)), (y, -capacity)], -np.inf, 0.0)
    draft.restrict([(x.reshape(-1), 1.0), (np.repeat(y, cost.shape[1]), -most.reshape(-1))], -np.inf, 0.0)
    return draft.program()


def medians(ways: Vector, count: int, *, whole: bool = False) -> Milp:
    r"""P medians: :math:`\min \sum d_{ij} x_{ij}`, :math:`\sum_i x_{ij} = 1`, :math:`x_{ij} \le y_i`, p open.

    ``ways`` of shape (sites, customers). ``whole``: shares are whole, which loses nothing.
    """
    draft = Draft()
    y = draft.add(np.zeros(len(ways)), 1.0, integer=True)
    # a pair without a way stays as a column that is fixed at 0
    reached = np.isfinite(ways)
    x = draft.add(np.where(reached, ways, 0.0), np.where(reached, 1.0, 0.0), integer=whole)
    draft.restrict([(x.T, 1.0)], 1.0, 1.0)
    draft.restrict([(x.reshape(-1), 1.0), (np.repeat(y, ways.shape[1]), -1.0)], -np.inf, 0.0)
    draft.restrict([(y[None, :], 1.0)], count, count)
    return draft.program()


def set_covering(cost: Vector, covered: list[list[int]]) -> Milp:
    r"""Columns at least cost such that each row has one: :math:`\sum_{i \in N_j} y_i \ge 1`."""
    draft = Draft()
    y = draft.add(cost, 1.0, integer=True)
    for columns in covered:
        draft.restrict([(y[np.array(columns)][None, :], 1.0)], 1.0, np.inf)
    return draft.program()


def maximal_covering(within: Vector, demand: Vector, count: int, *, whole: bool = False) -> Milp:
    r"""Most demand within reach of p sites: :math:`\max \sum h_j z_j`, :math:`z_j \le \sum_{i \in N_j} y_i`.

    Stated as its negative, to be minimised. ``within`` of shape (sites, customers) is truth values. ``whole``: so are
    the shares, which loses nothing.
    """
    draft = Draft()
    y = draft.add(np.zeros(len(within)), 1.0, integer=True)
    z = draft.add(-demand, 1.0, integer=whole)
    rows = np.broadcast_to(y, (len(demand), len(y)))
    draft.restrict([(z, 1.0), (rows, -within.T.astype(float))], -np.inf, 0.0)
    draft.restrict([(y[None, :], 1.0)], count, count)
    return draft.program()
