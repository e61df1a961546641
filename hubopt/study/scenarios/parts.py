"""The tables of one run as parts of the study's Parquet dataset: a file for each table and scenario."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from hubopt.instance import Instance, apply
from hubopt.solution import Solution

TEXT, REAL, WHOLE = pa.string(), pa.float64(), pa.int64()

SCHEMAS: Mapping[str, pa.Schema] = {
    "scenarios": pa.schema(
        [
            ("scenario", TEXT), ("position", WHOLE), ("name_en", TEXT), ("name_zh", TEXT), ("based_on", TEXT),
            ("grid", TEXT), ("start", TEXT),
        ]
    ),
    "parameters": pa.schema([("scenario", TEXT), ("parameter", TEXT), ("value", TEXT), ("number", REAL)]),
    "runs": pa.schema(
        [
            ("scenario", TEXT), ("status", TEXT), ("limit", TEXT), ("objective", REAL), ("bound", REAL), ("gap", REAL),
            ("gap_asked", REAL), ("sense", TEXT), ("method", TEXT), ("seed", WHOLE), ("seconds", REAL),
            ("instance_id", TEXT), ("instance_sha256", TEXT), ("policy_sha256", TEXT), ("code", TEXT),
            ("message", TEXT), ("record_sha256", TEXT),
        ]
    ),
    "costs": pa.schema([("scenario", TEXT), ("part", TEXT), ("cny_year", REAL)]),
    "kpis": pa.schema([("scenario", TEXT), ("kpi", TEXT), ("value", REAL)]),
    "sites": pa.schema(
        [
            ("scenario", TEXT), ("period", TEXT), ("site", TEXT), ("level", TEXT), ("design", TEXT), ("action", TEXT),
            ("modules", WHOLE), ("gfa_m2", REAL), ("land_ha", REAL), ("throughput_t_d", REAL), ("capacity_t_d", REAL),
            ("investment_cny", REAL),
        ]
    ),
    "zones": pa.schema(
        [
            ("scenario", TEXT), ("period", TEXT), ("zone", TEXT), ("demand_t_d", REAL), ("served_t_d", REAL),
            ("source", TEXT), ("km", REAL),
        ]
    ),
}  # fmt: skip
"""Tables of the dataset: what they hold of which run (``scenario``). ``position`` counts from 1."""

OF_RUN = ("runs", "costs", "kpis", "sites", "zones")
"""Tables that each run has a part of."""


def record_sha256(record: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the content of a ``result.json``, wherever its instance lies."""
    content = {key: value for key, value in record.items() if key != "instance_path"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def parquet(table: str, columns: Mapping[str, list[Any]]) -> bytes:
    """A table of the dataset as the bytes of a Parquet file."""
    stream = io.BytesIO()
    pq.write_table(pa.table(dict(columns), schema=SCHEMAS[table]), stream, compression="zstd")
    return stream.getvalue()


def _of_frame(table: str, scenario: str, frame: pd.DataFrame) -> bytes:
    names = [field.name for field in SCHEMAS[table] if field.name != "scenario"]
    return parquet(table, {"scenario": [scenario] * len(frame), **{name: frame[name].tolist() for name in names}})


def zones_served(instance: Instance, solution: Solution) -> pd.DataFrame:
    """Demand and what is delivered (t/d) for each period and zone, from where most of it comes and how far (km).

    Distances are those of the last leg, weighed by what comes over it; none where nothing comes.
    """
    assert solution.plan is not None
    case = apply(instance, solution.policy)
    found = case.demand.groupby(["period", "zone"], sort=True)["t_d"].sum().rename("demand_t_d").reset_index()
    flows = solution.plan.flows
    last = flows[flows["leg"].str.endswith("-zone") & (flows["t_d"] > 0)]
    arcs = case.arcs[["leg", "origin", "destination", "mode", "km"]]
    last = last.merge(arcs, on=["leg", "origin", "destination", "mode"], how="left").rename(
        columns={"destination": "zone"}
    )
    last = last.assign(t_km=last["t_d"] * last["km"])
    keys = ["period", "zone"]
    sums = last.groupby(keys)[["t_d", "t_km"]].sum().reset_index()
    by_source = last.groupby([*keys, "origin"], sort=True)["t_d"].sum().reset_index()
    most = by_source.sort_values("t_d", ascending=False, kind="stable").drop_duplicates(keys)
    found = found.merge(sums, on=keys, how="left").merge(most[[*keys, "origin"]], on=keys, how="left")
    return found.assign(
        served_t_d=found["t_d"].fillna(0.0),
        source=found["origin"].fillna("").astype(str),
        km=(found["t_km"] / found["t_d"]).where(found["t_d"] > 0),
    )


def parts_of_run(
    scenario: str,
    solution: Solution,
    instance: Instance,
    record: Mapping[str, Any],
    policy_sha256: str,
    message: str = "",
) -> dict[str, bytes]:
    """The parts of one run by table; ``record`` is its ``result.json``, ``message`` what went wrong with it."""
    proof = solution.proof
    found = {
        "runs": parquet(
            "runs",
            {
                "scenario": [scenario], "status": [proof.status], "limit": [proof.limit],
                "objective": [proof.objective], "bound": [proof.bound], "gap": [proof.gap],
                "gap_asked": [proof.gap_asked], "sense": [proof.sense], "method": [proof.method], "seed": [proof.seed],
                "seconds": [proof.seconds.get("total")], "instance_id": [solution.instance_id],
                "instance_sha256": [proof.instance_sha256], "policy_sha256": [policy_sha256],
                "code": [proof.versions.get("code", "")], "message": [message],
                "record_sha256": [record_sha256(record)],
            },
        ),
        "costs": parquet(
            "costs",
            {
                "scenario": [scenario] * len(solution.cost), "part": list(solution.cost),
                "cny_year": list(solution.cost.values()),
            },
        ),
        "kpis": parquet(
            "kpis",
            {
                "scenario": [scenario] * len(solution.kpi), "kpi": list(solution.kpi),
                "value": list(solution.kpi.values()),
            },
        ),
    }  # fmt: skip
    if solution.plan is None:
        empty: dict[str, dict[str, list[Any]]] = {
            name: {field.name: [] for field in SCHEMAS[name]} for name in ("sites", "zones")
        }
        return found | {name: parquet(name, columns) for name, columns in empty.items()}
    found["sites"] = _of_frame("sites", scenario, solution.plan.facilities)
    found["zones"] = _of_frame("zones", scenario, zones_served(instance, solution))
    return found


def failed_part(scenario: str, status: str, message: str) -> dict[str, bytes]:
    """The part of a run that never came to a result."""
    empty = {field.name: [None] for field in SCHEMAS["runs"]}
    own: dict[str, list[Any]] = {"scenario": [scenario], "status": [status], "message": [message]}
    return {"runs": parquet("runs", empty | own)}
