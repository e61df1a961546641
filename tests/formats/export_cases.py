"""Cases to export: ``tiny`` with its plan on a map, under attack, without coordinates, and over two periods."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from hubopt.formats.exports.case import Case, case_of
from hubopt.instance import Instance
from tests.check.phased import phased_trial
from tests.plans import phased_solution, tiny_solution
from tests.viz.cases import hostile, mapped, unlocated


def _of(instance: Instance) -> Case:
    solution = tiny_solution()
    assert solution.plan is not None
    return case_of(instance, solution, solution.plan)


@cache
def on_a_map() -> Case:
    """``tiny`` with areas of zones and districts, and of one candidate site."""
    instance = mapped()
    zones = instance.geometry["zones"]
    site = zones.iloc[[0]].assign(id="u-east")
    return _of(replace(instance, geometry={**instance.geometry, "sites": site}))


@cache
def under_attack() -> Case:
    """The same with an attack in every text."""
    return _of(hostile())


@cache
def without_places() -> Case:
    """``tiny`` without coordinates."""
    return _of(unlocated())


@cache
def over_periods() -> Case:
    """A plan over two periods with in-city goods and outages; its places stand in a row."""
    solution, instance = phased_solution(), phased_trial().instance
    assert solution.plan is not None
    tables = {
        name: instance.table(name).assign(lon=lambda rows: 114 + 0.01 * np.arange(len(rows)), lat=lat)
        for name, lat in (("gateways", 22.5), ("sites", 22.6), ("zones", 22.7))
    }
    return case_of(instance.with_tables(**tables), solution, solution.plan)
