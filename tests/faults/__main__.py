"""Inject faults and count what is lost: ``python -m tests.faults --times N --kills N --write FILE``."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.faults.kinds import KINDS, Kind
from tests.faults.scene import scene

KILLS = ("kill -9 while solving", "kill -9 while writing", "kill -9 while replacing")


def struck(kind: Kind, times: int, seed: int) -> int:
    """Bring a fault about so many times; how often something was lost."""
    lost = 0
    with scene(kind.case(), *kind.options) as place:
        out, options = place.out, place.options
        for number in range(times):
            place.clear()
            place.out, place.options = out, options
            try:
                kind.strike(place, random.Random(seed + number))
            except Exception:
                lost += 1
                print(f"LOST: {kind.name}, seed {seed + number}", file=sys.stderr)
                traceback.print_exc()
    return lost


@dataclass(frozen=True)
class Row:
    """How often a kind of fault was brought about and how often something was lost."""

    name: str
    times: int
    lost: int
    seconds: float


def page(rows: list[Row]) -> str:
    """The table as Markdown, in the order of the kinds."""
    found = {row.name: row for row in rows}
    known = [(kind, found[kind.name]) for kind in KINDS if kind.name in found]
    lines = [
        "| fault | brought about by | what is kept | times | lost |",
        "| --- | --- | --- | ---: | ---: |",
        *(f"| {kind.name} | {kind.how} | {kind.keeps} | {row.times} | {row.lost} |" for kind, row in known),
    ]
    total, lost, seconds = (sum(getattr(row, name) for _, row in known) for name in ("times", "lost", "seconds"))
    closing = f"{len(known)} kinds of fault, {total} injected, {lost} with a loss; {seconds / 60:.0f} minutes."
    return "\n".join([*lines, "", closing])


BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


def main() -> int:
    """Run what was asked; exit code 1 if anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="a kind by name; may be repeated")
    parser.add_argument("--times", type=int, default=3, help="how often each kind is brought about")
    parser.add_argument("--kills", type=int, help="how often kill -9 is, over its kinds together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path, help="page whose table is written anew")
    parser.add_argument("--save", type=Path, help="file (JSON) that takes the counts")
    parser.add_argument("--join", type=Path, nargs="+", help="make the table of saved counts instead of new ones")
    options = parser.parse_args()
    rows: list[Row] = []
    for file in options.join or ():
        rows += [Row(**row) for row in json.loads(file.read_text())]
    for kind in KINDS if not options.join else ():
        if options.only and kind.name not in options.only:
            continue
        times = options.times
        if kind.name in KILLS and options.kills is not None:
            times = -(-options.kills // len(KILLS))
        if times == 0:
            continue
        at = time.monotonic()
        lost = struck(kind, times, options.seed)
        rows.append(Row(kind.name, times, lost, round(time.monotonic() - at, 1)))
        print(f"{kind.name}: {times} times, {lost} lost, {time.monotonic() - at:.0f} s", flush=True)
        if options.save is not None:
            options.save.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    table = page(rows)
    if options.write is not None:
        text = options.write.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        options.write.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
    print(table)
    return int(any(row.lost for row in rows))


if __name__ == "__main__":
    sys.exit(main())
