"""Synthetic cases: the same numbers as their definition, and sound instances."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from hubopt.bench.scale import RATES, draw, nearest, scale_instance
from hubopt.instance import Instance, sha256, validate

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "bench" / "scale_generator.py"
SIZE = (60, 20, 8, 4)


def reference() -> ModuleType:
    if not REFERENCE.is_file():
        pytest.skip("optional local data: no reference generator beside the repository")
    spec = importlib.util.spec_from_file_location("scale_generator", REFERENCE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def numbers(instance: Instance, leg: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = instance.arcs[instance.arcs["leg"] == leg]
    origin, destination = (rows[end].str[1:].astype(int).to_numpy() - 1 for end in ("origin", "destination"))
    return origin, destination, rows["km"].to_numpy()


@pytest.mark.parametrize(("size", "seed"), [((300, 80, 20, 8), 0), ((100, 30, 10, 5), 7), ((40, 5, 3, 2), 2)])
def test_numbers_are_those_of_the_definition(size: tuple[int, int, int, int], seed: int) -> None:
    """Every figure equals that of the reference generator, to the last bit, and arcs are the nearest pairs."""
    wanted = reference().generate(*size, seed=seed)
    case = draw(*size, seed)
    instance, _ = scale_instance(*size, seed)
    assert (case.demand == wanted["demand"]).all()
    assert (case.share == wanted["share"]).all()
    assert (case.gateway_share == wanted["gateway_share"]).all()
    for level, name in (("hub", "hub"), ("utc", "utc"), ("station", "station")):
        layer = case.layers[level]  # type: ignore[index]
        assert (layer.capacity == wanted[f"cap_{name}"]).all()
        assert (layer.cost == wanted[f"cost_{name}"]).all()
        assert (layer.factor == wanted[f"land_{name}"]).all()
    keys = {"station-zone": "km_zone_station", "utc-station": "km_station_utc"}
    keys |= {"hub-utc": "km_utc_hub", "gateway-hub": "km_hub_gateway"}
    for leg, key in keys.items():
        origin, destination, km = numbers(instance, leg)
        assert (km == wanted[key][destination, origin]).all()
        per_lower = np.bincount(destination)
        assert (per_lower == per_lower[0]).all()
        assert per_lower[0] == min(wanted[key].shape[1], {"station-zone": 15, "utc-station": 6}.get(leg, 10**9))
        for lower in range(min(10, len(per_lower))):
            assert np.sort(km[destination == lower]).max() == np.sort(wanted[key][lower])[per_lower[0] - 1]


def test_instance_is_sound_and_repeatable() -> None:
    """No rule of the data complains, and the same sizes and seed give the same instance."""
    instance, policy = scale_instance(*SIZE, seed=1)
    assert validate(instance) == []
    assert sha256(instance) == sha256(scale_instance(*SIZE, seed=1)[0])
    assert sha256(instance) != sha256(scale_instance(*SIZE, seed=2)[0])
    assert policy.model_dump(exclude_defaults=True) == {}
    assert set(instance.arcs["leg"]) == set(RATES)


def test_cost_of_a_size_is_that_of_the_draw() -> None:
    """A site's size costs its price at the site's own factor: the land cost of the design there."""
    case = draw(*SIZE, 0)
    instance, _ = scale_instance(*SIZE, 0)
    area = {design.id: design.module_gfa_m2 for design in instance.structure.designs}
    price = instance.sites.set_index("id")["land_price_cny_m2"]
    assert area["utc-2"] * price["u3"] == pytest.approx(case.layers["utc"].cost[2] * case.layers["utc"].factor[2])


def test_fewer_upper_ends_than_are_asked_for() -> None:
    """With two upper ends each lower end has both."""
    upper, lower, km = nearest(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0], [6.0, 8.0]]), 15)
    assert sorted(zip(upper, lower, km.round(9), strict=True)) == [(0, 0, 0), (0, 1, 6.5), (1, 0, 13), (1, 1, 6.5)]


@pytest.mark.parametrize("size", [(0, 1, 1, 1), (1, 1, 1, 0)])
def test_empty_sizes_are_refused(size: tuple[int, int, int, int]) -> None:
    """A level without a site is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least 1"):
        scale_instance(*size)
