"""A short fuzz run of every reader, the inputs that once broke one, and a look for readers that are not entered."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubopt.instance import InputError
from tests.fuzz.readers import READERS
from tests.fuzz.run import Tally, joined, saved, table
from tests.fuzz.watch import INPUT_MB, Escapes, changed, lay, run_seeds, watch

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).parent / "corpus"
INPUTS = 6
"""Changed inputs per reader here; ``make fuzz`` reads a hundred thousand."""

ENTRIES = sorted(path for path in CORPUS.glob("*/*") if path.is_dir())


@pytest.fixture(scope="session")
def escapes() -> Escapes:
    return Escapes()


@pytest.fixture(autouse=True)
def small_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bombs are refused at a size that a test can afford."""
    monkeypatch.setenv("HUBOPT_MAX_INPUT_MB", str(INPUT_MB))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", READERS)
def test_changed_inputs_are_read_or_refused_with_problems(name: str, tmp_path: Path, escapes: Escapes) -> None:
    """Every changed input is a valid read or a list of problems with mends; nothing else is raised or written."""
    seeds = range(9_000_000, 9_000_000 + max(2, round(INPUTS * min(1.0, READERS[name].share))))
    verdicts = run_seeds(READERS[name], seeds, tmp_path, escapes)
    faults = [f"seed {seed}: {it.why}\n{it.trace}" for seed, it in verdicts if it.outcome == "fault"]
    assert not faults, "\n".join(faults)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_once_broke_a_reader_is_refused(entry: Path, tmp_path: Path, escapes: Escapes) -> None:
    """Inputs that brought a traceback when they were found are refused with problems, or read, ever since."""
    reader = READERS[entry.parent.name]
    folder = tmp_path / "input"
    lay(folder, reader.files())
    lay(folder, {path.relative_to(entry).as_posix(): path.read_bytes() for path in entry.rglob("*") if path.is_file()})
    verdict = watch(reader, folder, escapes)
    assert verdict.outcome != "fault", f"{verdict.why}\n{verdict.trace}"


def test_the_same_seed_changes_the_same_bytes() -> None:
    """A fault can be brought back by its reader and seed."""
    for name in ("instance", "GeoPackage", ".osm.pbf"):
        assert changed(READERS[name], 7) == changed(READERS[name], 7)
        assert any(changed(READERS[name], seed) != changed(READERS[name], seed + 1) for seed in range(3))


def test_the_watch_sees_what_it_is_for(tmp_path: Path, escapes: Escapes) -> None:
    """A traceback, a refusal without a problem and a file beside the input are faults."""
    from hubopt.instance import Problem
    from tests.fuzz.reader import single

    def tracebacks(file: Path) -> None:
        raise KeyError(file.name)

    def says_nothing(file: Path) -> None:
        raise InputError([])

    def writes(file: Path) -> None:
        file.with_suffix(".new").write_text("x")

    def leaves(file: Path) -> None:
        (tmp_path.parent / "left-behind").write_text("x")

    def refuses(file: Path) -> None:
        raise InputError([Problem(file.name, "is wrong", "mend it")])

    expected = {tracebacks: "fault", says_nothing: "fault", writes: "fault", leaves: "fault", refuses: "refused"}
    for number, (read, outcome) in enumerate(expected.items()):
        folder = tmp_path / str(number)
        lay(folder, {"a.txt": b"x"})
        assert watch(single("x", "a.txt", b"x", read), folder, escapes).outcome == outcome, read.__name__


def test_parts_of_a_long_run_are_joined(tmp_path: Path) -> None:
    """Counts that were saved add up, faults too."""
    one = {"a": Tally(5, 3, 2, slowest=0.5)}
    other = {"a": Tally(4, 1, 2, Counter({"KeyError": 1}), 0.2, {"KeyError": 7}), "b": Tally(1, 1, 0)}
    files = [tmp_path / "one", tmp_path / "other"]
    for file, tallies in zip(files, (one, other), strict=True):
        file.write_text(saved(tallies), encoding="utf-8")
    assert "| a | 9 | 4 | 4 | 1 | 0.50 |" in table(joined(files))
    assert "| all | 10 | 5 | 4 | 1 | 0.50 |" in table(joined(files))
    assert joined(files)["a"].seed_of == {"KeyError": 7}


OPENERS = {
    "read_csv", "read_parquet", "read_file", "read_dataframe", "ParquetFile", "FileProcessor", "load_graphml", "loads",
    "load", "read_text", "read_bytes", "read_excel", "read_json", "literal_eval", "ZipFile",
}  # fmt: skip
"""Calls that take in a file, or the text of one."""

NOT_READERS = {
    "hubopt.data.ground.regions.known_regions": "a table of the package itself",
    "hubopt.data.gateways.known.known_gateways": "a table of the package itself",
    "hubopt.data.travel.legs.load_arrays": "a cache that hubopt wrote, numbers only, without pickle",
    "hubopt.data.travel.legs.read_legs": "a cache that hubopt wrote, numbers only, without pickle",
    "hubopt.data.pipeline.ground.read_ground": "calls the readers of each table and layer",
    "hubopt.instance.intake.unfit_unpacked": "looks at sizes only; all readers call it",
    "hubopt.data.roads.overpass.download": "answers of a server; recorded ones are read by answer_of",
    "hubopt.data.roads.overpass.ask": "answers of a server; recorded ones are read by answer_of",
    "hubopt.data.overview.overview": "instances and recipes, by their own readers",
    "hubopt.data.pipeline.run.build": "copies the files of a recipe as they are",
    "hubopt.study.scenarios.question.read_record": "a result that is solved anew if it is not whole",
    "hubopt.study.scenarios.runner.run_study": "copies the study file that read_study has read",
    "hubopt.study.scenarios.work.answer": "the result that the run itself has just written",
    "hubopt.instance.text.decoded": "bytes that read_text has read",
    "hubopt.instance.trees.toml_of": "text that read_toml has read",
    "hubopt.instance.trees.json_of": "text that its callers, all of them entered, have read",
}
"""Public functions that take in files and need no entry, and why."""


def _functions(module: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    dotted = ".".join(module.relative_to(ROOT).with_suffix("").parts)
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            yield f"{dotted}.{node.name}", node


def public_readers() -> dict[str, str]:
    """Public functions that take in files: named read_..., or calling one of :data:`OPENERS`; and why."""
    found = {}
    for room in ("instance", "solution", "data", "formats", "study"):
        for module in sorted((ROOT / "hubopt" / room).rglob("*.py")):
            for name, node in _functions(module):
                short = node.name
                calls = {
                    part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
                    for part in ast.walk(node)
                    if isinstance(part, ast.Call)
                }
                if short.startswith("_"):
                    continue
                if short.startswith("read_"):
                    found[name] = "is called read_..."
                elif calls & OPENERS:
                    found[name] = f"calls {', '.join(sorted(calls & OPENERS))}"
    return found


def test_every_public_reader_is_entered() -> None:
    """A function that takes in files is exercised by an entry of the registry, or it is said why it need not be."""
    covered = {name for reader in READERS.values() for name in reader.covers}
    lost = {name: why for name, why in public_readers().items() if name not in covered and name not in NOT_READERS}
    assert not lost, "enter them in tests/fuzz/of_*.py: " + "; ".join(f"{name} ({why})" for name, why in lost.items())


def test_what_the_registry_names_exists() -> None:
    """No entry names a function that has gone."""
    every = {name for module in sorted((ROOT / "hubopt").rglob("*.py")) for name, _ in _functions(module)}
    named = {name for reader in READERS.values() for name in reader.covers}
    assert named <= every, sorted(named - every)
