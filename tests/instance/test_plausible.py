"""Mixed-up units, swapped coordinates, lookalike identifiers and demand without a way: told, and never refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from hubopt.instance import Instance, doubts, read_instance, validate
from tests.cases import tiny
from tests.instance.whole_city import whole

Change = Callable[[Instance], Instance]
ROOT = Path(__file__).resolve().parents[2]


def scaled(table: str, column: str, factor: float) -> Change:
    """All cells of a column in another unit."""

    def change(case: Instance) -> Instance:
        frame = case.table(table)
        return case.with_tables(**{table: frame.assign(**{column: frame[column] * factor})})

    return change


def cell(table: str, row: int, **values: object) -> Change:
    """One row typed wrongly."""

    def change(case: Instance) -> Instance:
        frame = case.table(table).copy()
        for column, value in values.items():
            frame.loc[row, column] = value
        return case.with_tables(**{table: frame})

    return change


def structure(group: str, field: str, factor: float) -> Change:
    """A figure of the first record of a kind in another unit."""

    def change(case: Instance) -> Instance:
        found = getattr(case.structure, group)
        single = not isinstance(found, tuple)
        record = found if single else found[0]
        new = record.model_copy(update={field: getattr(record, field) * factor})
        update = {group: new if single else (new, *found[1:])}
        return replace(case, structure=case.structure.model_copy(update=update))

    return change


def without_arcs(leg: str, zone: str) -> Change:
    """A zone that nothing reaches on a leg."""

    def change(case: Instance) -> Instance:
        arcs = case.arcs
        kept = ~((arcs["leg"] == leg) & (arcs["destination"] == zone))
        return case.with_tables(arcs=arcs[kept].reset_index(drop=True))

    return change


def without_first_leg(case: Instance) -> Instance:
    """Hubs that no gateway reaches."""
    return case.with_tables(arcs=case.arcs[case.arcs["leg"] != "gateway-hub"].reset_index(drop=True))


def without_demand(case: Instance) -> Instance:
    """A zone that asks for nothing."""
    return case.with_tables(demand=case.demand[case.demand["zone"] != "z2"].reset_index(drop=True))


MIXED: dict[str, tuple[Change, str, str]] = {
    "kg for t": (scaled("demand", "t_d", 1000), "demand.csv", "kg/d, not t/d?"),
    "m for km": (scaled("arcs", "km", 1000), "arcs.csv", "metres, not km?"),
    "seconds for minutes": (scaled("arcs", "minutes", 60), "arcs.csv", "minutes in seconds"),
    "hours for minutes": (scaled("arcs", "minutes", 1 / 60), "arcs.csv", "faster than can be"),
    "m2 for ha": (scaled("sites", "land_ha", 10_000), "sites.csv", "1 ha is 10,000 m2"),
    "ha for km2": (scaled("zones", "area_km2", 1e-4), "zones.csv", "km2"),
    "m2 for km2": (scaled("zones", "area_km2", 1e6), "zones.csv", "km2, not m2"),
    "ten thousand yuan": (scaled("sites", "land_price_cny_m2", 1e-4), "sites.csv", "ten thousands"),
    "t/year for t/d": (scaled("gateways", "capacity_t_d", 1e5), "gateways.csv", "t/year"),
    "a module in ha": (structure("designs", "module_gfa_m2", 1e-4), "instance.toml", "not ha"),
    "grams of carbon": (structure("modes", "kgco2e_t_km", 1000), "instance.toml", "not grams"),
    "a short way": (cell("arcs", 0, km=0.1), "arcs.csv", "shorter than the straight line"),
    "a long way": (cell("arcs", 0, km=900.0), "arcs.csv", "30 times the straight line"),
    "swapped": (cell("zones", 1, lon=22.52703, lat=89.9), "zones.csv", "more than 1,500 km"),
    "elsewhere": (cell("zones", 1, lon=2.35, lat=48.86), "zones.csv", "more than 1,500 km"),
    "small letter": (cell("sites", 0, id="S1"), "sites.csv", "looks like the identifier"),
    "a date": (cell("zones", 0, id="2-Jan"), "zones.csv", "looks like a date"),
    "a rounded number": (cell("zones", 0, id="4.40305E+11"), "zones.csv", "rounded"),
    "a formula": (cell("zones", 0, id="=HYPERLINK(1)"), "zones.csv", "formula"),
    "no demand": (without_demand, "zones.csv", "has no demand"),
    "no arc": (without_arcs("station-zone", "z3"), "zones.csv", "no arc of leg 'station-zone' reaches it"),
    "no way up": (without_first_leg, "zones.csv", "is itself reached"),
}


@pytest.mark.parametrize("name", MIXED)
def test_a_mix_up_is_told_with_its_place(name: str) -> None:
    """Each mix-up is a doubt in its file that says what to look at; the instance stays usable."""
    change, file, says = MIXED[name]
    found = doubts(change(tiny()))
    assert all(doubt.warning and doubt.mend for doubt in found)
    assert any(doubt.file == file and says in str(doubt) for doubt in found), "\n".join(map(str, found))


def test_swapped_coordinates_are_told_from_mistyped_ones() -> None:
    """Where swapping brings a place back to the others, the doubt says so."""
    paris = tiny()
    moved = {
        name: paris.table(name).assign(lon=paris.table(name)["lon"] - 111.6, lat=paris.table(name)["lat"] + 26.3)
        for name in ("gateways", "sites", "zones")
    }
    case = paris.with_tables(**moved)
    row = case.zones.loc[0]
    found = doubts(cell("zones", 0, lon=row["lat"], lat=row["lon"])(case))
    assert [doubt.message for doubt in found if doubt.column == "lon"] == [
        "lies where the others are once longitude and latitude are swapped"
    ]


def test_sound_cases_raise_no_doubt() -> None:
    """The made-up cases and the real one are plausible throughout."""
    assert doubts(tiny()) == []
    assert doubts(whole()) == []
    shenzhen = read_instance(ROOT / "instances" / "shenzhen", geometry=False)
    assert validate(shenzhen) == []
    assert doubts(shenzhen) == []


def test_a_case_without_places_or_units_is_left_alone() -> None:
    """Published benchmarks have neither coordinates nor units; their figures raise no doubt."""
    bare = {
        name: tiny().table(name).assign(lon=float("nan"), lat=float("nan")) for name in ("gateways", "sites", "zones")
    }
    case = scaled("demand", "t_d", 1e5)(tiny().with_tables(**bare))
    assert doubts(case) == []


def test_many_doubts_of_one_kind_are_counted() -> None:
    """A mix-up of a whole column is three rows and a count, not a page."""
    found = [doubt for doubt in doubts(scaled("arcs", "km", 1000)(tiny())) if "metres" in doubt.message]
    legs = {doubt.message.split("'")[1] for doubt in found}
    assert len(found) <= 4 * len(legs)
    assert any("more rows" in doubt.message for doubt in found)


def test_control_characters_are_refused() -> None:
    """A name that would command a terminal, or turn the direction of writing, is an error: it serves no plan."""
    for text in ("Zone \x1b[31m", "Zone \x9b2J", "Zone \u202etxt.exe", "Zone\x00"):
        problems = validate(cell("zones", 0, name_en=text)(tiny()))
        assert [(problem.file, problem.column) for problem in problems] == [("zones.csv", "name_en")]
        assert "\x1b" not in str(problems[0]) and "\u202e" not in str(problems[0])
    assert validate(tiny().with_tables(zones=tiny().zones.assign(name_en="Two\tlines\nof it"))) == []
    named = tiny().structure.model_copy(update={"instance": tiny().info.model_copy(update={"description": "\x07"})})
    assert [problem.column for problem in validate(replace(tiny(), structure=named))] == ["instance.description"]


def test_frames_stay_as_they_are() -> None:
    """Looking for doubts changes nothing in the instance."""
    case = tiny()
    before = {name: case.table(name).copy() for name in ("arcs", "zones", "sites", "demand")}
    doubts(case)
    for name, table in before.items():
        pd.testing.assert_frame_equal(table, case.table(name))
