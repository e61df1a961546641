"""The part of a recipe that says how travel is calibrated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import Field

from hubopt.data.roads.graph import RoadGraph
from hubopt.data.roads.spec import Part
from hubopt.data.travel.trips import Band, TripReport, evaluate, fit_speeds, read_trips
from hubopt.data.travel.weights import Speeds


class Calibration(Part):
    """Observed trips that minutes are fitted to."""

    trips: str = Field(
        description="CSV of trips: from_lon, from_lat, to_lon, to_lat, km, minutes; relative to the data root"
    )
    columns: Mapping[str, str] = Field(default_factory=dict, description="columns that are called otherwise")
    classes: bool = Field(default=False, description="fit the speeds by road class as well, not only one factor")


def line_of(band: Band) -> str:
    """A band in words."""
    if not band.trips:
        return "no trips"
    return (
        f"{band.trips} trips, mean absolute error {band.km:.1%} in km (median {band.km_median:+.1%}), "
        f"{band.minutes:.1%} in minutes (median {band.minutes_median:+.1%})"
    )


def lines_of(report: TripReport) -> list[tuple[str, str]]:
    """The report in lines of name and text."""
    lines = [("factor on minutes", f"{report.factor:.3f}")]
    lines += [(f"trips of {band.low:g} to {band.high:g} km", line_of(band)) for band in report.bands if band.trips]
    lines += [("trips beyond 10 km", line_of(report.beyond_10)), ("all trips", line_of(report.all))]
    lines += [(f"left out, {reason}", str(count)) for reason, count in report.left_out.items() if count]
    return lines


def calibrated(spec: Calibration, root: Path, graph: RoadGraph, speeds: Speeds) -> tuple[Speeds, list[tuple[str, str]]]:
    """Speeds that fit the trips, and lines for the build report.

    Raises:
        InputError: if the table is missing, unsound or holds no usable trip.
    """
    trips = read_trips(root / spec.trips, spec.columns)
    lines: list[tuple[str, str]] = []
    if spec.classes:
        speeds = fit_speeds(trips, graph, speeds)
        lines.append(("speeds by class", ", ".join(f"{name} {km_h:.0f}" for name, km_h in sorted(speeds.km_h.items()))))
    report = evaluate(trips, graph, speeds)
    return replace(speeds, factor=speeds.factor * report.factor), lines + lines_of(report)
