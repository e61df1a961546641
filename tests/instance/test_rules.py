"""Rules that compare sums, on random figures."""

from __future__ import annotations

import itertools

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hubopt.instance import Instance, LevelRule, Structure, frame, validate
from hubopt.instance.frames import in_order
from hubopt.instance.rules.exchange import SUPPLIES, TOTALS
from tests.instance.whole_city import whole
from tests.instance.whole_defects import cells, record

AMOUNTS = st.lists(st.integers(1, 50), min_size=6, max_size=6)
ZONES = ("z1", "z2", "z3", "z4", "z5", "z6")
GROUPS = {"z1": "West", "z2": "West", "z3": "East", "z4": "East", "z5": "North", "z6": "North"}


def _exchanging(collected: list[int], delivered: list[float], shares: dict[tuple[str, str], float]) -> Instance:
    """The whole city in one period with these in-city goods (t/d by zone) and origins (by zone and group)."""
    case = cells("zones", "group", "North", district="East")(whole())
    zones = case.zones.assign(group=[GROUPS[zone] for zone in case.zones["id"]])
    demand = case.demand[~case.demand["commodity"].isin(["local", "local-out"]) & (case.demand["period"] == "2025")]
    rows = [
        {"zone": zone, "commodity": commodity, "period": "2025", "t_d": t_d}
        for commodity, amounts in (("local", delivered), ("local-out", collected))
        for zone, t_d in zip(ZONES, amounts, strict=True)
    ]
    exchange = [{"commodity": "local", "zone": z, "group": g, "share": s} for (z, g), s in shares.items()]
    structure = case.structure.model_copy(update={"periods": case.structure.periods[:1]})
    return Instance(
        **{
            **vars(case),
            "structure": structure,
            "zones": zones,
            "demand": in_order("demand", frame("demand", [*demand.to_dict("records"), *rows])),
            "exchange": in_order("exchange", frame("exchange", exchange)),
        }
    )


def _carried(collected: list[int], delivered: list[float]) -> dict[tuple[str, str], float]:
    """Shares by (zone of delivery, group of origin) when groups fill the zones in turn."""
    left = dict.fromkeys(("East", "North", "West"), 0.0)
    for zone, t_d in zip(ZONES, collected, strict=True):
        left[GROUPS[zone]] += t_d
    shares: dict[tuple[str, str], float] = {}
    for zone, t_d in zip(ZONES, delivered, strict=True):
        wanted = t_d
        for group in left:
            taken = min(wanted, left[group])
            left[group] -= taken
            wanted -= taken
            shares[zone, group] = taken / t_d
    return shares


@settings(max_examples=15, deadline=None)
@given(collected=AMOUNTS, weights=AMOUNTS)
def test_origins_that_add_up_are_sound(collected: list[int], weights: list[int]) -> None:
    """Any origins under which each zone gets and each group sends exactly what it should are accepted."""
    delivered = [sum(collected) * weight / sum(weights) for weight in weights]
    case = _exchanging(collected, delivered, _carried(collected, delivered))
    assert validate(case) == []


@settings(max_examples=15, deadline=None)
@given(collected=AMOUNTS, zone=st.sampled_from(ZONES), moved=st.floats(0.02, 0.5))
def test_origins_moved_from_group_to_group_are_found(collected: list[int], zone: str, moved: float) -> None:
    """Taking part of what a zone gets from one group and giving it to another breaks the sums of both groups."""
    groups = ("East", "North", "West")
    sends = {group: sum(t_d for z, t_d in zip(ZONES, collected, strict=True) if GROUPS[z] == group) for group in groups}
    shares = {(z, group): sends[group] / sum(collected) for z in ZONES for group in groups}
    amount = moved * shares[zone, "East"]
    # less than what figures may be off by is not a mistake
    largest = max(sends["East"], sends["West"] + amount * collected[ZONES.index(zone)])
    assume(amount * collected[ZONES.index(zone)] > SUPPLIES * largest + 1.01 * TOTALS * sum(collected))
    shares[zone, "East"] -= amount
    shares[zone, "West"] += amount
    problems = validate(_exchanging(collected, [float(t_d) for t_d in collected], shares))
    assert len(problems) == 2
    assert all("are received from group" in problem.message for problem in problems)


@settings(max_examples=15, deadline=None)
@given(
    minutes=st.lists(st.integers(1, 60), min_size=3, max_size=3),
    dwell=st.lists(st.integers(0, 90), min_size=2, max_size=2),
    short=st.sampled_from([0.0, 0.5, 5.0]),
)
def test_the_limit_of_in_city_goods_covers_both_ways(minutes: list[int], dwell: list[int], short: float) -> None:
    """Collection and delivery each take the legs below and the dwell in two facilities, and the exchange comes once."""
    budgets = dict(zip(("utc-utc", "utc-station", "station-zone"), map(float, minutes), strict=True))
    needed = minutes[0] + 2 * (minutes[1] + minutes[2]) + 2 * sum(dwell)
    case = record("targets", "same-day", budget_minutes=budgets, limit=needed - short)(whole())
    rules = {level: LevelRule(dwell_minutes=value) for level, value in zip(("utc", "station"), dwell, strict=True)}
    structure = case.structure.model_copy(update={"levels": rules})
    parameters = case.parameters[~case.parameters["name"].str.startswith("levels.")].reset_index(drop=True)
    problems = validate(Instance(**{**vars(case), "structure": structure, "parameters": parameters}))
    found = [problem for problem in problems if problem.column == "service.targets.same-day.limit"]
    assert len(found) == (1 if short else 0)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=3), st.floats(0, 1)), max_size=4, unique_by=lambda x: x[0]))
def test_equal_records_have_equal_hashes(shares: list[tuple[str, float]]) -> None:
    """The order in which a table inside a record was filled changes neither equality nor hash."""
    structure = whole().structure
    period = structure.periods[0]
    first, second = (
        period.model_copy(update={"target_shares": dict(pairs)}) for pairs in (shares, list(reversed(shares)))
    )
    assert first == second
    assert hash(first) == hash(second)
    a, b = (structure.model_copy(update={"periods": (changed,)}) for changed in (first, second))
    assert isinstance(a, Structure)
    assert len({a, b, structure}) == 2


def test_a_pair_of_facilities_is_joined_once_per_mode() -> None:
    """The same pair may be joined by two modes, in either order, but by each of them once."""
    case = whole()
    base = case.arcs[case.arcs["leg"] == "utc-utc"]
    turned = base.assign(origin=base["destination"], destination=base["origin"], mode="evan")
    for mode, wanted in (("evan", 0), ("van", len(base))):
        rows = itertools.chain(case.arcs.to_dict("records"), turned.assign(mode=mode).to_dict("records"))
        problems = validate(case.with_tables(arcs=frame("arcs", [{str(k): v for k, v in row.items()} for row in rows])))
        assert len(problems) == wanted
