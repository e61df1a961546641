"""The result folder of a run under uncertainty: ``stochastic.json`` and tables of scenarios, sites and flows."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from hubopt.instance.folder import whole_folder
from hubopt.instance.policy import policy_toml
from hubopt.instance.write import write_csv
from hubopt.study.stochastic.measures import Interval
from hubopt.study.stochastic.scenarios import scenarios_toml
from hubopt.study.stochastic.types import Outcome

RECORD = "stochastic.json"
"""The file that tells such a folder."""

FORMAT = 1
"""Version of the folder's layout."""

_SITES = [
    "period", "site", "level", "design", "action", "modules", "built_modules", "converted_modules", "gfa_m2", "land_ha",
    "investment_cny", "capital_cny_year", "land_cny_year", "running_cny_year", "closure_cny_year",
]  # fmt: skip
"""Columns of the facilities that do not depend on the scenario."""


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


def _ends(interval: Interval | None) -> dict[str, float | None] | None:
    """An interval as two numbers, null where nothing is known."""
    return None if interval is None else {"lower": _finite(interval.lower), "upper": _finite(interval.upper)}


def record_of(outcome: Outcome) -> dict[str, Any]:
    """The content of ``stochastic.json``; amounts in CNY/year."""
    question = outcome.question
    return {
        "format": FORMAT,
        "instance_id": outcome.instance_id,
        "instance_sha256": outcome.instance_sha256,
        "status": outcome.status,
        "limit": outcome.limit,
        "measure": {
            "kind": question.measure.kind, "alpha": question.measure.alpha, "weight": question.measure.weight,
        },
        "objective": _finite(outcome.value.upper),
        "bound": _finite(outcome.value.lower),
        "gap": outcome.gap,
        "gap_asked": question.gap,
        "expected": outcome.expected,
        "cvar": outcome.cvar,
        "largest_regret": _finite(outcome.regret),
        "wait_and_see": _ends(outcome.alone),
        "mean_plan": _ends(outcome.mean),
        "vss": _ends(outcome.vss),
        "evpi": _ends(outcome.evpi),
        "method": outcome.method,
        "asked": {"method": question.method, "time_limit": question.time_limit},
        "seed": question.seed,
        "threads": question.threads,
        "seconds": dict(outcome.seconds),
        "versions": dict(outcome.versions),
        "trace": [list(point) for point in outcome.trace],
    }  # fmt: skip


def scenario_table(outcome: Outcome) -> pd.DataFrame:
    """One row per scenario: chance, cost, bounds, regret (CNY/year), and the cost parts and indicators of its plan."""
    rows = []
    for line in outcome.lines:
        report = line.chosen.report
        row: dict[str, object] = {
            "scenario": line.id,
            "probability": line.probability,
            "cost_cny_year": _finite(line.chosen.cost.upper) if report is not None else None,
            "alone_lower_cny_year": _finite(line.alone.lower),
            "alone_upper_cny_year": _finite(line.alone.upper),
            "mean_plan_cny_year": None if line.mean is None else _finite(line.mean.upper),
            "regret_cny_year": _finite(line.regret.upper) if report is not None else None,
        }
        if report is not None:
            row |= {f"cost.{part}": value for part, value in report.cost.items()}
            row |= dict(report.kpi)
        rows.append(row)
    return pd.DataFrame(rows)


def sites_table(outcome: Outcome) -> pd.DataFrame:
    """The first stage: one row per period and facility that is open or was; empty if there is none."""
    plans = [line.chosen.plan for line in outcome.lines if line.chosen.plan is not None]
    return plans[0].facilities[_SITES] if plans else pd.DataFrame(columns=_SITES)


def _together(outcome: Outcome, name: str) -> pd.DataFrame | None:
    """A table of the plans of all scenarios, each row with its scenario; None if no plan has a row."""
    tables = [
        getattr(line.chosen.plan, name).assign(scenario=line.id)
        for line in outcome.lines
        if line.chosen.plan is not None and len(getattr(line.chosen.plan, name))
    ]
    if not tables:
        return None
    whole: pd.DataFrame = pd.concat(tables, ignore_index=True)
    columns = ["scenario", *(column for column in whole.columns if column != "scenario")]
    return whole.reindex(columns=columns)


def write_outcome(outcome: Outcome, folder: Path, *, force: bool = False) -> None:
    """Write the result folder, whole or not at all.

    Raises
    ------
    InputError
        If the folder may not be written.
    """
    with whole_folder(folder, markers=[RECORD], force=force) as target:
        text = json.dumps(record_of(outcome), ensure_ascii=False, indent=1, allow_nan=False)
        (target / RECORD).write_text(text + "\n", encoding="utf-8")
        (target / "scenarios.toml").write_text(scenarios_toml(outcome.scenarios), encoding="utf-8")
        (target / "policy.toml").write_text(policy_toml(outcome.question.policy), encoding="utf-8")
        write_csv(scenario_table(outcome), target / "scenarios.csv")
        write_csv(sites_table(outcome), target / "sites.csv")
        for name in ("assignments", "flows", "exchanges", "outages"):
            table = _together(outcome, name)
            if table is not None:
                table.to_parquet(target / f"{name}.parquet", index=False, compression="zstd")
