"""Hold every method against SCIP on random small instances: ``python -m tests.bounds --count 2000``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.bounds.threads import solver_threads
from tests.bounds.trial import METHODS, trial


def main() -> int:
    """Try instances; exit code 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--checks", type=int, default=1, help="one plan in so many instances is checked")
    options = parser.parse_args()
    began, counts, wrong = time.monotonic(), Counter[str](), list[str]()
    with solver_threads(), tempfile.TemporaryDirectory() as folder:
        for number in range(options.first, options.first + options.count):
            optimum, tried, found = trial(number, Path(folder), checks=options.checks)
            wrong += found
            for line in found:
                print(line, flush=True)
            counts["infeasible" if optimum is None else "feasible"] += 1
            counts.update(f"{item.method} bounds" for item in tried if item.bound is not None and optimum is not None)
            counts.update(f"{item.method} plans" for item in tried if item.objective is not None)
            if (number + 1) % 100 == 0:
                print(f"{number + 1 - options.first} tried, {time.monotonic() - began:.0f} s", flush=True)
    total = counts["feasible"] + counts["infeasible"]
    print(f"{total} instances ({counts['infeasible']} without a plan), {len(METHODS)} methods, {len(wrong)} wrong")
    for name in METHODS:
        print(f"  {name}: {counts[f'{name} bounds']} bounds <= optimum <= {counts[f'{name} plans']} objectives")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
