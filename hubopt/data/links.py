"""Arcs of modes that need access of their own: quays, rail sidings, runways; by the straight line, marked estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from hubopt.data.ground.coordinates import Floats
from hubopt.data.recipe_parts import Link
from hubopt.data.structure import figure
from hubopt.data.tables import words
from hubopt.data.travel import straight_km

SEPARATOR = ";"


def with_access(places: pd.DataFrame, access: str) -> pd.DataFrame:
    """The places whose column ``access`` (words separated by ``;``) has the word; all of them if it is empty."""
    if not access:
        return places.reset_index(drop=True)
    listed = words(places["access"]).str.split(SEPARATOR)
    return places[listed.map(lambda own: access in [word.strip() for word in own]).astype(bool)].reset_index(drop=True)


def _chosen(straight: Floats, link: Link) -> np.ndarray:
    """Which pairs are linked, as booleans of the shape of ``straight`` (upper, lower), in km."""
    keep = (straight >= link.min_km) & (straight <= (link.max_km or np.inf)) & (straight > 0)
    if link.most is None:
        return keep
    order = np.where(keep, -straight, np.inf).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return keep & (order < link.most)


def link_arcs(link: Link, ends: Mapping[str, pd.DataFrame], parameters: pd.DataFrame) -> pd.DataFrame:
    """The arcs of one link rule, in the columns of the instance table ``arcs``.

    Args:
        link: the rule.
        ends: tables with id, lon, lat and access by kind of end (gateway, hub, utc).
        parameters: with ``link.MODE.circuity`` (-), ``link.MODE.km_h`` and ``link.MODE.minutes``.

    Raises:
        InputError: if one of these figures is missing.
    """
    upper, lower = link.leg.split("-")
    origins = with_access(ends[upper], link.access)
    destinations = with_access(ends[lower], link.access if link.lower_access is None else link.lower_access)
    circuity, km_h, minutes = (
        figure(parameters, f"link.{link.mode}.{name}") for name in ("circuity", "km_h", "minutes")
    )
    straight = straight_km(origins, destinations)
    keep = _chosen(straight, link) if straight.size else np.zeros(straight.shape, dtype=bool)
    if upper == lower:
        keep &= np.triu(np.ones(keep.shape, dtype=bool), 1)
    a, b = np.nonzero(keep)
    km = np.round(np.maximum(straight[a, b] * circuity, 0.5), 3)
    return pd.DataFrame(
        {
            "leg": link.leg,
            "origin": origins["id"].to_numpy(dtype=object)[a],
            "destination": destinations["id"].to_numpy(dtype=object)[b],
            "mode": link.mode,
            "km": km,
            "minutes": np.round(km / km_h * 60 + minutes, 2),
            "estimated": True,
        }
    )


def all_links(links: Sequence[Link], ends: Mapping[str, pd.DataFrame], parameters: pd.DataFrame) -> pd.DataFrame:
    """The arcs of all link rules."""
    made = [link_arcs(link, ends, parameters) for link in links]
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame()
