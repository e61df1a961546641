"""The rooms of the package import each other one way only.

Every import statement under ``hubopt/`` is read with :mod:`ast`, wherever it stands (inside a
function and under ``TYPE_CHECKING`` too), and held against the table below.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "hubopt"
ROOT = Path(__file__).resolve().parent.parent / PACKAGE

# room -> the other rooms it may import
MAY_IMPORT: dict[str, set[str]] = {
    "texts": set(),
    "instance": set(),
    "solution": {"instance"},
    "data": {"instance"},
    "model": {"instance"},
    "check": {"instance", "solution"},
    "solve": {"instance", "solution", "model", "check"},
    "study": {"instance", "solution", "model", "check", "solve"},
    "diagnose": {"texts", "instance", "solution", "model", "check", "solve"},
    "viz": {"texts", "instance", "solution", "check"},
    "formats": {"texts", "instance", "solution", "model", "check", "solve", "viz"},
    "doctor": {"instance", "viz"},
    "api": {"instance", "solution", "check", "solve", "study", "viz"},
    "bench": {"texts", "instance", "solution", "model", "check", "solve", "study", "formats", "viz"},
    "cli": {
        "texts",
        "formats",
        "instance",
        "solution",
        "data",
        "model",
        "check",
        "solve",
        "study",
        "viz",
        "diagnose",
        "bench",
        "doctor",
        "api",
    },
}
# only these rooms know the modelling language and the solver
SOLVER_PACKAGES = {"pyomo", "highspy"}
KNOW_SOLVER = {"model", "solve", "diagnose", "formats", "bench", "doctor", "cli"}
# modules beside the rooms: the package itself, which names what the Python functions are, and ``python -m hubopt``,
# which may only call the command line
PACKAGE_MODULES = {"__init__": {"api"}, "__main__": {"cli"}}


def imported_names(source: str, module: str, *, is_package: bool = False) -> Iterator[tuple[int, str]]:
    """Yield (line, full dotted name) of everything that ``source``, being ``module``, imports.

    ``from a import b`` yields ``a.b``: only the reader of the name can tell whether b is a module.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.split(".")
                parents = parents[: len(parents) - node.level + is_package]
                base = ".".join([*parents, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
        elif isinstance(node, ast.Attribute):
            # ``import hubopt`` and then ``hubopt.room``
            if isinstance(node.value, ast.Name) and node.value.id == PACKAGE:
                yield node.lineno, f"{PACKAGE}.{node.attr}"
        elif isinstance(node, ast.Call) and node.args:
            # import_module("...") and __import__("...")
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if (
                called in {"import_module", "__import__"}
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                yield node.lineno, first.value


def room_of(name: str) -> str | None:
    """The room a dotted name lies in, or None when it lies in none."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == PACKAGE and parts[1] in MAY_IMPORT else None


def module_name(path: Path) -> str:
    parts = [PACKAGE, *path.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def violations(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """What in ``source`` breaks the rules, one line each."""
    room = room_of(module)
    if room is None:
        allowed = PACKAGE_MODULES.get("__init__" if module == PACKAGE else module.split(".")[1], set())
    else:
        allowed = MAY_IMPORT[room] | {room}
    found = []
    for line, name in imported_names(source, module, is_package=is_package):
        other = room_of(name)
        if other is not None and other not in allowed:
            found.append(f"{module}, line {line}: {room or module} must not import {name}")
        if name.split(".")[0] in SOLVER_PACKAGES and room not in KNOW_SOLVER:
            found.append(f"{module}, line {line}: {room or module} must not import {name}")
    return found


def sources() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def test_there_is_something_to_read() -> None:
    assert sources(), f"no Python file under {ROOT}"


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_run_one_way(path: Path) -> None:
    found = violations(path.read_text(encoding="utf-8"), module_name(path), is_package=path.name == "__init__.py")
    assert not found, "\n".join(found)


def test_every_module_lies_in_a_known_room() -> None:
    """A new room must be entered in the table above first, or its imports would go unread."""
    unknown = {path.relative_to(ROOT).parts[0] for path in sources()}
    unknown = {Path(part).stem for part in unknown} - set(MAY_IMPORT) - set(PACKAGE_MODULES)
    assert not unknown, f"not in MAY_IMPORT: {sorted(unknown)}"


@pytest.mark.parametrize("room", ["instance", "solution", "check"])
def test_loading_a_room_loads_no_solver(room: str) -> None:
    """The same, seen from outside: not even a third party brings the solver in."""
    if not (ROOT / room / "__init__.py").is_file():
        pytest.skip(f"{PACKAGE}.{room} is not there")
    code = (
        f"import sys, {PACKAGE}.{room}\n"
        f"rooms = {{'{PACKAGE}.model', '{PACKAGE}.solve', '{PACKAGE}.cli', *{sorted(SOLVER_PACKAGES)!r}}}\n"
        "print(*sorted(rooms & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("hubopt.instance.read", "import hubopt.solution"),
        ("hubopt.instance.read", "from hubopt import solution"),
        ("hubopt.instance.read", "from hubopt.solution import Solution"),
        ("hubopt.instance.read", "from ..solution.types import Solution"),
        ("hubopt.instance.read", "from .. import solution"),
        ("hubopt.solution.read", "import hubopt\nhubopt.model.build"),
        ("hubopt.check.rules", "def f():\n    from hubopt.model import build"),
        ("hubopt.check.rules", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import hubopt.solve"),
        ("hubopt.check.rules", "import importlib\nimportlib.import_module('hubopt.solve')"),
        ("hubopt.check.rules", "import pyomo.environ as pyo"),
        ("hubopt.check.rules", "from highspy import Highs"),
        ("hubopt.model.build", "from hubopt.solution import Solution"),
        ("hubopt.viz.map", "from hubopt.solve import solve"),
        ("hubopt.data.build", "from hubopt.solution import Solution"),
        ("hubopt.solve.run", "from hubopt.viz import write_map"),
        ("hubopt.solve.run", "from hubopt.cli import app"),
        ("hubopt", "from hubopt.instance import Instance"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str) -> None:
    assert len(violations(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("hubopt.instance.read", "from hubopt import __version__\nfrom .types import Instance"),
        ("hubopt.instance.read", "import hubopt.instance.types"),
        ("hubopt.solution.read", "from ..instance import Instance"),
        ("hubopt.model.build", "import pyomo.environ\nfrom hubopt.instance import Instance"),
        ("hubopt.solve.run", "import highspy\nfrom hubopt import check, instance, model, solution"),
        ("hubopt.viz.map", "from hubopt.check import check\nfrom hubopt.solution import Solution"),
        ("hubopt.cli", "from hubopt.solve import solve\nfrom hubopt.viz import write_map"),
        ("hubopt", "from hubopt.api import load"),
        ("hubopt.__main__", "from hubopt.cli import main"),
    ],
)
def test_a_right_import_passes(module: str, source: str) -> None:
    assert violations(source, module) == []


def test_relative_imports_in_a_package_file() -> None:
    """``.`` in ``__init__.py`` is the package itself, in any other file its parent."""
    names = [name for _, name in imported_names("from .types import A", "hubopt.instance", is_package=True)]
    assert names == ["hubopt.instance.types.A"]
    assert violations("from ..model import build", "hubopt.instance", is_package=True)
