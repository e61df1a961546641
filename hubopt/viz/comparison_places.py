"""The places of two instances taken together, so that their plans can be laid over each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from hubopt.instance import InputError, Problem
from hubopt.instance.types import Instance
from hubopt.viz.places import degrees

TABLES: tuple[str, ...] = ("gateways", "sites", "zones")
"""Tables of places."""

NEAR_DEG = 0.002
"""Places of one id this far apart in degrees (about 200 m) are the same place."""


@dataclass(frozen=True)
class Joint:
    """Two instances over the same places.

    ``first`` and ``second`` have the same tables of places (those of both, the first one's rows where an id is in
    both), commodities, modes and designs; everything else is their own. ``only_first``, ``only_second`` and ``moved``
    count, by table, the places that are in one only and those that lie elsewhere in the other.
    """

    first: Instance
    second: Instance
    only_first: dict[str, int]
    only_second: dict[str, int]
    moved: dict[str, int]


def joint(first: Instance, second: Instance) -> Joint:
    """``first`` and ``second`` over the places of both, matched by id.

    Raises
    ------
    InputError
        If fewer than half of the zones of the smaller instance are in the other one, or lie elsewhere there.
    """
    counts: list[dict[str, int]] = [{}, {}, {}]
    tables: dict[str, pd.DataFrame] = {}
    for name in TABLES:
        own, other = first.table(name), second.table(name)
        new = ~other["id"].isin(own["id"])
        counts[0][name] = int((~own["id"].isin(other["id"])).sum())
        counts[1][name] = int(new.sum())
        counts[2][name] = _moved(own, other)
        tables[name] = pd.concat([own, other[new]], ignore_index=True) if new.any() else own
    smaller = min(len(first.zones), len(second.zones))
    alike = len(first.zones) - counts[0]["zones"] - counts[2]["zones"]
    if 2 * alike < smaller:
        message = f"only {alike} of {smaller} zones are the same places in both instances"
        raise InputError([Problem("RESULT", message, "compare results of one instance or of its variants")])
    return Joint(_over(first, first, second, tables), _over(second, first, second, tables), *counts)


def _moved(own: pd.DataFrame, other: pd.DataFrame) -> int:
    """Places of one id that lie elsewhere in the other table; a place without coordinates lies nowhere else."""
    at = [
        pd.DataFrame({"lon": degrees(table, "lon"), "lat": degrees(table, "lat")}, index=table["id"])
        for table in (own, other)
    ]
    common = at[0].index.intersection(at[1].index)
    apart = (at[0].loc[common] - at[1].loc[common]).to_numpy()
    return int((np.hypot(apart[:, 0], apart[:, 1]) > NEAR_DEG).sum())


def _over(instance: Instance, first: Instance, second: Instance, tables: dict[str, pd.DataFrame]) -> Instance:
    """``instance`` over the joint places, with the words of both in the order of the first; its own meaning counts."""
    changed: dict[str, Any] = dict(tables)
    words: dict[str, Any] = {}
    for name in ("commodities", "modes", "designs"):
        all_items = [item for one in (first, second) for item in getattr(one.structure, name)]
        own = {item.id: item for item in getattr(instance.structure, name)}
        by_id = {item.id: own.get(item.id, item) for item in all_items}
        words[name] = tuple(by_id.values())
    return replace(instance, structure=instance.structure.model_copy(update=words), **changed)
