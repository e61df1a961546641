"""Write ``instances/tiny`` anew from the case of the tests: ``python -m tests.write_tiny``."""

from __future__ import annotations

from pathlib import Path

from hubopt.instance import write_instance
from tests.cases import tiny

FOLDER = Path(__file__).resolve().parent.parent / "instances" / "tiny"

if __name__ == "__main__":
    write_instance(tiny(), FOLDER, arcs="csv", force=True)
    print(f"wrote {FOLDER}")
