"""Study files: what they mean, and everything that is wrong with them at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hubopt.instance import InputError, Policy
from hubopt.study.scenarios.changes import Changes, dotted, leaves, merged, steps, without
from hubopt.study.scenarios.expand import read_study
from tests.study.scenarios.conftest import Write
from tests.texts.chinese import english_left

WRONG = """
colour = 3
[run]
gap = -1
method = "luck"
[scenarios.a]
based_on = "b"
[scenarios.b]
based_on = "c"
[scenarios.c]
based_on = "a"
[scenarios.d]
based_on = "nobody"
[scenarios."e/.."]
[scenarios.growth]
demand.al = 1.2
demand.district.Wset = 1.1
carbon_price_cny_t = "dear"
[scenarios.no-air]
based_on = "growth"
closed_gateways = ["airprt"]
force_open = ["h-air"]
force_closed = ["h-air"]
unset = ["carbon_cap_t_year"]
[scenarios.quota]
land_factor = { all = 0.9, "district:Wst" = 0.9 }
[scenarios.cheap]
design_costs = { all = 0.9, utc-smat = 0.8 }
policy."levels.utc.max_opn" = 2
policy.levels.utc.max_open = "x"
[scenarios.late]
policy.phases.2035.demand_factor = 2
[scenarios.odd-path]
policy."levels..utc" = 2
[grids.g]
based_on = "growth"
[grids.g.parameters]
carbon = { path = "carbon_price", values = [0, 100] }
land = { path = "land_factor.all", values = [0.8, "x"] }
[grids.h]
method = "morris"
levels = 3
[grids.h.parameters]
carbon = { path = "carbon_price_cny_t", low = 3, high = 2 }
gate = { path = "closed_gateways", values = ["port", "nowhere"] }
[grids.i]
method = "list"
rows = [{ x = 1 }, { y = 1 }]
[grids.i.parameters]
x = { path = "demand.everything" }
[grids.j]
samples = 3
parameters.x = { path = "demand.all", low = 1 }
"""

PLACES = {
    "colour": "is no key", "run.gap": "greater than", "run.method": "no method", "scenarios.a.based_on": "circle",
    "scenarios.d.based_on": "no scenario", "scenarios.e/..": "folder", "scenarios.growth.demand.al": "is no key",
    "scenarios.growth.demand.district.Wset": "Wset", "scenarios.growth.carbon_price_cny_t": "valid number",
    "scenarios.no-air.closed_gateways": "airprt", "scenarios.no-air.force_closed": "excludes",
    "scenarios.no-air.unset": "not inherited", "scenarios.quota.land_factor.district:Wst": "has none",
    "scenarios.cheap.design_costs.utc-smat": "utc-smat", "scenarios.cheap.policy.levels.utc.max_opn": "is no key",
    "scenarios.cheap.policy.levels.utc.max_open": "valid integer", "scenarios.odd-path.policy": "dotted path",
    "scenarios.late.policy.phases.2035": "base policy", "grids.g.parameters.carbon.path": "no change",
    "grids.g.parameters.land": "valid number", "grids.h.parameters.carbon.low": "not below", "grids.h.levels": "odd",
    "grids.h.trajectories": "missing", "grids.i.rows.2": "lacks x", "grids.i.parameters.x.path": "no change",
    "grids.j.parameters.x": "one end",
}  # fmt: skip


def test_every_mistake_is_told_at_once(write: Write) -> None:
    """One reading names every mistake with file, place and mend, each once, in both languages."""
    with pytest.raises(InputError) as caught:
        read_study(write(WRONG, 'name_en = "Wrong"\ninstance = "/nowhere"\npolicy = "none.toml"\n'))
    before = {problem.column: problem for problem in caught.value.problems}
    assert {"instance", "policy"} <= set(before)
    with pytest.raises(InputError) as caught:
        read_study(write(WRONG.replace("colour = 3", ""), None))
    head = caught.value.problems
    found = {problem.column: problem for problem in (*head, before["colour"])}
    assert len(head) == len({problem.column for problem in head})
    assert set(found) == set(PLACES)
    for place, says in PLACES.items():
        assert says in found[place].message, place
        assert found[place].file == "study.toml" and found[place].mend
    assert not [text for problem in found.values() for text in (problem.message, problem.mend) if english_left(text)]


def test_only_differences_are_stated(write: Write) -> None:
    """A scenario has what its line of parents says, nearer ones first, without what it unsets."""
    study, variations = read_study(
        write(
            """
[scenarios.one]
demand.all = 1.2
carbon_price_cny_t = 300
force_open = ["h-air"]
closed_gateways = ["airport"]
targets.in-city.share = 0.7
[scenarios.two]
based_on = "one"
demand.all = 1.5
demand.commodity.parcel = 2.0
force_closed = ["h-air"]
open_gateways = ["airport"]
[scenarios.three]
based_on = "two"
unset = ["carbon_price_cny_t", "targets.in-city"]
free_sites = ["h-air"]
policy."levels.utc.max_open" = 2
policy.levels.utc.min_open = 1
"""
        )
    )
    one, two, three = (variations.varied(item.tree).policy for item in study.scenarios)
    assert (one.demand_factor, two.demand_factor, three.demand_factor) == (1.2, 1.5, 1.5)
    assert (one.carbon_price_cny_t, two.carbon_price_cny_t, three.carbon_price_cny_t) == (300, 300, None)
    assert (one.force_open, two.force_open, three.force_open) == (("h-air",), (), ())
    assert (two.force_closed, three.force_closed) == (("h-air",), ())
    assert (one.closed_gateways, two.closed_gateways) == (("airport",), ())
    assert one.targets["in-city"].share == 0.7 and "in-city" not in three.targets
    assert dict(two.demand_factors) == {"parcel": 2.0}
    assert (three.levels["utc"].min_open, three.levels["utc"].max_open) == (1, 2)


def test_grids_are_every_combination(write: Write) -> None:
    """A full grid has a scenario for each combination of values, on top of what it is based on, by telling names."""
    study, _ = read_study(
        write(
            """
[scenarios.high]
demand.all = 1.2
[grids.g]
name_zh = "网格"
based_on = "high"
[grids.g.parameters]
carbon = { path = "carbon_price_cny_t", values = [0, 100] }
shut = { path = "closed_gateways", values = ["", "airport", ["airport", "port"]] }
"""
        )
    )
    points = [item for item in study.scenarios if item.grid == "g"]
    assert [item.name for item in points] == [f"g-{number:02d}" for number in range(1, 7)]
    assert points[5].leaves == {
        "demand.all": 1.2, "carbon_price_cny_t": 100.0, "gateways.airport": "closed", "gateways.port": "closed",
    }  # fmt: skip
    assert points[5].name_zh == "网格：carbon=100, shut=airport+port"


def test_paths_are_read_as_they_are_written() -> None:
    """Steps may be quoted; what is no path is refused; trees are merged leaf by leaf."""
    assert steps('a."b.c".d-e') == ("a", "b.c", "d-e") == steps(dotted(("a", "b.c", "d-e")))
    for wrong in ("", ".", "a.", "a..b", '"a', ".a"):
        with pytest.raises(ValueError, match=re.escape(wrong) or "^$"):
            steps(wrong)
    tree = merged({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}, "d": [1]})
    assert dict(leaves(tree)) == {("a", "b"): 3, ("a", "c"): 2, ("d",): [1]}
    assert without(tree, ("a", "b")) == {"a": {"c": 2}, "d": [1]} and without(tree, ("a", "x")) is None


@pytest.mark.parametrize("text", ["", "[scenarios]", "[scenarios.x\n", "name_en = 1"])
def test_a_file_without_a_study_is_refused(write: Write, text: str) -> None:
    """Empty, broken or not a file: an InputError, nothing else."""
    with pytest.raises(InputError):
        read_study(write(text, "" if text == "name_en = 1" else None))
    with pytest.raises(InputError):
        read_study(Path("nowhere.toml"))


def test_what_a_study_and_a_policy_share_is_said_once() -> None:
    """A change that is a field of the policy has that field's type, range, unit and meaning."""
    shared = set(Changes.model_fields) & set(Policy.model_fields)
    assert {"land_ha", "carbon_price_cny_t", "targets", "closed_gateways", "force_open"} <= shared
    for name in shared:
        own, theirs = Changes.model_fields[name], Policy.model_fields[name]
        assert own.annotation == theirs.annotation
        assert (own.metadata, own.description, own.json_schema_extra) == (
            theirs.metadata, theirs.description, theirs.json_schema_extra,
        )  # fmt: skip
