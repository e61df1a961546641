"""Runs as they are kept, made up for tests."""

from __future__ import annotations

from typing import Any


def run(instance: str, solver: str, **changes: Any) -> dict[str, Any]:
    """A run that proved 100 in 2 s; ``changes`` replace any of it."""
    kept: dict[str, Any] = {
        "suite": "smoke", "instance": instance, "family": "drawn", "solver": solver,
        "kind": "hubopt" if solver.startswith("hubopt") else "rival", "name": "auto", "form": "", "state": "optimal",
        "objective": 100.0, "bound": 100.0, "known": None, "known_proven": None, "known_bound": None,
        "known_source": None, "seconds": 2.0, "build_seconds": 0.5, "wall_seconds": 3.0, "peak_mb": 100.0,
        "limit_seconds": 10.0, "gap_asked": 1e-4, "threads": 1, "seed": 0, "sense": "min", "method": "monolith",
        "columns": 3, "rows": 2, "checked": True, "note": "", "file": "a.txt", "case_sha256": "0",
        "key": f"{instance}{solver}", "ended_at": "2026-01-01T00:00:00+00:00", "load": 0.5,
        "trace": [[1.0, 110.0, 90.0], [2.0, 100.0, 100.0]],
        "versions": {"hubopt": "abc", "highs": "1.15.1"}, "plan": {"open": ["s1"], "flows": []},
        "machine": {"processor": "P", "cores": 2, "memory_gib": 8.0, "system": "Linux", "python": "3.11"},
    }  # fmt: skip
    return kept | changes
