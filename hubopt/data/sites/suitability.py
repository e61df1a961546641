"""Suitability of land: points of each criterion on a scale, and their weighted sum by level."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hubopt.data.ground.coordinates import Floats
from hubopt.data.sites.rules import CRITERIA, LandRules, Scale


def points(values: Floats, scale: Scale) -> Floats:
    """Points from 0 to 100 on a straight line from the scale's worst to its best; a missing value earns 0.

    Args:
        values: of one criterion, shape (n,); infinite is worst if less is better.
        scale: the values that earn nothing and everything.
    """
    capped = np.clip(values, min(scale.worst, scale.best), max(scale.worst, scale.best))
    share = (capped - scale.worst) / (scale.best - scale.worst)
    return np.where(np.isnan(values), 0.0, 100 * share) + 0.0


def point_table(measured: pd.DataFrame, rules: LandRules) -> pd.DataFrame:
    """Points of each candidate by criterion, indexed like ``measured``."""
    given = {name: points(measured[name].to_numpy(dtype=float), rules.scale_of(name)) for name in CRITERIA}
    return pd.DataFrame(given, index=measured.index)


def level_score(table: pd.DataFrame, level: str, rules: LandRules) -> Floats:
    """Score from 0 to 100 of each candidate for a level: its points weighed as the level's weights say."""
    weights = rules.weights_of(level)
    return np.asarray(sum(weights[name] * table[name].to_numpy(dtype=float) for name in CRITERIA))
