"""SMPS files of stochastic server location: a made-up one against trying everything, and mistakes by name."""

from __future__ import annotations

import gzip
import itertools
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hubopt.cli import app
from hubopt.formats.imports import Options, import_file
from hubopt.formats.imports.servers import SCENARIOS, smps_scenarios
from hubopt.instance import InputError, validate
from hubopt.study.stochastic.run import stochastic
from hubopt.study.stochastic.scenarios import read_scenarios
from hubopt.study.stochastic.types import Question
from tests.formats.test_import_published import FOLDER, published
from tests.study.stochastic.conftest import quick

__all__ = ["quick"]

FIXED, CAPACITY, PRICE, MOST = (7.0, 4.0, 6.0), 10.0, 3.0, 2
GAIN = ((9, 4, 0, 7), (3, 8, 5, 6), (6, 2, 7, 9))
"""What client (column) pays at server (row), which is its load there; 0: the column has no entry but its own row's."""
PRESENT = {"s1": (0.5, (1, 1, 0, 1)), "s2": (0.3, (1, 0, 1, 1)), "s3": (0.2, (1, 1, 1, 1))}


def core() -> str:
    """The core file in fields as SIPLIB writes them."""
    lines = ["NAME  made_up", "ROWS", " N obj", " G c1", *(f" G u{j}" for j in range(3))]
    lines += [*(f" E h{i}" for i in range(4)), "COLUMNS", "    M0 'MARKER' 'INTORG'"]
    lines += [f"    x{j} obj {FIXED[j]:g} c1 -1\n    x{j} u{j} {CAPACITY:g}" for j in range(3)]
    for i, j in itertools.product(range(4), range(3)):
        gain = GAIN[j][i]
        lines.append(f"    y{i}{j} h{i} 1" + (f" obj -{gain}\n    y{i}{j} u{j} -{gain}" if gain else ""))
    lines += ["    M1 'MARKER' 'INTEND'", *(f"    o{j} obj {PRICE:g} u{j} 1" for j in range(3)), "RHS"]
    lines += [f"    rhs c1 -{MOST}", *(f"    rhs h{i} 1" for i in range(4)), "BOUNDS"]
    lines += [f" UP bnd x{j} 1" for j in range(3)]
    lines += [f" UP bnd y{i}{j} 1" for i, j in itertools.product(range(4), range(3))]
    return "\n".join([*lines, "ENDATA", ""])


TIME = "TIME made_up\nPERIODS LP\n    x0 c1 STAGE-1\n    y00 u0 STAGE-2\nENDATA\n"


def stoch() -> str:
    """The scenarios; the third follows from the first and changes one client."""
    lines = ["STOCH made_up", "SCENARIOS DISCRETE"]
    for name, (chance, there) in PRESENT.items():
        parent = "s1" if name == "s3" else "'ROOT'"
        lines.append(f" SC {name} {parent} {chance} STAGE-2")
        changed = [2] if name == "s3" else range(4)
        lines += [f"    RHS h{i} {there[i]}" for i in changed]
    return "\n".join([*lines, "ENDATA", ""])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The three files; the path of the core."""
    (tmp_path / "made.cor").write_text(core())
    (tmp_path / "made.tim").write_text(TIME)
    (tmp_path / "made.sto").write_text(stoch())
    return tmp_path / "made.cor"


def second_stage(opened: Sequence[int], there: Sequence[int], barred: Sequence[tuple[int, int]] = ()) -> float:
    """The least cost of serving the clients that are there, by trying every way (client, server) that is not barred."""
    clients = [i for i in range(4) if there[i]]
    least = math.inf
    for served in itertools.product(range(3), repeat=len(clients)):
        load = [0.0] * 3
        for i, j in zip(clients, served, strict=True):
            load[j] += GAIN[j][i]
        beyond = sum(max(0.0, load[j] - CAPACITY * opened[j]) for j in range(3))
        if not any(way in barred for way in zip(clients, served, strict=True)):
            least = min(least, PRICE * beyond - sum(load))
    return least


def least_of(
    outcomes: Iterable[tuple[float, Sequence[int]]],
    *,
    fewest: int = 0,
    most: int = MOST,
    barred: Sequence[tuple[int, int]] = (),
) -> float:
    """The least expected cost with between ``fewest`` and ``most`` servers, by trying every set of them."""
    known = list(outcomes)
    return min(
        sum(fixed * flag for fixed, flag in zip(FIXED, opened, strict=True))
        + sum(chance * second_stage(opened, there, barred) for chance, there in known)
        for opened in itertools.product((0, 1), repeat=3)
        if fewest <= sum(opened) <= most
    )


def by_trying_all() -> float:
    """The least expected cost of the program as it stands."""
    return least_of(PRESENT.values())


def test_a_made_up_program_has_the_value_of_trying_everything(files: Path, tmp_path: Path) -> None:
    """Loads on arcs, priced overflow, servers that are not open: the least expected cost is the program's own."""
    instance = import_file("smps", files)
    assert validate(instance) == []
    path = tmp_path / SCENARIOS
    path.write_text(smps_scenarios(files, Options())[SCENARIOS], encoding="utf-8")
    outcome = stochastic(instance, read_scenarios(path), Question(method="extensive", gap=1e-9, time_limit=100))
    assert outcome.status == "optimal"
    assert outcome.value.upper == pytest.approx(by_trying_all(), abs=1e-6)
    assert all(line.chosen.report is not None and line.chosen.report.ok for line in outcome.lines)


def test_the_commands_go_from_files_to_the_value(files: Path, tmp_path: Path) -> None:
    """Three gzipped files are one instance; the stochastic command finds its scenarios beside it, and writes."""
    packed = []
    for path in sorted(files.parent.glob("made.*")):
        packed.append(tmp_path / f"{path.name}.gz")
        packed[-1].write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    folder, result = tmp_path / "case", tmp_path / "result"
    done = CliRunner().invoke(app, ["import", "smps", *map(str, packed), "--out", str(folder)])
    assert done.exit_code == 0, done.output
    asked = ["stochastic", str(folder), "--out", str(result), "--gap", "1e-9", "--method", "extensive"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    record = json.loads((result / "stochastic.json").read_text(encoding="utf-8"))
    assert record["objective"] == pytest.approx(by_trying_all(), abs=1e-6)
    assert record["bound"] <= record["objective"] + 1e-9
    assert {"scenarios.csv", "scenarios.toml", "sites.csv", "policy.toml", "flows.parquet"} <= {
        path.name for path in result.iterdir()
    }
    again = CliRunner().invoke(app, asked)
    assert again.exit_code == 2


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("made.cor", "ENDATA", "", "no whole MPS file"),
        ("made.cor", "BOUNDS", "QUADOBJ", "'QUADOBJ', which is not read"),
        ("made.cor", "BOUNDS", "RANGES\n    rng u0 4\nBOUNDS", "a range in the capacity row 'u0'"),
        ("made.cor", "BOUNDS", "RANGES\n    rng h0 4\nBOUNDS", "a range in the row 'h0'"),
        ("made.cor", "BOUNDS\n", "BOUNDS\n LO bnd y00 1\n", "'y00' that may not be 0"),
        ("made.cor", "BOUNDS\n", "BOUNDS\n UP bnd o1 5\n", "overflow 'o1' with limits"),
        ("made.cor", "h0 1", "nowhere 1", "which is not among the rows"),
        ("made.cor", "obj -9", "obj nine", "'nine' where a number is expected"),
        ("made.cor", " UP bnd x0 1", " UP bnd x0 2", "not binary"),
        ("made.cor", "x1 obj 4 c1 -1", "x1 obj 4 c1 -2", "no limit on the number of servers"),
        ("made.cor", f"rhs c1 -{MOST}", "rhs c1 1", "at least 0 and at most -1 of 3 servers"),
        ("made.tim", "    y00 u0 STAGE-2\n", "", "has 1 periods"),
        ("made.tim", "y00 u0", "y00 v0", "is no period"),
        ("made.sto", "0.5", "0.4", "sum to 0.9"),
        ("made.sto", "SCENARIOS", "NODES", "'NODES', which is not read"),
        ("made.sto", "DISCRETE", "ADD", "of the kind 'ADD'"),
        ("made.sto", "SCENARIOS DISCRETE", "INDEP NORMAL", "of the kind 'NORMAL'"),
        ("made.sto", "SCENARIOS", "INDEP", "'ROOT' where a number is expected"),
        ("made.sto", "RHS h0 1", "RHS h0 2", "neither once nor not at all"),
        ("made.sto", "RHS h0 1", "RHS u0 1", "is no client's"),
        ("made.sto", "SC s2 'ROOT'", "SC s2 s9", "is no scenario"),
    ],
)
def test_mistakes_are_named(files: Path, name: str, old: str, new: str, told: str) -> None:
    """A damaged or different file is refused with its name and what is wrong."""
    path = files.parent / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=told) as caught:
        smps_scenarios(files, Options())
    assert caught.value.problems[0].file == name


def test_a_missing_file_is_named(files: Path) -> None:
    """The three files belong together, and other endings are none of SMPS."""
    (files.parent / "made.tim").unlink()
    with pytest.raises(InputError, match=r"has no made\.tim beside it"):
        import_file("smps", files)
    with pytest.raises(InputError, match="no ending of SMPS"):
        import_file("smps", files.parent / "made.txt")


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the published files are not here (HUBOPT_BENCH)")
def test_a_published_program_is_read_whole(tmp_path: Path) -> None:
    """sslp_5_25_50: with the servers of its published optimum open, no scenario alone is below what bounds it."""
    path = FOLDER / "sslp" / "sslp_5_25-50.cor"
    instance = import_file("smps", path)
    assert (len(instance.sites), len(instance.zones)) == (5 + 1, 25)
    file = tmp_path / SCENARIOS
    file.write_text(smps_scenarios(path, Options())[SCENARIOS], encoding="utf-8")
    scenarios = read_scenarios(file)
    assert len(scenarios.scenarios) == 50
    few = scenarios.model_copy(update={"scenarios": scenarios.scenarios[:3]})
    outcome = stochastic(instance, few, Question(gap=1e-6, time_limit=60))
    assert outcome.status == "optimal"
    assert outcome.alone.upper <= outcome.value.upper + 1e-6
    assert published("sslp", "sslp_5_25_50") == -121.6


def _expected(files: Path) -> float:
    instance = import_file("smps", files)
    assert validate(instance) == []
    path = files.parent / SCENARIOS
    path.write_text(smps_scenarios(files, Options())[SCENARIOS], encoding="utf-8")
    outcome = stochastic(instance, read_scenarios(path), Question(method="extensive", gap=1e-9, time_limit=100))
    assert outcome.status == "optimal"
    return outcome.value.upper


INDEPENDENT = """STOCH made_up
INDEP DISCRETE
    RHS h0 1 STAGE-2 0.75
    RHS h0 0 STAGE-2 0.25
    RHS h2 0 0.5
    RHS h2 1 0.5
ENDATA
"""
BLOCKS = """STOCH made_up
BLOCKS DISCRETE
 BL first STAGE-2 0.75
    RHS h0 1 h1 0
 BL first STAGE-2 0.25
    RHS h0 0
 BL second 0.5
    RHS h2 0
 BL second 0.5
    RHS h2 1
ENDATA
"""


@pytest.mark.parametrize(("text", "second"), [(INDEPENDENT, 1), (BLOCKS, 0)])
def test_what_varies_on_its_own_is_multiplied_out(files: Path, text: str, second: int) -> None:
    """Independent rows and blocks are every combination; a block's later line leaves what it does not name."""
    files.with_suffix(".sto").write_text(text)
    outcomes = [
        (one * other, (first, second, third, 1))
        for one, first in ((0.75, 1), (0.25, 0))
        for other, third in ((0.5, 0), (0.5, 1))
    ]
    assert _expected(files) == pytest.approx(least_of(outcomes), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (INDEPENDENT.replace("0.25", "0.5"), "chances of row h0 that sum to 1.25"),
        (INDEPENDENT.replace("RHS h2 1 0.5", "RHS h2 1"), "is no value of a row"),
        (BLOCKS.replace(" BL first STAGE-2 0.75\n", ""), "stands before the first block"),
        (BLOCKS.replace("RHS h2 1", "RHS h0 1"), "of block first and of block second what the row 'h0' is"),
        (BLOCKS.replace("ENDATA", "SCENARIOS\n SC a ROOT 1\nENDATA"), "has scenarios beside"),
        (
            "STOCH\nINDEP\n" + "".join(f" RHS h{i % 4} {i} 0.01\n" for i in range(400)) + "ENDATA\n",
            r"4 rows or blocks that vary on their own: 1e\+08 outcomes",
        ),
    ],
)
def test_independent_outcomes_that_are_not_sound_are_named(files: Path, text: str, told: str) -> None:
    """Chances, forms and numbers of outcomes that cannot be are refused."""
    files.with_suffix(".sto").write_text(text)
    with pytest.raises(InputError, match=told):
        smps_scenarios(files, Options())


@pytest.mark.parametrize(
    ("changes", "fewest", "most"),
    [
        ({" G c1": " E c1"}, 2, 2),
        ({"BOUNDS\n": "RANGES\n    rng c1 1\nBOUNDS\n", "rhs c1 -2": "rhs c1 -3"}, 2, 3),
        ({" G c1": " L c1", "rhs c1 -2": "rhs c1 -3"}, 3, 3),
    ],
)
def test_servers_may_have_a_least_number(files: Path, changes: dict[str, str], fewest: int, most: int) -> None:
    """An equation, a range or a limit from below on the number of servers holds."""
    text = files.read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    files.write_text(text)
    assert _expected(files) == pytest.approx(least_of(PRESENT.values(), fewest=fewest, most=most), abs=1e-6)


def test_what_mps_says_between_the_lines_counts(files: Path) -> None:
    """A constant (the objective's right-hand side with the other sign), free rows, binaries without a bound, no way."""
    text = files.read_text().replace("RHS\n", "RHS\n    rhs obj -100 c1 -2\n", 1).replace(f"    rhs c1 -{MOST}\n", "")
    text = text.replace(" N obj\n", " N obj\n N other\n").replace("    x0 obj 7", "    x0 other 3\n    x0 obj 7")
    text = text.replace(" UP bnd x0 1\n", "").replace(" UP bnd y00 1", " UP bnd y00 0")
    files.write_text(text)
    assert _expected(files) == pytest.approx(100 + least_of(PRESENT.values(), barred=((0, 0),)), abs=1e-6)
