"""Everything that is looked at, in the order in which it is told."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import hubopt
from hubopt.doctor.examined import Examined
from hubopt.doctor.packages import EXTRAS, described, extra, python, required
from hubopt.instance.shipped import shipped_folder, shipped_instances, shipped_policies

SMALL_PROGRAM = Path(__file__).with_name("small_program.py")
"""The program that HiGHS is tried on."""

OPTIMA = (2.8, 3.0)
"""Its optima, without and with whole numbers."""

SOLVER_SECONDS = 120
"""Longest that it may take; it is a matter of a second, loading included, on a machine that is not busy."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox", "microsoft-edge")
"""Browsers that are looked for by name where no desktop names one."""

FREE_MB = 200
"""Least room for results, in MB; one of Shenzhen takes 5."""

CHINESE_FILES = ("notosanscjk", "notosanssc", "sourcehansans", "pingfang", "msyh")
"""Beginnings of the names of font files with Chinese characters."""


def examine() -> list[Examined]:
    """Look at this installation and this machine."""
    own = described()
    if own is None:
        here = Examined("installed", "wrong", str(Path(hubopt.__file__).parent), "installed-mend")
        return [here, solver(), *_machine()]
    return [
        Examined("installed", "ok", f"{own.version}, {Path(hubopt.__file__).parent}"),
        python(own),
        required(own),
        solver(),
        *_machine(),
        *(extra(own, name) for name in EXTRAS),
    ]


def _machine() -> Iterator[Examined]:
    yield cases()
    yield place("folder", Path.cwd())
    yield place("scratch", Path(tempfile.gettempdir()))
    yield fonts()
    yield browser()


def solver() -> Examined:
    """HiGHS, on a program whose optimum is known, in a process of its own as every run has it."""
    command = [sys.executable, "-P", str(SMALL_PROGRAM)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SOLVER_SECONDS)
        last = ([*run.stderr.strip().splitlines()] or [""])[-1] or f"exit code {run.returncode}"
        found = [float(word) for word in run.stdout.split()] if run.returncode == 0 else []
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        found, last = [], str(error)
    if len(found) == len(OPTIMA) and all(map(math.isclose, found, OPTIMA)):
        return Examined("solver", "ok", f"highspy {version('highspy')}")
    shown = ", ".join(f"{value:g}" for value in found) or last
    return Examined("solver", "wrong", shown, "solver-mend", {"command": "pip install --force-reinstall highspy"})


def cases() -> Examined:
    """The instances and policies that come with hubopt."""
    folder = shipped_folder()
    lacks = {"tiny", "shenzhen"} - set(shipped_instances())
    if folder is None or lacks or not shipped_policies():
        found = str(folder or "-")
        return Examined("cases", "wrong", found, "cases-mend", {"command": "pip install --force-reinstall hubopt"})
    return Examined("cases", "ok", f"{', '.join(shipped_instances())} ({folder})")


def place(part: str, folder: Path) -> Examined:
    """Whether files can be written in ``folder``, and whether there is room for them."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".hubopt-doctor-") as file:
            file.write(b"hubopt")
            file.flush()
        free = shutil.disk_usage(folder).free // 10**6
    except OSError as error:
        reason = error.strerror or str(error)
        return Examined(part, "wrong", f"{folder}: {reason}", "folder-mend", {"path": str(folder)})
    found = f"{folder} ({free:,} MB)"
    if free < FREE_MB:
        return Examined(part, "wrong", found, "room-mend", {"path": str(folder), "megabytes": str(FREE_MB)})
    return Examined(part, "ok", found)


def fonts() -> Examined:
    """A font with Chinese characters for charts and PDF; pages in a browser use the reader's own."""
    import matplotlib
    from matplotlib import font_manager

    from hubopt.viz.plotting import installed_fonts
    from hubopt.viz.style import FONTS

    chosen = installed_fonts()[0]
    if chosen in FONTS[:-1]:
        return Examined("fonts", "ok", chosen)
    files = sorted(Path(path).name for path in font_manager.findSystemFonts())
    if there := [name for name in files if name.lower().startswith(CHINESE_FILES)]:
        return Examined("fonts", "optional", there[0], "fonts-stale-mend", {"path": matplotlib.get_cachedir()})
    return Examined("fonts", "optional", chosen, "fonts-mend")


def browser() -> Examined:
    """A browser that opens maps and reports."""
    try:
        return Examined("browser", "ok", webbrowser.get().name)
    except webbrowser.Error:
        pass
    if found := next(filter(None, map(shutil.which, BROWSERS)), None):
        return Examined("browser", "ok", os.fspath(found))
    return Examined("browser", "optional", "-", "browser-mend")
