"""What a page must say about its data: which are made up, and whom to credit."""

from __future__ import annotations

import pandas as pd

from hubopt.instance.types import Instance
from hubopt.viz.places import layout


def synthetic_counts(instance: Instance) -> dict[str, tuple[int, int]]:
    """Rows generated for want of data and all rows, for each table that has any."""
    tables: tuple[tuple[str, pd.DataFrame], ...] = (
        ("gateways", instance.gateways), ("sites", instance.sites), ("zones", instance.zones),
    )  # fmt: skip
    counted = {name: (int(table["synthetic"].astype(bool).sum()), len(table)) for name, table in tables}
    return {name: (count, total) for name, (count, total) in counted.items() if count}


def credits_openstreetmap(instance: Instance) -> bool:
    """Whether anything comes from OpenStreetMap: a base map does by default, sources and rows when they say so."""
    if instance.geometry and not layout(instance).schematic:
        return True
    sources = [f"{item.id} {item.title} {item.licence} {item.note}" for item in instance.structure.sources]
    tables = (instance.gateways, instance.sites, instance.zones)
    rows = [str(value) for table in tables for value in table["reliability"].unique()]
    return any("openstreetmap" in text.lower().replace(" ", "") for text in (*sources, *rows))
