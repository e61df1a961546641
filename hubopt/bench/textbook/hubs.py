"""Hub location: flows between all nodes by one or two hubs, in the formulations with flows by origin.

Single allocation after Ernst and Krishnamoorthy (1996), multiple allocation after the same authors (1998).
"""

from __future__ import annotations

import numpy as np

from hubopt.bench.textbook.assemble import Draft
from hubopt.formats.imports.hubs import Flows
from hubopt.solve.milp import Milp, Vector


def single_allocation(given: Flows, hubs: int | None, fixed: Vector | None, room: Vector | None) -> Milp:
    r"""Each node has one hub: :math:`z_{ik}` allocates, :math:`v_{ikl}` carries what i sends between hubs.

    .. math:: \sum_k z_{ik} = 1, \quad z_{ik} \le z_{kk}, \quad
        \sum_l v_{ikl} - \sum_l v_{ilk} = O_i z_{ik} - \sum_j W_{ij} z_{jk}, \quad \sum_l v_{ikl} \le O_i z_{ik}
    """
    count = len(given.flow)
    out, come = given.flow.sum(axis=1), given.flow.sum(axis=0)
    cost = given.distance * (given.collection * out + given.distribution * come)[:, None]
    if fixed is not None:
        cost = cost + np.diag(fixed)
    draft = Draft()
    z = draft.add(cost, 1.0, integer=True)
    apart = np.where(np.eye(count, dtype=bool), 0.0, 1.0)
    v = draft.add(np.broadcast_to(given.transfer * given.distance, (count, count, count)), apart * out[:, None, None])
    centre = np.diagonal(z)
    draft.restrict([(z, 1.0)], 1.0, 1.0)
    off = ~np.eye(count, dtype=bool)
    draft.restrict([(z[off], 1.0), (np.broadcast_to(centre, z.shape)[off], -1.0)], -np.inf, 0.0)
    pairs = count * count
    flows = np.broadcast_to(given.flow[:, None, :], (count, count, count)).reshape(pairs, count)
    ends = np.broadcast_to(z.T[None, :, :], (count, count, count)).reshape(pairs, count)
    draft.restrict(
        [
            (v.reshape(pairs, count), 1.0),
            (v.transpose(0, 2, 1).reshape(pairs, count), -1.0),
            (z.reshape(-1), -np.repeat(out, count)),
            (ends, flows),
        ],
        0.0,
        0.0,
    )
    draft.restrict([(v.reshape(pairs, count), 1.0), (z.reshape(-1), -np.repeat(out, count))], -np.inf, 0.0)
    if hubs is not None:
        draft.restrict([(centre[None, :], 1.0)], hubs, hubs)
    if room is not None:
        draft.restrict([(z.T, np.broadcast_to(out, z.shape)), (centre, -room)], -np.inf, 0.0)
    return draft.program()


def multiple_allocation(given: Flows, hubs: int | None, fixed: Vector | None, room: Vector | None) -> Milp:
    r"""Nodes may use several hubs: :math:`z_{ik}` collects, :math:`v_{ikl}` transfers, :math:`x_{ilj}` delivers.

    .. math:: \sum_k z_{ik} = O_i, \quad \sum_l x_{ilj} = W_{ij}, \quad
        z_{ik} + \sum_l v_{ilk} = \sum_l v_{ikl} + \sum_j x_{ikj}, \quad
        z_{ik} \le O_i y_k, \quad x_{ilj} \le W_{ij} y_l
    """
    count = len(given.flow)
    shape = (count, count, count)
    out = given.flow.sum(axis=1)
    draft = Draft()
    y = draft.add(np.zeros(count) if fixed is None else fixed, 1.0, integer=True)
    z = draft.add(given.collection * given.distance, out[:, None])
    apart = np.where(np.eye(count, dtype=bool), 0.0, 1.0)
    v = draft.add(np.broadcast_to(given.transfer * given.distance, shape), apart * out[:, None, None])
    x = draft.add(
        np.broadcast_to(given.distribution * given.distance, shape),
        np.broadcast_to(given.flow[:, None, :], shape),
    )
    pairs = count * count
    draft.restrict([(z, 1.0)], out, out)
    wanted = given.flow > 0
    draft.restrict([(x.transpose(0, 2, 1)[wanted], 1.0)], given.flow[wanted], given.flow[wanted])
    draft.restrict(
        [
            (z.reshape(-1), 1.0),
            (v.transpose(0, 2, 1).reshape(pairs, count), 1.0),
            (v.reshape(pairs, count), -1.0),
            (x.reshape(pairs, count), -1.0),
        ],
        0.0,
        0.0,
    )
    draft.restrict([(z.reshape(-1), 1.0), (np.tile(y, count), -np.repeat(out, count))], -np.inf, 0.0)
    used = np.broadcast_to(wanted[:, None, :], shape).reshape(-1)
    draft.restrict(
        [
            (x.reshape(-1)[used], 1.0),
            (
                np.broadcast_to(y[None, :, None], shape).reshape(-1)[used],
                -np.broadcast_to(given.flow[:, None, :], shape).reshape(-1)[used],
            ),
        ],
        -np.inf,
        0.0,
    )
    if hubs is not None:
        draft.restrict([(y[None, :], 1.0)], hubs, hubs)
    if room is not None:
        draft.restrict([(z.T, 1.0), (y, -np.minimum(room, out.sum()))], -np.inf, 0.0)
    return draft.program()
