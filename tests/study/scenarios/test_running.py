"""Studies run, kept, gone on with and thrown away; here without worker processes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hubopt.check import check
from hubopt.instance import InputError, read_instance, sha256
from hubopt.solution import instance_folder, read_solution
from hubopt.study.scenarios import work
from hubopt.study.scenarios.expand import read_study
from hubopt.study.scenarios.keeping import locked
from hubopt.study.scenarios.layout import read_record
from hubopt.study.scenarios.question import answers
from hubopt.study.scenarios.runner import questions_of
from hubopt.study.scenarios.store import Store
from hubopt.study.scenarios.tables import overview
from tests.cli.conftest import FakeSolve
from tests.plans import no_solution
from tests.study.scenarios.conftest import SMALL, run_here, small_study

NAMES = ("base", "more", "more-carbon", "dear", "tight")


@pytest.fixture
def copy(solved: Path, tmp_path: Path) -> Path:
    """A copy of the solved study, to be changed."""
    shutil.copytree(solved, tmp_path / "copy")
    return tmp_path / "copy"


def table(folder: Path) -> object:
    """What a study has come to, times aside."""
    with Store(folder) as store:
        return overview(store).rows


def test_every_result_is_a_result_folder(solved: Path) -> None:
    """Each scenario has a result that the checker confirms against the instance that it names, named after it."""
    for name in NAMES:
        folder = solved / "out" / "runs" / name
        solution = read_solution(folder)
        where = instance_folder(folder)
        assert where is not None and solution.plan is not None
        instance = read_instance(where)
        assert sha256(instance) == solution.proof.instance_sha256
        assert check(instance, solution.policy, solution.plan, cost=solution.cost, kpi=solution.kpi).ok
        assert solution.policy.name_en == name
    assert instance_folder(solved / "out/runs/base") == (solved / "case").resolve()
    assert instance_folder(solved / "out/runs/dear").parent == (solved / "out/instances").resolve()  # type: ignore[union-attr]


def test_starts_are_the_studys_own(solved: Path) -> None:
    """Runs start from the plan of the scenario that the study names, and say so by its digest."""
    record = read_record(solved / "out")
    for item in record.scenarios:
        asked = json.loads((solved / "out/runs" / item.name / "result.json").read_text("utf-8"))["asked"]
        assert (asked["start_sha256"] is None) == (item.start is None)
    assert sum(item.start is None for item in record.scenarios) == 3


def test_nothing_is_solved_twice(copy: Path, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A study that is complete is read, not solved; a part of its store that is lost comes back."""
    before = table(copy / "out")
    (copy / "out/store/kpis/more.parquet").unlink()
    (copy / "out/store/runs/dear.parquet").write_bytes(b"no Parquet")
    monkeypatch.setattr(work, "answer", None)
    outcome = run_here(copy / "small.toml", copy / "out")
    assert set(outcome.kept) == set(NAMES) and not outcome.solved
    assert table(copy / "out") == before


def test_only_what_changed_is_solved(copy: Path, quick: None) -> None:
    """Another figure in one scenario and a damaged result: these two are solved again, no other."""
    path = copy / "small.toml"
    path.write_text(SMALL.replace("= 500", "= 600"), encoding="utf-8")
    (copy / "out/runs/tight/result.json").write_text("{", encoding="utf-8")
    outcome = run_here(path, copy / "out")
    assert set(outcome.solved) == {"more-carbon", "tight"} and set(outcome.kept) == {"base", "more", "dear"}


def test_other_names_change_nothing(copy: Path, quick: None) -> None:
    """What a scenario is called in words is no part of what is asked; one that is gone leaves a stale folder."""
    path = copy / "small.toml"
    text = SMALL.replace("[scenarios.dear]", '[scenarios.dear]\nname_en = "Dearer"').replace("[scenarios.base]\n", "")
    path.write_text(text, encoding="utf-8")
    outcome = run_here(path, copy / "out")
    assert not outcome.solved and outcome.stale == ("base",)
    with Store(copy / "out") as store:
        assert store.query("SELECT count(*) AS n FROM runs")["n"].tolist() == [4]


def test_better_is_solved_worse_is_kept(solved: Path) -> None:
    """A wider gap or another limit is answered by what is proven; a tighter gap, another seed or code asks anew."""
    study, variations = read_study(solved / "small.toml")
    record = json.loads((solved / "out/runs/base/result.json").read_text("utf-8"))

    def kept(record: dict[str, Any], **options: object) -> bool:
        questions = questions_of(study, variations, study.run.model_copy(update=options))
        return answers(record, next(question for question in questions if question.name == "base"))

    assert kept(record) and kept(record, gap=0.5) and kept(record, time_limit=7.0) and kept(record, deterministic=False)
    assert (
        not kept(record | {"gap": 0.01}, gap=0.001) and not kept(record, seed=3) and not kept(record, method="monolith")
    )
    assert not kept(record | {"versions": record["versions"] | {"code": "another"}})
    assert not kept(record | {"instance_sha256": "0" * 64}) and not kept(record | {"limit": "crash"})
    by_time = record | {"status": "feasible", "limit": "time", "gap": 0.2}
    assert kept(by_time) and not kept(by_time, time_limit=7.0)


def test_an_interrupted_study_keeps_what_is_done(tmp_path: Path, solved: Path, quick: None) -> None:
    """Ctrl-C after the second answer: two results; the next run does the rest, with the same table."""
    path = small_study(tmp_path)

    def stop(now: object) -> None:
        if now.done == 2:  # type: ignore[attr-defined]
            raise KeyboardInterrupt

    broken = run_here(path, tmp_path / "out", told=stop)
    assert broken.interrupted and len(broken.solved) == 2 and len(broken.missing) == 3
    with Store(tmp_path / "out") as store:
        assert [row[1] for row in overview(store).rows].count("not run") == 3
    rest = run_here(path, tmp_path / "out")
    assert set(rest.kept) == set(broken.solved) and set(rest.solved) == set(broken.missing)
    assert table(tmp_path / "out") == table(solved / "out")


def test_without_a_plan_the_start_is_further_up(tmp_path: Path, quick: None) -> None:
    """An infeasible scenario is an answer; what was to start from its plan starts further up, or from nothing."""
    text = SMALL[: SMALL.index("[scenarios.dear]")] + (
        '[scenarios.shut]\npolicy."levels.hub.min_open" = 99\n[scenarios.shut-2]\nbased_on = "shut"\ndemand.all = 1.1\n'
    )
    outcome = run_here(small_study(tmp_path, text), tmp_path / "out")
    assert len(outcome.solved) == 5 and not outcome.failed
    with Store(tmp_path / "out") as store:
        ended = dict(row[:2] for row in overview(store).rows)
        assert ended["shut"] == ended["shut-2"] == "infeasible" and ended["more"] == "optimal"
    assert not run_here(tmp_path / "small.toml", tmp_path / "out").solved


def test_what_the_checker_refuses_goes_aside(
    tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """A refused result fails its scenario, lies in ``refused`` and is tried again the next time."""
    text = SMALL[: SMALL.index("[scenarios.more]")]
    monkeypatch.setattr(work, "_findings", lambda *_: ("made up",))
    outcome = run_here(small_study(tmp_path, text), tmp_path / "out")
    assert outcome.failed == {"base": "made up"} and not outcome.solved
    assert (tmp_path / "out/refused/base/result.json").is_file() and not (tmp_path / "out/runs/base").exists()
    with Store(tmp_path / "out") as store:
        assert [row[1] for row in overview(store).rows] == ["error"]
    monkeypatch.undo()


def test_nothing_found_is_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that finds nothing within its limit has a folder without a plan and a line of its own."""
    path = small_study(tmp_path, SMALL[: SMALL.index("[scenarios.more]")])
    fake = FakeSolve()
    digest = sha256(read_instance(tmp_path / "case"))

    def nothing(instance: object, policy: object, **options: object) -> object:
        from dataclasses import replace

        solution = no_solution("no-solution")
        fake.outcome = replace(solution, policy=policy, proof=replace(solution.proof, instance_sha256=digest))
        return fake(instance, policy, **options)

    monkeypatch.setattr("hubopt.solve.solve", nothing, raising=False)
    outcome = run_here(path, tmp_path / "out")
    assert outcome.solved == ("base",)
    assert pq.read_table(tmp_path / "out/store/runs/base.parquet").column("status").to_pylist() == ["no-solution"]


def test_places_that_are_taken(copy: Path, tmp_path: Path, quick: None) -> None:
    """A folder of another study, of something else, or in which somebody works is refused; force begins anew."""
    other = copy / "other.toml"
    other.write_text(SMALL[: SMALL.index("[scenarios.more]")], encoding="utf-8")
    with pytest.raises(InputError, match="holds the study 'small'"):
        run_here(other, copy / "out")
    with pytest.raises(InputError, match="holds no study"):
        run_here(other, copy / "case")
    with locked(copy / "out"), pytest.raises(InputError, match="at work"):
        run_here(copy / "small.toml", copy / "out")
    assert run_here(other, copy / "out", force=True).solved == ("base",)
    assert [path.name for path in (copy / "out/runs").iterdir()] == ["base"]
