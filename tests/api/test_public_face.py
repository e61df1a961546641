"""The Python functions read like the commands, load nothing early, and join the rooms without rules of their own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import hubopt
from hubopt.api import running
from hubopt.instance import InputError, write_instance
from hubopt.solution import read_solution, write_solution
from tests.cases import tiny
from tests.plans import no_solution, tiny_solution


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Folders of tiny and of a result that remembers it."""
    write_instance(tiny(), tmp_path / "city", arcs="csv")
    write_solution(tiny_solution(), tiny(), tmp_path / "result", instance_path=tmp_path / "city")
    return tmp_path / "city", tmp_path / "result"


def test_importing_hubopt_loads_nothing() -> None:
    """The package is there at once, loading an instance needs no solver, and rooms can be called whoever loads them."""
    code = (
        "import sys, hubopt\n"
        "heavy = {'pandas', 'pydantic', 'pyomo', 'highspy', 'geopandas', 'folium', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "hubopt.load\n"
        "print(sorted((heavy - {'pandas', 'pydantic'}) & set(sys.modules)))\n"
        "from hubopt.solve import Method\n"
        "import hubopt.check as room, inspect\n"
        "print(callable(hubopt.solve), hubopt.solve.Method is Method, callable(room), room.__name__)\n"
        "print(list(inspect.signature(hubopt.check).parameters))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["[]", "[]", "True True True hubopt.check", "['instance', 'result']"]


def test_every_name_is_there_and_no_other() -> None:
    """What the package lists can be had and says what it is for; anything else is no attribute."""
    assert all(getattr(hubopt, name).__doc__ for name in hubopt.__all__)
    assert set(hubopt.__all__) <= set(dir(hubopt))
    with pytest.raises(AttributeError, match="no attribute 'sovle'"):
        hubopt.sovle  # noqa: B018


def test_types_are_shipped() -> None:
    """Type checkers look into the package."""
    assert (Path(hubopt.__file__).parent / "py.typed").is_file()


def test_places_names_and_things_are_taken_alike(folders: tuple[Path, Path]) -> None:
    """An instance may be given as such, by its folder or by name, a result as such or by its folder."""
    city, result = folders
    assert hubopt.load(city) == hubopt.load("tiny") == tiny()
    assert hubopt.load_policy("least-land").name_en == "Sparing of land"
    assert hubopt.load_result(result) == read_solution(result)
    assert hubopt.check(city, result).ok
    assert hubopt.check("tiny", tiny_solution()).ok
    with pytest.raises(InputError, match="does not exist"):
        hubopt.load("no-such-city")


def test_the_check_says_what_the_command_says() -> None:
    """A result that contradicts itself, or of another instance, is found wanting beside what the checker finds."""
    sound = tiny_solution()
    assert repr(hubopt.check(tiny(), sound)) == f"Report(holds, {sound.proof.objective:,.2f} CNY/year)"
    wrong = replace(sound, proof=replace(sound.proof, bound=7e7, instance_sha256="0" * 64))
    report = hubopt.check(tiny(), wrong)
    assert [item.rule for item in report.findings] == ["result", "result"]
    assert "another instance" in repr(report) and "1 more" in repr(report)
    with pytest.raises(InputError, match="holds no plan"):
        hubopt.check(tiny(), no_solution("infeasible"))


def test_solving_hands_on_what_it_is_given(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Names become instance, policy and start; with ``out`` a whole result folder is written, none without a plan."""
    city, result = folders
    asked: dict[str, object] = {}

    def fake(instance: object, policy: object, **options: object) -> hubopt.Solution:
        asked.update(options, instance=instance, policy=policy)
        return tiny_solution()

    monkeypatch.setattr("hubopt.solve.run.solve", fake)
    monkeypatch.setattr("hubopt.viz.network_map", lambda *_, **__: "map")
    monkeypatch.setattr("hubopt.viz.report_html", lambda *_, **__: "report")
    found = hubopt.solve(city, "least-land", gap=0.5, warm_start=result, out=city.parent / "new")
    assert found == tiny_solution() and asked["gap"] == 0.5
    assert asked["instance"] == tiny() and asked["warm_start"] == read_solution(result)
    assert asked["policy"] == hubopt.load_policy("least-land")
    assert hubopt.load_result(city.parent / "new") == read_solution(result)
    assert {"map.html", "report.html"} <= {path.name for path in (city.parent / "new").iterdir()}
    with pytest.raises(InputError, match="new"):
        running.solve(city, out=city.parent / "new")
    monkeypatch.setattr("hubopt.solve.run.solve", lambda *_, **__: no_solution("infeasible"))
    hubopt.solve(city, out=city.parent / "none")
    assert not (city.parent / "none").exists()


def test_pages_show_themselves_and_are_saved(folders: tuple[Path, Path]) -> None:
    """A map is the command's page, in a frame whose content is escaped; a solution at hand needs its instance."""
    city, result = folders
    page = hubopt.map(result)
    assert page.html == hubopt.map(read_solution(result), city).html
    assert "Leaflet" in page.html and "<script" not in page._repr_html_()
    assert repr(page).startswith("Page('tiny: map', ")
    assert page.save(city.parent / "m.html").read_text(encoding="utf-8") == page.html
    with pytest.raises(InputError, match="give the instance"):
        hubopt.map(tiny_solution())
    with pytest.raises(InputError, match="another instance"):
        hubopt.map(tiny_solution(), tiny().with_tables(land=tiny().land.iloc[:0]))


def test_comparisons_show_themselves(folders: tuple[Path, Path]) -> None:
    """Results are compared under names of their own; the table is escaped, and Markdown as text."""
    policy = hubopt.Policy(name_en="<b>bold</b>")
    other = replace(tiny_solution(), policy=policy, proof=replace(tiny_solution().proof, bound=1.0))
    comparison = hubopt.compare(folders[1], other, other)
    assert comparison.names == ("result", "<b>bold</b>", "<b>bold</b> (2)")
    assert "&lt;b&gt;bold" in comparison._repr_html_() and "<b>" not in comparison._repr_html_()
    assert str(comparison).startswith("| | unit | result |")
    assert len(repr(comparison)) < 100
    with pytest.raises(InputError, match="only one"):
        hubopt.compare(other)
    with pytest.raises(InputError, match="for 2 results"):
        hubopt.compare(other, other, names=["one"])


def test_representations_are_short() -> None:
    """Instance, policy, plan and solution fit on a line and name what matters; a solution's table is escaped."""
    policy = hubopt.Policy(name_en="<i>", force_open=("a", "b", "c", "d"), land_ha={"total:total": 3.0}, off=("land",))
    assert repr(policy) == str(policy) == "Policy('<i>', off=[land], force_open=[4 of them], land_ha=[total:total])"
    solution = replace(tiny_solution(), policy=policy)
    assert repr(tiny()).startswith("Instance('tiny': 3 gateways, 3 hubs, 3 utcs, 5 stations, 6 zones, ")
    assert repr(solution).startswith("Solution('tiny': <i>, ") and "2 hubs" in repr(solution)
    assert repr(solution.plan).startswith("Plan(9 facilities, ")
    assert max(len(repr(item)) for item in (tiny(), policy, solution, solution.plan)) < 160
    table = solution._repr_html_()
    assert "&lt;i&gt;" in table and "<i>" not in table
    assert repr(no_solution("infeasible")).endswith("infeasible)")
