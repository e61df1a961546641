"""Readers of studies, of scenarios with their chances, of stochastic programs, and of what a study has kept."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hubopt.formats.imports.outcomes import read_outcomes
from hubopt.formats.imports.smps import read_core, read_stages, siblings
from hubopt.instance import Policy, sha256, write_instance
from hubopt.study.scenarios.expand import read_study
from hubopt.study.scenarios.file import RunOptions
from hubopt.study.scenarios.layout import RECORD, STORE, ScenarioRecord, StudyRecord
from hubopt.study.scenarios.parts import OF_RUN, SCHEMAS, parquet
from hubopt.study.scenarios.store import Store
from hubopt.study.stochastic.cases import cases_of
from hubopt.study.stochastic.scenarios import read_scenarios
from tests.cases import tiny
from tests.fuzz.reader import Files, Reader, single, written

_STUDY = b"""\
name_en = "Ways"
name_zh = "\xe6\x96\xb9\xe5\xbc\x8f"
instance = "tiny"

[run]
gap = 0.001
time_limit = 120

[scenarios.base]

[scenarios.growth]
demand.all = 1.2
demand.district.West = 1.25

[scenarios.little-land]
based_on = "growth"
land_ha = { "total:total" = 5.0 }
closed_gateways = ["airport"]
force_open = ["h-port"]
design_costs.utc-smart = 0.7

[grids.together.parameters]
demand = { path = "demand.all", values = [0.8, 1.0, 1.1] }
carbon = { path = "carbon_price_cny_t", values = [0, 800] }
"""

_SCENARIOS = b"""\
name_en = "Ways"

[[scenarios]]
id = "usual"
probability = 0.5

[[scenarios]]
id = "growth"
probability = 0.3
demand = [{ district = "East", factor = 1.4 }, { zone = "z1", factor = 0 }]
site_capacity = { u-mid = 0.5 }

[[scenarios]]
id = "closed"
probability = 0.2
gateway_capacity = { port = 0 }
demand_factor = 1.1
"""

_TABLE = (
    b"id,probability,demand_factor,commodity parcel,district East,zone z1,site u-mid,gateway port\n"
    b"usual,0.5,,,,,,\ngrowth,0.3,1.1,1.2,1.4,0,0.5,\nclosed,0.2,,,,,,0\n"
)

_PROGRAM: Files = {
    "small.cor": b"""\
NAME small
ROWS
 N obj
 L c1
 G c2
 G c3
COLUMNS
 M1 'MARKER' 'INTORG'
 x1 obj 3 c1 1
 x1 c2 2
 x2 obj 4 c1 1
 x2 c3 2
 M2 'MARKER' 'INTEND'
 y1 obj 10 c2 1
 y2 obj 10 c3 1
RHS
 rhs c1 1
BOUNDS
 BV bnd x1
 BV bnd x2
ENDATA
""",
    "small.tim": b"TIME small\nPERIODS LP\n x1 c1 STAGE-1\n y1 c2 STAGE-2\nENDATA\n",
    "small.sto": b"STOCH small\nSCENARIOS DISCRETE\n SC A 'ROOT' 0.75 STAGE-2\n RHS c2 2\n RHS c3 0\n"
    b" SC B 'ROOT' 0.25 STAGE-2\n RHS c2 0\n RHS c3 2\nENDATA\n",
}


@cache
def _study() -> Files:
    """A study file with the instance that it names."""
    case = written(lambda folder: write_instance(tiny(), folder))()
    return {"study.toml": _STUDY, **{f"tiny/{name}": content for name, content in case.items()}}


def _scenarios(file: Path) -> None:
    cases_of(tiny(), Policy(), read_scenarios(file), file.name)


def _program(folder: Path) -> None:
    files = siblings(folder / "small.cor")
    core = read_core(files["core"])
    read_stages(files["time"], core)
    read_outcomes(files["stoch"], core)


@cache
def _kept() -> Files:
    """The record of a study of two scenarios and a dataset with a row in each table."""
    digest = sha256(tiny())
    scenarios = tuple(
        ScenarioRecord(name=name, name_en=name, name_zh=name, instance_sha256=digest, policy_sha256=digest)
        for name in ("base", "more")
    )
    record = StudyRecord(
        name="ways", name_en="Ways", instance_path="../tiny", instance_sha256=digest, options=RunOptions(),
        scenarios=scenarios,
    )  # fmt: skip
    files = {RECORD: record.model_dump_json().encode()}
    for table, schema in SCHEMAS.items():
        for name in ("base", "more") if table in OF_RUN else ("all",):
            row = {item.name: ["x" if str(item.type) == "string" else 1] for item in schema}
            row["scenario"] = [name if name != "all" else "base"]
            files[f"{STORE}/{table}/{name}.parquet"] = parquet(table, row)
    return files


def _store(folder: Path) -> None:
    with Store(folder) as store:
        for table in SCHEMAS:
            store.query(f"SELECT count(*) FROM {table}")


_SCENARIO = "hubopt.study.scenarios"
_STOCHASTIC = "hubopt.study.stochastic.scenarios"
_SMPS = "hubopt.formats.imports"

READERS = (
    Reader(
        "study", _study, lambda folder: read_study(folder / "study.toml"),
        (f"{_SCENARIO}.expand.read_study", f"{_SCENARIO}.file.parse_study_file"), ("study.toml",), share=0.3,
    ),
    Reader(
        "kept study", _kept, _store, (f"{_SCENARIO}.layout.read_record", f"{_SCENARIO}.store.tables_of"), share=0.3,
    ),
    single("scenarios", "ways.toml", _SCENARIOS, _scenarios, f"{_STOCHASTIC}.read_scenarios", share=0.3),
    single("scenarios, table", "ways.csv", _TABLE, _scenarios, f"{_STOCHASTIC}.read_scenarios", share=0.3),
    Reader(
        "SMPS", lambda: _PROGRAM, _program,
        (f"{_SMPS}.smps.read_core", f"{_SMPS}.smps.read_stages", f"{_SMPS}.outcomes.read_outcomes"),
    ),
)  # fmt: skip
"""Readers of what several runs have in common."""
