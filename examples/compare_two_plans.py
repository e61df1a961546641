"""Compare two plans: the same city at least cost and with land made dear, as a table and side by side on a map.

In a notebook the comparison, the solutions and the map show themselves.
"""

from __future__ import annotations

import sys
from pathlib import Path

import hubopt


def main(folder: Path) -> None:
    """Solve twice, print the comparison, and write both results and their common map to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    city = hubopt.load("tiny")
    cheap = hubopt.solve(city)
    sparing = hubopt.solve(city, "least-land", warm_start=cheap)
    print(hubopt.compare(cheap, sparing, names=["least cost", "least land"]))
    print(hubopt.check(city, cheap), hubopt.check(city, sparing))
    print(hubopt.map(cheap, city, against=sparing).save(folder / "both.html"))


if __name__ == "__main__":  # HiGHS runs in processes of its own
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "compared"))
