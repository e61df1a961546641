"""The stand-alone script that recomputes answers from the published files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hubopt.bench.child import _plan_json
from hubopt.formats.imports import import_file
from hubopt.solve import solve
from tests.formats import files

SCRIPT = Path("benchmarks/recheck.py").resolve()

CASES = [
    ("orlib_cflp", "orlib-cflp", files.ORLIB, files.least_with_split),
    ("sscflp_holmberg", "sscflp", files.HOLMBERG, files.least_single),
    ("mptscflp_kstar", "mptscflp", files.TWO_PRODUCTS, lambda: files.least_two_stages(2)),
]


@pytest.mark.parametrize(("family", "format", "content", "least"), CASES)
def test_answers_hold_and_changed_ones_fail(
    tmp_path: Path, family: str, format: str, content: str | bytes, least: object
) -> None:
    """hubopt's answer has the cost that the file's own numbers give; less flow, or another cost, is noticed."""
    path = tmp_path / "case.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    solution = solve(import_file(format, path), gap=0, time_limit=20, threads=1)
    assert solution.plan is not None
    answer = {
        "family": family,
        "instance": "case",
        "file": "case.txt",
        "objective": solution.proof.objective,
        "published": 1.0,
    }
    answer |= _plan_json(solution.plan)
    assert answer["objective"] == pytest.approx(least())  # type: ignore[operator]
    less = json.loads(json.dumps(answer))
    less["flows"][-1][-1] *= 0.9
    other = {**answer, "objective": answer["objective"] * 1.01}
    for name, given in {"right": answer, "less": less, "other": other}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(given))
    command = [sys.executable, str(SCRIPT), "--data", str(tmp_path)]
    right = subprocess.run([*command, str(tmp_path / "right.json")], capture_output=True, text=True, check=False)
    assert right.returncode == 0 and "holds" in right.stdout, right.stdout + right.stderr
    wrong = subprocess.run(
        [*command, str(tmp_path / "less.json"), str(tmp_path / "other.json")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert wrong.returncode == 1 and wrong.stdout.count("FAILS") == 2
    assert "hubopt" not in SCRIPT.read_text().replace("``hubopt bench``", "").replace("Nothing of hubopt", "")
