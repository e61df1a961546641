"""Inject faults and count what is lost: ``python -m tests.faults --times N --kills N --write FILE``."""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.between import fill
from tests.faults.kind import NotComeError
from tests.faults.kinds import KINDS, Kind
from tests.faults.scene import Scene, scene

KILLS = ("kill -9 while solving", "kill -9 while writing", "kill -9 while replacing")


def struck(kind: Kind, place: Scene, out: Path, seed: int) -> bool | None:
    """Bring a fault about once in a cleared scene; whether something was lost, None if it did not come to it."""
    place.clear()
    place.out, place.options = out, kind.options
    try:
        kind.strike(place, random.Random(seed))
    except NotComeError:
        return None
    except Exception:
        print(f"LOST: {kind.name}, seed {seed}", file=sys.stderr)
        traceback.print_exc()
        return True
    return False


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


def _add(rows: dict[str, Row], row: Row) -> None:
    before = rows.get(row.name, Row(row.name, 0, 0, 0.0))
    rows[row.name] = Row(
        row.name, before.times + row.times, before.lost + row.lost, round(before.seconds + row.seconds, 1)
    )  # fmt: skip


def _times(kind: Kind, options: argparse.Namespace) -> int:
    """How often a kind is to be brought about."""
    if options.only and kind.name not in options.only:
        return 0
    if kind.name in KILLS and options.kills is not None:
        return int(-(-options.kills // len(KILLS)))
    return int(options.times)


def _strike(
    wanted: dict[str, int], seed: int, save: Path | None, rows: dict[str, Row], stack: contextlib.ExitStack
) -> None:  # fmt: skip
    """Every kind in turn, again and again until each has come as often as wanted; counts are saved after each."""
    places: dict[str, Scene] = {}
    for number in range(max(wanted.values(), default=0)):
        for kind in KINDS:
            if number >= wanted[kind.name]:
                continue
            if kind.name not in places:
                places[kind.name] = stack.enter_context(scene(kind.case(), *kind.options))
            at, place = time.monotonic(), places[kind.name]
            lost = struck(kind, place, place.folder / "out", seed + number)
            if lost is None:
                print(f"{kind.name}, seed {seed + number}: the run ended before", flush=True)
                continue
            _add(rows, Row(kind.name, 1, int(lost), round(time.monotonic() - at, 1)))
            print(f"{kind.name}, seed {seed + number}: {'LOST' if lost else 'nothing lost'}", flush=True)
            if save is not None:
                save.write_text(json.dumps([asdict(row) for row in rows.values()], indent=1))


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
    rows: dict[str, Row] = {}
    for file in options.join or ():
        for saved in json.loads(file.read_text()):
            _add(rows, Row(**saved))
    if not options.join:
        wanted = {kind.name: _times(kind, options) for kind in KINDS}
        with contextlib.ExitStack() as stack:
            _strike(wanted, options.seed, options.save, rows, stack)
    table = page(list(rows.values()))
    if options.write is not None:
        fill(options.write, "faults", table)
    print(table)
    return int(any(row.lost for row in rows.values()))


if __name__ == "__main__":
    sys.exit(main())
