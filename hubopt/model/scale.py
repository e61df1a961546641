"""Units of the model: powers of ten that keep numbers near 1 whatever the size of the case."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hubopt.instance import Instance


@dataclass(frozen=True)
class Scale:
    """One model unit of flow in t/d and one model unit of money in CNY/year."""

    flow_t_d: float = 1.0
    money_cny: float = 1.0


def _power_of_ten(value: float) -> float:
    return float(10.0 ** math.floor(math.log10(value))) if value > 0 else 1.0


def choose_scale(instance: Instance) -> Scale:
    """Flow unit near a typical demand of a zone, money unit near the yearly cost of carrying it over one leg."""
    demand = instance.demand["t_d"].to_numpy(dtype=float)
    positive = demand[demand > 0]
    if positive.size == 0:
        return Scale()
    flow = _power_of_ten(float(np.median(positive)))
    modes = {mode.id: mode for mode in instance.structure.modes}
    rates = instance.arcs["mode"].map({key: mode.cny_t_km for key, mode in modes.items()}).to_numpy(dtype=float)
    fixed = instance.arcs["mode"].map({key: mode.cny_t for key, mode in modes.items()}).to_numpy(dtype=float)
    carrying = instance.arcs["km"].to_numpy(dtype=float) * rates + fixed
    typical = float(np.median(carrying)) if carrying.size else 0.0
    return Scale(flow, _power_of_ten(typical * flow * instance.info.operating_days))
