"""Type the pages as a newcomer would: every file, command and script, in an empty folder, against what the page shows.

A fenced block with a title is a file. ``sh`` and ``python`` blocks are run. A ``text`` block below one of them is what
it must print: each line of it, in this order, spaces aside; lines ``...`` stand for any. ``<!-- walk: long -->`` above
a block leaves it to ``--long``, ``<!-- walk: no -->`` leaves it out.

    python docs/walk.py [--long] [--bin DIR] [PAGE ...]        (make walk: in an environment made from the wheel)
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).resolve().parent.parent

WALKED = (
    "README.md",
    "docs/paths/planner.md",
    "docs/paths/official.md",
    "docs/paths/researcher.md",
    "docs/zh/planner.md",
    "docs/zh/official.md",
    "docs/install.md",
    "docs/python.md",
    "docs/studies.md",
)
"""Pages that are typed."""

IN_CHECKOUT = {"docs/studies.md"}
"""Pages whose commands name files of the repository; ``instances`` lies in their folder."""

_BLOCK = re.compile(
    r"(?:^<!-- walk: (?P<how>long|no) -->\n+)?^```(?P<kind>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$",
    flags=re.M | re.S,
)

_EXPORT = re.compile(r"^export (\w+)=(\S+)$", flags=re.M)


@dataclass(frozen=True)
class Step:
    """A block of a page: a file to write, or what is to be run and lines that it prints."""

    line: int
    kind: str
    text: str
    title: str = ""
    long: bool = False
    shows: tuple[str, ...] = ()


def steps(page: str) -> Iterator[Step]:
    """What a page has its reader do, in its order."""
    last: Step | None = None
    for found in _BLOCK.finditer(page):
        kind, text, title = found["kind"], found["text"], found["title"] or ""
        if found["how"] == "no":
            continue
        step = Step(page[: found.start("kind")].count("\n") + 1, kind, text, title, found["how"] == "long")
        if title:
            step = Step(step.line, "file", text, title)
        elif kind == "text" and last is not None:
            last = Step(last.line, last.kind, last.text, last.title, last.long, last.shows + tuple(text.splitlines()))
            continue
        elif kind not in ("sh", "python"):
            continue
        if last is not None:
            yield last
        last = step
    if last is not None:
        yield last


def missing(shows: Iterable[str], printed: str) -> str | None:
    """The first line that a page shows and the output does not have at or after the place of the one before."""
    lines = iter([" ".join(line.split()) for line in printed.splitlines()])
    for shown in shows:
        wanted = " ".join(shown.split())
        if wanted in ("", "..."):
            continue
        if all(line != wanted for line in lines):
            return shown
    return None


def exported(step: Step) -> dict[str, str]:
    """What a step sets for those after it: a reader types them all into one terminal."""
    return dict(_EXPORT.findall(step.text)) if step.kind == "sh" else {}


def run(step: Step, folder: Path, bin_folder: Path, kept: Mapping[str, str] = MappingProxyType({})) -> str:
    """Do what a step says, with what was ``kept`` of steps before; what it printed.

    RuntimeError if it fails or prints something else.
    """
    if step.kind == "file":
        (folder / step.title).write_text(step.text, encoding="utf-8")
        return ""
    script = folder / ("typed.py" if step.kind == "python" else "typed.sh")
    script.write_text(step.text, encoding="utf-8")
    shell = [str(bin_folder / "python")] if step.kind == "python" else ["bash", "-e"]
    environment = {
        **os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "COLUMNS": "120", "PYTHONDONTWRITEBYTECODE": "1",
        **kept,
    }  # fmt: skip
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [*shell, script.name], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    script.unlink()
    if done.returncode:
        raise RuntimeError(f"ended with code {done.returncode}:\n{done.stdout}")
    if (line := missing(step.shows, done.stdout)) is not None:
        raise RuntimeError(f"does not print {line!r} in its place:\n{done.stdout}")
    return done.stdout


def walk(name: str, bin_folder: Path, *, long: bool) -> int:
    """Type a page; the number of steps that failed, after which the page is left."""
    with tempfile.TemporaryDirectory(prefix="hubopt-walk-") as place:
        folder = Path(place)
        if name in IN_CHECKOUT:
            (folder / "instances").symlink_to(ROOT / "instances")
        kept: dict[str, str] = {}
        for step in steps((ROOT / name).read_text(encoding="utf-8")):
            if step.long and not long:
                continue
            began = time.monotonic()
            try:
                run(step, folder, bin_folder, kept)
            except RuntimeError as error:
                print(f"{name}:{step.line}: {error}")
                return 1
            kept |= exported(step)
            print(f"{name}:{step.line}: {step.title or step.kind}, {time.monotonic() - began:.0f} s", flush=True)
    return 0


def main() -> None:
    """Type the pages that are named, or all."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("pages", nargs="*", default=WALKED, help="pages, by their paths in the repository")
    ask.add_argument("--bin", type=Path, default=Path(sys.executable).parent, help="where hubopt and python lie")
    ask.add_argument("--long", action="store_true", help="run what takes minutes, too")
    given = ask.parse_args()
    failed = sum(walk(name, given.bin.absolute(), long=given.long) for name in given.pages)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
