"""Readers of what runs left behind, as far as the next command goes with it: tables, checks, pages, going on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from hubopt.bench.figures import latest, read_runs
from hubopt.bench.output import charts_of
from hubopt.bench.pages import comparison
from hubopt.bench.tables import run_lines, suite_tables
from hubopt.check import check
from hubopt.cli.results import proof_findings
from hubopt.formats.exports.case import case_of
from hubopt.instance import Instance, Policy, apply, read_instance, sha256, write_instance
from hubopt.instance.text import read_text
from hubopt.model import build
from hubopt.solution import Solution, read_duals, read_solution, write_solution
from hubopt.solution.differences import circumstances, outcomes
from hubopt.solution.duals import Duals, Split
from hubopt.solve.compile import compile_model
from hubopt.solve.versions import code_sha256
from hubopt.study.pareto import FrontSearch, RunStore, measures_of
from hubopt.study.pareto.store import content_of, csv_of, open_folder
from hubopt.study.prices import Run as How
from hubopt.study.scenarios.effects import effects_table
from hubopt.study.scenarios.file import RunOptions
from hubopt.study.scenarios.keeping import Keeper
from hubopt.study.scenarios.layout import RECORD, RUNS, STORE, GridRecord, ScenarioRecord, StudyRecord, read_record
from hubopt.study.scenarios.parts import OF_RUN, parquet, parts_of_run
from hubopt.study.scenarios.question import Question, policy_sha256
from hubopt.study.scenarios.robust import candidates, use_table
from hubopt.study.scenarios.store import Store
from hubopt.study.scenarios.tables import (
    overview,
    parameters_table,
    planned,
    runs_table,
    site_uses,
    sites_table,
    zones_table,
)
from hubopt.study.scenarios.variation import Varied
from hubopt.texts import Texts
from hubopt.viz import network_map, report_html
from hubopt.viz.explained import read_explained
from tests.bench.runs import run
from tests.bounds.threads import solver_threads
from tests.cases import tiny
from tests.fuzz.reader import Files, Reader, single, written
from tests.plans import tiny_solution
from tests.study.pareto_case import torn_city

# -- benchmarks ----------------------------------------------------------------------------------------------------


@cache
def _benchmark() -> Files:
    runs = [
        run("a", "hubopt auto", known=99.0, known_proven=True, known_source="x"),
        run("b", "hubopt auto", state="feasible", bound=80.0, trace=None),
        run("a", "SCIP", seconds=4.0, name="scip"),
        run("b", "SCIP", state="no-solution", objective=None, bound=None, seconds=None, checked=None),
    ]
    return {f"runs/{number}.json": json.dumps(item, indent=1).encode() for number, item in enumerate(runs)}


def _tables_of_benchmark(folder: Path) -> None:
    runs = latest(read_runs(folder))
    suite_tables(runs), run_lines(runs), comparison(runs)


def _charts_of_benchmark(folder: Path) -> None:
    charts_of(latest(read_runs(folder)), Texts("en"))


# -- results -------------------------------------------------------------------------------------------------------


@cache
def _solved() -> Solution:
    return tiny_solution()


def _result(folder: Path) -> None:
    write_solution(_solved(), tiny(), folder, {})


def _with_duals(folder: Path) -> None:
    parts = {"r0": np.array([1.0, 0.5]), "r1": np.array([0.0, 2.0])}
    duals = Duals(("a[1]", "b[2]"), np.array([1.0, 2.0]), {"r": Split("level", "utc", "2025", 1)}, parts)
    write_solution(replace(_solved(), duals=duals), tiny(), folder, {})


def _started_from(folder: Path) -> None:
    if (duals := read_duals(folder)) is not None:
        assert duals.near("r0") is not None or not duals.parts


def _checked(folder: Path) -> None:
    solution = read_solution(folder)
    list(proof_findings(solution)), outcomes(_solved(), solution), circumstances(_solved(), solution)
    if solution.plan is not None:
        case = tiny()
        check(case, solution.policy, solution.plan, cost=solution.cost, objective=solution.proof.objective)
        case_of(case, solution, solution.plan)


def _drawn(folder: Path) -> None:
    solution = read_solution(folder)
    if solution.plan is None:
        return
    case = tiny()
    report = check(case, solution.policy, solution.plan, cost=solution.cost, objective=solution.proof.objective)
    network_map(case, solution, "en", report=report)
    report_html(case, solution, report, "zh")


# -- what a sound instance is made into ------------------------------------------------------------------------------


def _instance(folder: Path) -> None:
    write_instance(tiny(), folder, arcs="csv")


def _built(folder: Path) -> None:
    from hubopt.diagnose import toml_lines

    instance = read_instance(folder, notes=[])
    text = read_text(folder / "instance.toml", notes=[])
    assert isinstance(text, str)
    toml_lines(text)
    apply(instance, Policy())
    compile_model(build(instance, Policy()))


# -- fronts ----------------------------------------------------------------------------------------------------------

_HOW = How(seconds=30, gap=1e-6, threads=1)


def _never(*_: object) -> Solution:
    raise KeyboardInterrupt


def _front_of(folder: Path, case: Instance, solve: object) -> FrontSearch:
    policy = Policy()
    store = RunStore(folder, case, folder / "case", _HOW, solve)  # type: ignore[arg-type]
    return FrontSearch(case, policy, measures_of(["cost", "land"], case, policy), 3, store)


@cache
def _torn() -> Instance:
    return torn_city(2)


def _make_front(folder: Path) -> None:
    """A folder as a search leaves it after its first runs."""
    from hubopt.study.prices import solved

    made: list[int] = []

    def first(*arguments: object) -> Solution:
        if len(made) == 4:
            raise KeyboardInterrupt
        made.append(1)
        return solved(*arguments)  # type: ignore[arg-type]

    folder.mkdir(parents=True)
    search = _front_of(folder, _torn(), first)
    with solver_threads(), suppress(KeyboardInterrupt):  # a fuzzing process may not start others
        search.run()
    (folder / "pareto.json").write_text(json.dumps(content_of(search.front(), _torn(), Policy())))


def _front(folder: Path) -> None:
    open_folder(folder, resume=True, force=False)
    search = _front_of(folder, _torn(), _never)
    with suppress(KeyboardInterrupt):
        search.run()
    front = search.front()
    content_of(front, _torn(), Policy()), csv_of(front)


# -- studies -------------------------------------------------------------------------------------------------------


@cache
def _options() -> RunOptions:
    return RunOptions()


def _question(name: str) -> Question:
    return Question(
        name=name, name_en=name, name_zh=name, description="", tree={}, options=_options(),
        instance_sha256=sha256(tiny()), policy_sha256=policy_sha256(Policy()),
    )  # fmt: skip


@cache
def _study() -> Files:
    """Results of three scenarios, their tables in the store, and a Morris sample of one parameter over them."""
    digest, names = sha256(tiny()), ("one", "two", "more")
    grid = GridRecord(
        method="morris", parameters=("d",), levels=4, rows=("one", "two", "two", "more"),
        units=((0.0,), (2 / 3,), (2 / 3,), (0.0,)),
    )  # fmt: skip
    record = StudyRecord(
        name="ways", name_en="Ways", instance_path="../tiny", instance_sha256=digest, options=_options(),
        scenarios=tuple(
            ScenarioRecord(
                name=name, name_en=name, name_zh=name, instance_sha256=digest, policy_sha256=policy_sha256(Policy())
            )
            for name in names
        ),
        grids={"sample": grid},
    )  # fmt: skip
    files: dict[str, bytes] = {RECORD: record.model_dump_json().encode()}
    for name in names:
        own = _with_versions(_solved())
        kept = written(lambda folder, own=own: write_solution(own, tiny(), folder, {}))()  # type: ignore[misc]
        files |= {f"{RUNS}/{name}/{file}": content for file, content in kept.items()}
        parts = parts_of_run(name, own, tiny(), json.loads(kept["result.json"]), policy_sha256(Policy()))
        files |= {f"{STORE}/{table}/{name}.parquet": parts[table] for table in OF_RUN}
    scenarios: Mapping[str, list[object]] = {
        "scenario": list(names), "position": [1, 2, 3], "name_en": list(names), "name_zh": list(names),
        "based_on": [""] * 3, "grid": ["sample"] * 3, "start": [None, "one", "two"],
    }  # fmt: skip
    parameters: Mapping[str, list[object]] = {
        "scenario": ["two"], "parameter": ["demand.all"], "value": ["1.1"], "number": [1.1],
    }  # fmt: skip
    files[f"{STORE}/scenarios/all.parquet"] = parquet("scenarios", scenarios)
    files[f"{STORE}/parameters/all.parquet"] = parquet("parameters", parameters)
    return files


def _with_versions(solution: Solution) -> Solution:
    from hubopt.study.scenarios.question import versions

    proof = replace(solution.proof, versions={**solution.proof.versions, **versions(), "code": code_sha256()[:16]})
    return replace(solution, proof=proof)


def _shown(folder: Path) -> None:
    with Store(folder) as store:
        for table in (overview, sites_table, zones_table, parameters_table, runs_table, effects_table):
            table(store)
        candidates(store, ("hub", "utc", "station"), 0.5)
        use_table(site_uses(store), len(planned(store)))


class _Looking(Keeper):
    """A keeper that writes nothing."""

    def _write_parts(self, name: str, parts: Mapping[str, bytes]) -> None:
        assert all(parts.values())


def _gone_on_with(folder: Path) -> None:
    record = read_record(folder)
    keeper = _Looking(folder, RUNS, folder)
    for name in ("one", "two", "more"):
        question = _question(name)
        if keeper.keeps(question):
            keeper.mend_parts(question, Varied(tiny(), Policy()))
        keeper.start_files(name)
    assert record.scenarios


# -- explanations --------------------------------------------------------------------------------------------------


@cache
def _explained() -> bytes:
    solution = _solved()
    row = {
        "family": "land", "what": "total", "limit": 4.0, "used": 4.0, "unit": "ha", "price": 2.0,
        "price_unit": "CNY/ha", "binding": True,
    }  # fmt: skip
    content = {
        "instance": solution.instance_id,
        "objective_cny_year": solution.proof.objective,
        "limits": {"rows": [row]},
        "standards": [{"what": "near", "unit": "share", "least": 1.0, "most": None}],
        "alternatives": {
            "within": 0.1, "found": [{"opened": ["a"], "closed": ["b"], "extra": 1.0, "extra_share": 0.1}],
        },
    }  # fmt: skip
    return json.dumps(content).encode()


def _explanation(file: Path) -> None:
    assert isinstance(read_explained(file, _solved()).binding, tuple)


_KEPT = "hubopt.bench.kept"

READERS = (
    Reader(
        "benchmark runs", _benchmark, _tables_of_benchmark, (f"{_KEPT}.read_run", "hubopt.bench.figures.read_runs"),
        gentle=True,
    ),
    Reader("benchmark charts", _benchmark, _charts_of_benchmark, (), share=0.1, gentle=True),
    Reader("checked result", written(_result), _checked, (), (".json", ".csv", ".parquet"), share=0.05, gentle=True),
    Reader("drawn result", written(_result), _drawn, (), (".json", ".csv", ".parquet"), share=0.01, gentle=True),
    Reader(
        "duals of a result", written(_with_duals), _started_from, ("hubopt.solution.read.read_duals",),
        ("splits.csv", "duals.parquet"), share=0.1, gentle=True,
    ),
    Reader("built instance", written(_instance), _built, (), (".csv", ".toml"), share=0.05, gentle=True),
    Reader("front", written(_make_front), _front, (), (".json", ".csv", ".parquet"), share=0.05, gentle=True),
    Reader("shown study", _study, _shown, (), ("study.json", ".parquet"), share=0.1, gentle=True),
    Reader("study gone on with", _study, _gone_on_with, (), (".json", ".csv", ".parquet"), share=0.1, gentle=True),
    single("explanation", "explained.json", _explained, _explanation, "hubopt.viz.explained.read_explained"),
)  # fmt: skip
"""Readers of what runs leave behind."""
