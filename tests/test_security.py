"""Nothing is executed from data: no pickle, no eval, no shell, no YAML objects, no XML entities, in all of the tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

MODULES = {
    "pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "jsonpickle", "yaml",
    "xml.dom", "xml.sax.make_parser", "xml.sax.parse", "xmlrpc", "lxml", "code", "codeop", "pty", "telnetlib", "ftplib",
}  # fmt: skip
"""Modules that make objects, or run something, from what they read."""

CALLS = {"eval", "exec", "compile", "__import__", "execfile", "input"}
"""Names that are never called."""

METHODS = {
    "read_pickle", "to_pickle", "literal_eval", "system", "popen", "eval", "unsafe_load", "load_module", "fromstring",
    "iterparse", "XMLParser",
}  # fmt: skip
"""Methods that are never called, whatever they belong to; XML is read by parsers that refuse entities."""


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def dangers(source: str) -> Iterator[str]:
    """What in ``source`` could execute data, a line each."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            names = []
        for name in names:
            if any(name == banned or name.startswith(f"{banned}.") for banned in MODULES):
                yield f"line {node.lineno}: imports {name}"
        if not isinstance(node, ast.Call):
            continue
        called = _name(node.func)
        if called in CALLS:
            yield f"line {node.lineno}: calls {called}"
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in METHODS
            and not called.startswith(("platform.", "self."))
        ):
            yield f"line {node.lineno}: calls {called}"
        for keyword in node.keywords:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if (keyword.arg, value) in (("shell", True), ("allow_pickle", True)):
                yield f"line {node.lineno}: {keyword.arg}=True"
            if keyword.arg == "autoescape" and value is False:
                yield f"line {node.lineno}: templates without escaping"


@pytest.mark.parametrize(
    "path", sources("hubopt", "docs", "benchmarks", "audit"), ids=lambda p: p.relative_to(ROOT).as_posix()
)
def test_nothing_is_executed_from_data(path: Path) -> None:
    """No module imports or calls what makes objects, runs text or starts a shell."""
    assert not list(dangers(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "source",
    [
        "import pickle", "from pickle import load", "import yaml\nyaml.load(x)", "eval(x)", "exec(x)", "frame.eval(x)",
        "import subprocess\nsubprocess.run(x, shell=True)", "np.load(x, allow_pickle=True)", "ET.fromstring(x)",
        "ET.iterparse(x)", "pd.read_pickle(x)", "__import__(x)", "os.system(x)", "Environment(autoescape=False)",
    ],
)  # fmt: skip
def test_a_danger_is_seen(source: str) -> None:
    """The search sees each of the ways to execute data."""
    assert list(dangers(source))


def test_what_is_harmless_passes() -> None:
    """JSON, TOML, numbers without pickle, processes without a shell and compiled patterns are fine."""
    source = "import json, re\njson.loads(x)\nre.compile('a')\nnp.load(x, allow_pickle=False)\nsubprocess.run([x])\n"
    assert not list(dangers(source + "from xml.parsers import expat\n"))
