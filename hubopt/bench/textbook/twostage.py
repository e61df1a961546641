"""Two stages: plants, depots, customers, one product or several; every flow may come from several ends."""

from __future__ import annotations

import numpy as np

from hubopt.bench.textbook.assemble import Draft, require_room
from hubopt.formats.imports.twostage import Stage
from hubopt.solve.milp import Milp, Vector


def two_stages_in_units(demand: Vector, upper: Stage, lower: Stage) -> Milp:
    """The strong form with whole units in place of shares, for solvers of whole numbers.

    With whole demands and capacities nothing is lost: for given open sites it is a flow problem for each product.

    Raises
    ------
    ValueError
        If a demand or capacity is not whole.
    """
    if any((np.mod(figures, 1) != 0).any() for figures in (demand, upper.capacity, lower.capacity)):
        raise ValueError("demands and capacities are not whole numbers")
    products, plants, depots = upper.cost.shape
    draft = Draft()
    w = draft.add(upper.fixed, 1.0, integer=True)
    y = draft.add(lower.fixed, 1.0, integer=True)
    made, room = upper.capacity.T, lower.capacity.T
    most = np.minimum(made[:, :, None], room[:, None, :])
    x = draft.add(upper.cost, most, integer=True)
    asked = np.minimum(np.broadcast_to(demand.T[:, None, :], lower.cost.shape), room[:, :, None])
    z = draft.add(lower.cost, asked, integer=True)
    wanted = demand.T.reshape(-1)
    draft.restrict([(z.transpose(0, 2, 1).reshape(len(wanted), depots), 1.0)], wanted, wanted)
    pairs = (products * depots, products * plants)
    draft.restrict([(x.transpose(0, 2, 1).reshape(pairs[0], plants), 1.0), (z.reshape(pairs[0], -1), -1.0)], 0.0, 0.0)
    draft.restrict([(z.reshape(pairs[0], -1), 1.0), (np.tile(y, products), -room.reshape(-1))], -np.inf, 0.0)
    draft.restrict([(x.reshape(pairs[1], depots), 1.0), (np.tile(w, products), -made.reshape(-1))], -np.inf, 0.0)
    opened = np.broadcast_to(y[None, :, None], z.shape).reshape(-1)
    draft.restrict([(z.reshape(-1), 1.0), (opened, -asked.reshape(-1))], -np.inf, 0.0)
    built = np.broadcast_to(w[None, :, None], x.shape).reshape(-1)
    draft.restrict([(x.reshape(-1), 1.0), (built, -most.reshape(-1))], -np.inf, 0.0)
    return draft.program()


def two_stages(demand: Vector, upper: Stage, lower: Stage, *, strong: bool, total: bool = False) -> Milp:
    r"""Flows from plants to depots, shares of demand from depots, open plants and depots.

    .. math:: \sum_j z_{ljk} = 1, \quad \sum_i x_{lij} = \sum_k d_{kl} z_{ljk}, \quad
        \sum_k d_{kl} z_{ljk} \le Q_{jl} y_j, \quad \sum_j x_{lij} \le P_{il} w_i

    ``strong`` adds :math:`z_{ljk} \le y_j` and :math:`x_{lij} \le \min(P_{il}, Q_{jl}) w_i`; without them a plain
    solver is often quicker, as there are far fewer rows. ``total`` adds rows of total demand.
    ``demand`` of shape (customers, products).
    """
    products, plants, depots = upper.cost.shape
    customers = len(demand)
    draft = Draft()
    w = draft.add(upper.fixed, 1.0, integer=True)
    y = draft.add(lower.fixed, 1.0, integer=True)
    most = np.minimum(upper.capacity.T[:, :, None], lower.capacity.T[:, None, :])
    x = draft.add(upper.cost, most)
    asked = demand.T[:, None, :]
    # what nobody asks for is not carried
    z = draft.add(lower.cost * asked, np.where(np.broadcast_to(asked, lower.cost.shape) > 0, 1.0, 0.0))
    wanted = demand.T > 0
    draft.restrict([(z.transpose(0, 2, 1)[wanted], 1.0)], 1.0, 1.0)
    shares = np.broadcast_to(asked, z.shape).reshape(products * depots, customers)
    by_depot = z.reshape(products * depots, customers)
    into = x.transpose(0, 2, 1).reshape(products * depots, plants)
    draft.restrict([(into, 1.0), (by_depot, -shares)], 0.0, 0.0)
    room = lower.capacity.T.reshape(-1)
    draft.restrict([(by_depot, shares), (np.tile(y, products), -room)], -np.inf, 0.0)
    made = upper.capacity.T.reshape(-1)
    draft.restrict([(x.reshape(products * plants, depots), 1.0), (np.tile(w, products), -made)], -np.inf, 0.0)
    if strong:
        used = np.broadcast_to(asked > 0, z.shape).reshape(-1)
        draft.restrict(
            [(z.reshape(-1)[used], 1.0), (np.broadcast_to(y[None, :, None], z.shape).reshape(-1)[used], -1.0)],
            -np.inf,
            0.0,
        )
        draft.restrict(
            [(x.reshape(-1), 1.0), (np.broadcast_to(w[None, :, None], x.shape).reshape(-1), -most.reshape(-1))],
            -np.inf,
            0.0,
        )
    if total:
        for product, amount in enumerate(demand.sum(axis=0)):
            require_room(draft, w, upper.capacity[:, product], float(amount))
            require_room(draft, y, lower.capacity[:, product], float(amount))
    return draft.program()
