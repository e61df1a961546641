"""Race the staged method against HiGHS alone on one instance, same limit, same run; prints a table, asserts nothing.

python benchmarks/solve_shenzhen.py [INSTANCE] [SECONDS]
"""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hubopt.instance import Instance, read_instance
from hubopt.solution import Proof
from hubopt.solve import solve

LEVELS = (0.05, 0.03, 0.02, 0.01)


def seconds_to(proof: Proof, gap: float) -> str:
    """First moment of the run at which the proven gap was at most ``gap``."""
    for seconds, incumbent, bound in proof.trace:
        if incumbent is not None and bound is not None and incumbent - bound <= gap * abs(incumbent):
            return f"{seconds:.0f} s"
    return "-"


def race(instance: Instance, limit: float) -> Table:
    """One row per method: time to each gap, final gap, objective and bound (million a year)."""
    table = Table(title=f"{instance.info.id}, {limit:.0f} s each")
    for heading in ("method", *(f"to {level:.0%}" for level in LEVELS), "gap", "objective", "bound"):
        table.add_column(heading, justify="left" if heading == "method" else "right")
    for method in ("staged", "monolith"):
        proof = solve(instance, method=method, gap=1e-4, time_limit=limit).proof
        gap = "-" if proof.gap is None else f"{proof.gap:.2%}"
        amounts = ["-" if x is None else f"{x / 1e6:,.1f}" for x in (proof.objective, proof.bound)]
        table.add_row(method, *(seconds_to(proof, level) for level in LEVELS), gap, *amounts)
    return table


def main() -> None:
    """Read the arguments and print the table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("instances/shenzhen")
    limit = float(sys.argv[2]) if len(sys.argv) > 2 else 120.0
    Console(width=120).print(race(read_instance(folder), limit))


if __name__ == "__main__":
    main()
