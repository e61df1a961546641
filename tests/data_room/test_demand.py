"""Demand: coefficients times drivers, shared out exactly and reconciled city by city."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubopt.data.zones.demand import DemandRule, Figures, demand_table, reconciliation_notes
from hubopt.instance.errors import InputError

FIGURES = Figures(
    industry={"West": 1.0, "East": 3.0, "Beta": 2.0},
    employed_share={"West": 0.5, "East": 0.75, "Beta": 0.6},
    trade_t_year={"Alpha": 365_000.0, "Beta": 36_500.0},
)
"""Industry weights, employment and trade of two cities."""


def zones(*people: int) -> pd.DataFrame:
    """Zones in the west and east of Alpha and in Beta."""
    count = len(people)
    return pd.DataFrame(
        {
            "id": [f"z{position}" for position in range(count)],
            "city": ["Alpha", "Alpha", "Beta"][:count],
            "district": ["West", "East", "Beta"][:count],
            "population": people,
        }
    )


def by_zone(rule: DemandRule, table: pd.DataFrame) -> dict[str, float]:
    """t/d by zone of one rule."""
    made, _ = demand_table(table, [rule], FIGURES)
    return dict(zip(made["zone"], made["t_d"], strict=True))


def test_each_driver_has_its_own_total_and_spread() -> None:
    """By hand: residents, industry weight, jobs, and a share of the trade of each city."""
    table = zones(1000, 1000, 500)
    assert by_zone(DemandRule("food", "population", 2.0), table) == {"z0": 2.0, "z1": 2.0, "z2": 1.0}
    assert by_zone(DemandRule("parts", "industry", 2.0), table) == {"z0": 1.0, "z1": 3.0, "z2": 1.0}
    assert by_zone(DemandRule("paper", "jobs", 2.0), table) == {"z0": 1.0, "z1": 1.5, "z2": 0.6}
    assert by_zone(DemandRule("exports", "trade", 0.1), table) == {"z0": 25.0, "z1": 75.0, "z2": 10.0}


@given(st.tuples(*[st.integers(0, 10**6)] * 3), st.floats(0, 50))
def test_demand_reconciles_to_half_a_kilogram_by_city(people: tuple[int, int, int], coefficient: float) -> None:
    """Whatever the residents and the coefficient, the zones of a city add up to what was asked for."""
    table, lines = demand_table(zones(*people), [DemandRule("food", "population", coefficient)])
    assert ((lines["asked_t_d"] - lines["made_t_d"]).abs() <= 0.0005 + 1e-9).all()
    assert table["t_d"].sum() == pytest.approx(lines["made_t_d"].sum(), abs=1e-6)
    assert (table["t_d"] > 0).all()


def test_rules_of_one_commodity_add_up() -> None:
    """Goods for shops and for offices may be one commodity with two drivers."""
    table, lines = demand_table(
        zones(1000, 1000), [DemandRule("goods", "population", 1.0), DemandRule("goods", "jobs", 1.0)], FIGURES
    )
    assert table["t_d"].tolist() == [1.5, 1.75] and len(lines) == 2


def test_the_reconciliation_is_printed_city_by_city() -> None:
    """A line per commodity with what was made of what was asked, in total and by city."""
    _, lines = demand_table(zones(1000, 1000, 500), [DemandRule("food", "population", 2.0, "survey")])
    ((name, text),) = reconciliation_notes(lines)
    assert name == "demand of food in t/d"
    assert text == "5.000 of 5.000 (2 by population): Alpha 4.000 of 4.000; Beta 1.000 of 1.000"
    assert lines["source"].eq("survey").all()


def test_missing_figures_are_named_together() -> None:
    """Every district without a weight, every city without trade and a wrong driver are in one error."""
    rules = [DemandRule("parts", "industry", 1.0), DemandRule("exports", "trade", 1.0), DemandRule("odd", "moon", 1.0)]  # type: ignore[arg-type]
    with pytest.raises(InputError) as caught:
        demand_table(zones(1, 1, 1), rules, Figures({"West": 1.0}, {}, {"Alpha": 5.0}))
    text = str(caught.value)
    assert "'East'" in text and "'Beta'" in text and "'moon'" in text and "tonnes of trade" in text
