"""Observed trips: the factor, the class speeds and the errors by distance."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.data.travel import Speeds
from hubopt.data.travel.spec import Calibration, calibrated, lines_of
from hubopt.data.travel.trips import evaluate, factor_of, fit_speeds, read_trips, routed
from hubopt.instance.errors import InputError

from .test_matrix import some_places, town

GRAPH = town(3, 20)
TRUE = Speeds({"primary": 50.0, "tertiary": 20.0}, 0, 20, 1.3, 0.5)
GUESS = Speeds({"primary": 40.0, "tertiary": 30.0}, 0, 20, 1.3, 0.5)


def observed(count: int = 150, noise: float = 0.0) -> pd.DataFrame:
    """Trips driven at the true speeds, with noise on the minutes."""
    starts, ends = some_places(GRAPH, count, 1), some_places(GRAPH, count, 2)
    sums = routed(GRAPH, TRUE, starts, ends)
    minutes = sums[:, 1] * np.random.default_rng(0).normal(1, noise, count)
    table = {"from_lon": starts[:, 0], "from_lat": starts[:, 1], "to_lon": ends[:, 0], "to_lat": ends[:, 1]}
    return pd.DataFrame({**table, "km": sums[:, 0], "minutes": minutes})


def test_trips_of_the_graph_itself_have_no_error() -> None:
    """Held against its own routes a graph is right in km and minutes, with a factor of one."""
    report = evaluate(observed(), GRAPH, TRUE)
    assert report.factor == pytest.approx(1) and report.all.trips > 140
    assert report.all.km == pytest.approx(0, abs=1e-9) and report.all.minutes == pytest.approx(0, abs=1e-9)


def test_one_factor_makes_up_for_slow_speeds() -> None:
    """With every speed halved the factor is one half and nothing else changes."""
    slow = replace(TRUE, km_h={name: km_h / 2 for name, km_h in TRUE.km_h.items()}, access_km_h=10, terminal_minutes=1)
    report = evaluate(observed(), GRAPH, slow)
    assert report.factor == pytest.approx(0.5) and report.all.minutes == pytest.approx(0, abs=1e-9)


def test_class_speeds_are_found_again() -> None:
    """From wrong speeds of two classes the true ones come back within 10 %, and the error of minutes shrinks."""
    trips = observed(noise=0.05)
    fitted = fit_speeds(trips, GRAPH, GUESS)
    assert fitted.km_h["primary"] == pytest.approx(50, rel=0.1)
    assert fitted.km_h["tertiary"] == pytest.approx(20, rel=0.1)
    assert evaluate(trips, GRAPH, fitted).all.minutes < evaluate(trips, GRAPH, GUESS).all.minutes


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(1, 100), st.floats(1, 100)), min_size=1, max_size=30))
def test_no_other_factor_does_better(pairs: list[tuple[float, float]]) -> None:
    """The factor has the least mean absolute share of all."""
    made, seen = np.array(pairs).T
    best = factor_of(made, seen)

    def error(factor: float) -> float:
        return float(np.abs(factor * made / seen - 1).mean())

    assert error(best) <= min(error(factor) for factor in (*(seen / made), 0.5, 1.0, 2.0)) + 1e-9


def test_faulty_trips_are_left_out_and_counted() -> None:
    """No time, a jump and a trip shorter than the straight line are not used, each with its reason."""
    trips = observed(30)
    good = trips[trips["km"] > 1].reset_index(drop=True)
    good.loc[0, "minutes"] = 0
    good.loc[1, "minutes"] = 0.01
    good.loc[2, "km"] = good.loc[2, "km"] * 0.2
    report = evaluate(good, GRAPH, TRUE)
    assert sum(report.left_out.values()) == 3 and report.all.trips == len(good) - 3


def test_no_usable_trip_is_an_input_error() -> None:
    """Nothing to hold against."""
    with pytest.raises(InputError, match="no trip can be used"):
        evaluate(observed(3).assign(minutes=0), GRAPH, TRUE)


def test_a_table_is_read_under_common_names(tmp_path: Path) -> None:
    """lon_from and the like are found; other names are given."""
    text = "lon_from,lat_from,lon_to,lat_to,way,minutes\n114.0,22.5,114.1,22.5,12.5,20\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    assert read_trips(tmp_path / "t.csv", {"km": "way"}).iloc[0].tolist() == [114.0, 22.5, 114.1, 22.5, 12.5, 20]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "column from_lon: column is missing"),
        ("from_lon,from_lat,to_lon,to_lat,km,minutes\n22.5,114.0,114.1,22.5,1,1\n", "row 2, column from_lat.*swapped"),
        ("from_lon,from_lat,to_lon,to_lat,km,minutes\n114,22,114.1,22.5,far,1\n", "row 2, column km: is not a number"),
        ("from_lon,from_lat,to_lon,to_lat,km,minutes\n", "has no trips"),
        ("", "is no CSV table"),
    ],
)
def test_a_bad_table_is_named(tmp_path: Path, text: str, words: str) -> None:
    """Missing columns, swapped degrees, words for numbers and empty tables are input errors."""
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_trips(tmp_path / "t.csv")


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    """No file, no trips."""
    with pytest.raises(InputError, match="no such file"):
        read_trips(tmp_path / "none.csv")


def test_a_recipe_calibrates(tmp_path: Path) -> None:
    """The factor found goes into the speeds, and the report has the errors in words."""
    observed().to_csv(tmp_path / "t.csv", index=False)
    speeds, lines = calibrated(Calibration(trips="t.csv", classes=True), tmp_path, GRAPH, GUESS)
    assert evaluate(observed(), GRAPH, speeds).factor == pytest.approx(1, abs=0.01)
    assert {"speeds by class", "factor on minutes", "all trips"} <= {name for name, _ in lines}


def test_the_report_has_a_line_per_band() -> None:
    """Bands without trips are left out; beyond 10 km is always told."""
    names = [name for name, _ in lines_of(evaluate(observed(), GRAPH, TRUE))]
    assert "trips of 2 to 5 km" in names and "trips of 40 to inf km" not in names and "trips beyond 10 km" in names
