"""The command: exit codes, what is written, places of figures, both languages, findings about results."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hubopt.cli import app
from hubopt.diagnose import Words, limits_of, odd_instance, odd_result, toml_lines
from hubopt.instance import Instance, Policy, read_instance, read_policy, write_instance
from tests.cases import tiny
from tests.diagnose.causes import causes, town
from tests.model.paper import best
from tests.plans import tiny_solution

POLICY = """\
name_en = "Little land"
unmet_share_max = 0.0

[land_ha]
"total:total" = 2.0
"""


def folder_of(instance: Instance, path: Path) -> Path:
    """The instance written as a folder."""
    write_instance(instance, path)
    return path


def test_the_command_names_mends_and_ends_with_the_next_step(tmp_path: Path) -> None:
    """Exit code 3; the policy line of each clashing limit; the mended policy is written, holds, and comes next."""
    instance, policy, mended = tmp_path / "town", tmp_path / "little.toml", tmp_path / "mended.toml"
    folder_of(town(), instance)
    policy.write_text(POLICY)
    asked = ["diagnose", str(instance), "--policy", str(policy), "--suggest", str(mended), "--time-limit", "600"]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 3, result.output
    assert "little.toml, row 5, land_ha.total:total" in result.output
    assert "little.toml, row 2, unmet_share_max" in result.output
    assert result.output.index("NEXT STEPS") < result.output.index(f"hubopt solve {instance} --policy {mended}")
    assert best(read_instance(instance), read_policy(mended)).values is not None
    assert CliRunner().invoke(app, asked).exit_code == 2


def test_what_stands_in_a_table_is_mended_in_a_copy(tmp_path: Path) -> None:
    """A forced site of the sites table is set free in a copy of the instance; JSON has both languages."""
    cause = causes()["forced site without land"]
    instance, mended = folder_of(cause.instance, tmp_path / "town"), tmp_path / "town-mended"
    asked = ["diagnose", str(instance), "--out", str(mended), "--json", "--time-limit", "600"]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 3, result.output
    content = json.loads(result.output)
    assert content["status"] == "infeasible"
    assert content["mend"]["verified"]
    (change,) = content["mend"]["changes"]
    assert (change["file"], change["row"], change["key"], change["in_policy"]) == ("sites.csv", 2, "forced", False)
    assert set(content["proofs"][0]["text"]) == {"en", "zh"}
    assert read_instance(mended).sites["forced"].tolist() == ["", ""]


@pytest.mark.parametrize(
    "options", [["--keep", "nothing-such"], ["--suggest", "/nowhere/at/all.toml"], ["--policy", "no-such.toml"]]
)
def test_mistakes_end_with_code_2(tmp_path: Path, options: list[str]) -> None:
    """An unknown limit, a file in no folder and a policy that is not there are mistakes of the user."""
    instance = folder_of(town(), tmp_path / "town")
    assert CliRunner().invoke(app, ["diagnose", str(instance), *options]).exit_code == 2


def test_lines_of_a_policy_are_found() -> None:
    """Keys at the top, in tables and in lists of tables have their line; names with dots and colons keep them."""
    lines = toml_lines('a = 1\n[b."c.d"] # x\ne = 2\n[[f]]\nid = "g"\nh = 3\n')
    assert (lines["a"], lines["b.c.d.e"], lines["f.g.h"]) == (1, 3, 6)


def test_odd_things_of_a_result_are_told_in_both_languages() -> None:
    """A plan's idle sites and an unmet half are named with figures; every sentence can be said in both languages."""
    instance, solution = tiny(), tiny_solution()
    assert solution.plan is not None
    facilities = solution.plan.facilities.assign(utilisation=0.05)
    flows = solution.plan.flows.assign(t_d=solution.plan.flows["t_d"] / 2)
    cost = {**solution.cost, "unmet": 10 * sum(solution.cost.values())}
    worse = replace(solution, plan=replace(solution.plan, facilities=facilities, flows=flows), cost=cost)
    found = [*odd_result(instance, worse), *odd_instance(instance, Policy())]
    assert {"odd.idle", "odd.mostly-penalty", "odd.much-unmet"} <= {finding.key for finding in found}
    for lang in ("en", "zh"):
        words = Words(instance, limits_of(instance, Policy()), lang)
        assert all("{" not in words.finding(finding) for finding in found)


def test_goods_that_nobody_asks_for_and_cut_off_zones_are_odd() -> None:
    """A zone that no way leads to and a limit that cannot bind are named without solving."""
    cause = causes()["service limit that cuts a zone off"]
    keys = {finding.key: finding for finding in odd_instance(cause.instance, cause.policy)}
    assert keys["odd.zones-without-way"].values["zones"] == ["z2"]
    loose = Policy(land_ha={"total:total": 1000.0})
    assert "odd.land-cannot-bind" in {finding.key for finding in odd_instance(town(), loose)}
