"""What was tried, a line of JSON each, so that a long run can be stopped, gone on with and done in parts; its table."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bounds.trial import METHODS, Trial, Tried


def line(trial: Trial, code: str) -> str:
    """The line of a trial; ``code``: digest of the code that was tried."""
    return json.dumps({"code": code, **asdict(trial)}, ensure_ascii=False)


def trials(files: Iterable[Path]) -> tuple[dict[int, Trial], set[str]]:
    """The trials in files by number, the last of each number, and the digests of the code; a line cut short is none."""
    found: dict[int, Trial] = {}
    codes = set()
    for file in files:
        for text in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
            try:
                record: dict[str, Any] = json.loads(text)
            except ValueError:
                continue
            codes.add(record.pop("code"))
            tried = tuple(Tried(**{**item, "wrong": tuple(item["wrong"])}) for item in record.pop("tried"))
            found[record["number"]] = Trial(**record, tried=tried)
    return found, codes


def table(found: Iterable[Trial], codes: set[str]) -> str:
    """What became of the trials by method, in Markdown."""
    every = list(found)
    lines = [
        "| method | bounds at most the optimum | objectives at least the optimum | optima proven | no plan, rightly "
        "| out of time | plans checked | wrong |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for method in METHODS:
        mine = [(trial, item) for trial in every for item in trial.tried if item.method == method]
        counts = (
            sum(item.bound is not None for trial, item in mine if trial.optimum is not None),
            sum(item.objective is not None for _, item in mine),
            sum(item.reason == "optimal" for _, item in mine),
            sum(item.reason == "infeasible" for _, item in mine),
            sum(item.reason not in ("optimal", "infeasible") for _, item in mine),
            sum(item.checked for _, item in mine),
            sum(len(item.wrong) for _, item in mine),
        )
        lines.append(f"| {method} | " + " | ".join(f"{count:,}" for count in counts) + " |")
    without = sum(trial.optimum is None for trial in every)
    wrong = sum(len(trial.wrong) for trial in every)
    closing = (
        f"{len(every):,} instances, {without:,} of them without a plan: {wrong} wrong. Code {', '.join(sorted(codes))}."
    )
    return "\n".join([*lines, "", closing])
