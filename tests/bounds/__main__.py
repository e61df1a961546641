"""Hold every method against SCIP on random small instances: ``python -m tests.bounds --count 2000``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hubopt.solve.versions import code_sha256
from tests.between import fill
from tests.bounds.kept import line, table, trials
from tests.bounds.threads import solver_threads
from tests.bounds.trial import Trial, trial


def _trials(numbers: range, done: set[int], options: argparse.Namespace) -> Iterator[Trial]:
    """The trials of numbers that are not done, each told of when it is wrong."""
    began = time.monotonic()
    with solver_threads(), tempfile.TemporaryDirectory() as folder:
        for count, number in enumerate(numbers, 1):
            if number not in done:
                try:
                    found = trial(number, Path(folder), options.seconds, options.checks)
                except TimeoutError as late:
                    print(f"{number} is left out: {late}", flush=True)
                    continue
                for text in found.wrong:
                    print(text, flush=True)
                yield found
            if count % 100 == 0:
                print(f"{count} tried, {time.monotonic() - began:.0f} s", flush=True)


def main() -> int:
    """Try instances; exit code 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=120.0, help="what each method may take for an instance")
    parser.add_argument("--checks", type=int, default=1, help="one plan in so many instances is checked")
    parser.add_argument("--keep", type=Path, help="file that takes a line for each instance; a run goes on from it")
    parser.add_argument("--join", type=Path, nargs="+", help="make the table of such files instead of new trials")
    parser.add_argument("--write", type=Path, help="page whose table is written anew")
    options = parser.parse_args()
    found, codes = trials(options.join or ([options.keep] if options.keep else []))
    if not options.join:
        code = code_sha256()[:16]
        for new in _trials(range(options.first, options.first + options.count), set(found), options):
            found[new.number] = new
            codes.add(code)
            if options.keep is not None:
                with options.keep.open("a", encoding="utf-8") as stream:
                    stream.write(line(new, code) + "\n")
    text = table(found.values(), codes)
    if options.write is not None:
        fill(options.write, "bounds", text)
    print(text)
    return int(any(item.wrong for item in found.values()))


if __name__ == "__main__":
    sys.exit(main())
