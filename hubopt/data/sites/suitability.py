"""Suitability of sites for logistics land: weighted criteria, each from 0 (worst of the level) to 1 (best)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from hubopt.data.ground.coordinates import Floats
from hubopt.data.sites.rules import CRITERIA as LAND_CRITERIA
from hubopt.data.sites.rules import LandRules, Scale

CRITERIA = ("expressway", "demand", "land_price", "gateway")


def ranked(values: Floats, high_is_good: bool) -> Floats:
    """Percentile of each value among all, 1 for the best; equal values share the mean rank; a lone value gets 1."""
    if len(values) == 1:
        return np.ones(1)
    order = pd.Series(values).rank(method="average", ascending=high_is_good).to_numpy(dtype=float)
    return (order - 1) / (len(values) - 1)


def score(criteria: pd.DataFrame, weights: Mapping[str, float]) -> Floats:
    """Score from 0 to 100 of each row.

    Args:
        criteria: ``expressway`` (km to the nearest junction), ``demand`` (t/d within reach), ``land_price`` (CNY/m2),
            ``gateway`` (minutes to the nearest gateway).
        weights: by criterion; they need not add up to one.
    """
    good = {"demand"}
    total = sum(weights.values())
    parts = [weights[name] * ranked(criteria[name].to_numpy(dtype=float), name in good) for name in weights]
    return np.asarray(np.round(100 * np.sum(parts, axis=0) / total, 1))


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
    given = {name: points(measured[name].to_numpy(dtype=float), rules.scale_of(name)) for name in LAND_CRITERIA}
    return pd.DataFrame(given, index=measured.index)


def level_score(table: pd.DataFrame, level: str, rules: LandRules) -> Floats:
    """Score from 0 to 100 of each candidate for a level: its points weighed as the level's weights say."""
    weights = rules.weights_of(level)
    return np.asarray(sum(weights[name] * table[name].to_numpy(dtype=float) for name in LAND_CRITERIA))
