"""Scenario files: what they change, their two forms, and every mistake in them by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubopt.instance import InputError, Policy, read_instance
from hubopt.study.stochastic.cases import cases_of, mean_case
from hubopt.study.stochastic.scenarios import ScenarioSet, read_scenarios, scenarios_toml
from tests.study.stochastic.shops import SCENARIOS, town

ROOT = Path(__file__).resolve().parents[3]

CSV = """id,probability,demand_factor,zone x,district West,site b,site c
usual,0.5,,,,,
boom,0.25,1.5,2,,,
out,0.15,,,,0,0.5
quiet,0.1,,,0.2,,
"""


def test_csv_and_toml_say_the_same(tmp_path: Path) -> None:
    """A scenario file as CSV makes the same cases as the TOML file, and a set survives being written."""
    table, written = tmp_path / "scenarios.csv", tmp_path / "scenarios.toml"
    table.write_text(CSV, encoding="utf-8")
    written.write_text(scenarios_toml(SCENARIOS), encoding="utf-8")
    assert read_scenarios(written) == SCENARIOS
    for one, other in zip(
        cases_of(town(), Policy(), read_scenarios(table)), cases_of(town(), Policy(), SCENARIOS), strict=True
    ):
        assert one.instance == other.instance
        assert one.probability == other.probability


def test_a_scenario_changes_what_it_names_only() -> None:
    """Demand, availability and nothing else of the sites and zones differ from the instance."""
    cases = {case.id: case.instance for case in cases_of(town(), Policy(), SCENARIOS)}
    assert cases["usual"] == town()
    assert cases["boom"].demand["t_d"].tolist() == [15.0, 6.0, 9.0]
    assert cases["out"].sites["availability"].tolist() == [1.0, 0.0, 0.5]
    assert cases["quiet"].demand["t_d"].tolist() == [1.0, 0.8, 6.0]


def test_the_mean_case_has_mean_figures() -> None:
    """Demand of x: 5 (0.5 + 0.25 * 3 + 0.15 + 0.1 * 0.2); b is there but for 0.15, c has half in 0.15."""
    case = mean_case(town(), Policy(), SCENARIOS).instance
    assert case.demand["t_d"].tolist() == pytest.approx([7.1, 4.18, 6.75])
    assert case.sites["availability"].tolist() == pytest.approx([1.0, 0.85, 0.925])


def test_gateways_are_closed_in_their_scenario() -> None:
    """A closed port has no capacity, and the policy of its scenario says so; half a port has half."""
    tiny = read_instance(ROOT / "instances" / "tiny", geometry=False)
    scenarios = read_scenarios(ROOT / "instances" / "scenarios" / "tiny.toml")
    cases = {case.id: case for case in cases_of(tiny, Policy(), scenarios)}
    assert cases["port-closed"].policy.closed_gateways == ("port",)
    assert cases["usual"].policy == Policy()
    east = cases["growth-east"].instance.demand["t_d"].sum()
    assert tiny.demand["t_d"].sum() < east < 1.4 * tiny.demand["t_d"].sum()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[scenarios]]\nid = "a"\nprobability = 0.4\n', "sum to 0.4"),
        ('[[scenarios]]\nid = "a"\nprobability = 1.4\n', "less than or equal to 1"),
        ('[[scenarios]]\nid = "a"\nprobability = 0.5\n[[scenarios]]\nid = "a"\nprobability = 0.5\n', "occurs 2 times"),
        ('[[scenarios]]\nid = "a"\nprobability = 1\ncolour = "red"\n', "Extra inputs"),
        ("scenarios = []\n", "at least 1"),
        ("[[scenarios]\n", "is not TOML"),
    ],
)
def test_mistakes_in_the_form_are_named(tmp_path: Path, text: str, told: str) -> None:
    """Whatever is wrong with the form of a file is told, never a traceback."""
    path = tmp_path / "scenarios.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_scenarios(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,probability,colour\na,1,red\n", "is no column of scenarios"),
        ("id,probability,zone x\na,1,many\n", "is not a number"),
        ("id,probability\na,1,2\n", "has 3 cells, the header 2"),
        ("", "at least 1"),
    ],
)
def test_mistakes_in_a_table_are_named(tmp_path: Path, text: str, told: str) -> None:
    """The same of scenarios as CSV."""
    path = tmp_path / "scenarios.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_scenarios(path)


def test_unknown_names_are_told_together() -> None:
    """Every name that the instance does not have is told at once, with what was perhaps meant."""
    wrong = ScenarioSet.model_validate(
        {"scenarios": [{"id": "s", "probability": 1, "closed_sites": ["d"], "absent_zones": ["w"],
                        "demand": [{"commodity": "good", "factor": 2}]}]}
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        cases_of(town(), Policy(), wrong)
    told = "\n".join(map(str, caught.value.problems))
    assert len(caught.value.problems) == 3
    assert "'goods'" in told
