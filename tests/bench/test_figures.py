"""What runs amount to: gaps, times to gaps, sums, profiles, contradictions, records; tables and pages of them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from hubopt.bench.aims import aims
from hubopt.bench.figures import (
    contradictions,
    gap_of,
    is_disturbed,
    latest,
    profile,
    records,
    seconds_to,
    solving_seconds,
    summaries,
)
from hubopt.bench.output import write_output
from hubopt.bench.pages import _machines, comparison, write_pages
from hubopt.bench.tables import instance_table, remarks, run_lines, suite_tables, summary_table
from hubopt.texts import Texts
from tests.bench.runs import run


def test_times_to_gaps_are_read_from_the_trace() -> None:
    """The first point whose gap is small enough counts; a run without one counts if it ended there."""
    one = run("a", "hubopt auto")
    assert seconds_to(one, 0.2) == 1.0
    assert seconds_to(one, 0.01) == 2.0
    assert seconds_to(run("a", "CBC", trace=[]), 0.0001) == 2.0
    assert seconds_to(run("a", "SCIP", bound=90.0, trace=[[1.0, 100.0, 90.0]]), 0.01) is None
    assert gap_of(-20.0, -25.0) == pytest.approx(0.25)
    assert gap_of(None, 1.0) is None


def test_sums_count_the_limit_where_nothing_was_proved() -> None:
    """Two instances, one unsolved: its limit counts, its gap is the worst; skipped runs do not count at all."""
    runs = [
        run("a", "hubopt auto"),
        run("b", "hubopt auto", state="feasible", bound=90.0, seconds=9.5),
        run("a", "CBC", state="skipped", objective=None, bound=None, seconds=None, note="not there"),
        run("a", "SCIP", checked=False),
    ]
    ours, theirs = summaries(runs)
    assert (ours.instances, ours.solved, ours.seconds) == (2, 1, 12.0)
    assert ours.mean_seconds == pytest.approx(math.sqrt(3 * 11) - 1)
    assert ours.worst_gap == pytest.approx(0.1)
    assert (theirs.solver, theirs.solved, theirs.unchecked) == ("SCIP", 0, 1)


def test_profile_compares_where_all_were_run() -> None:
    """Ratios to the quickest; an instance that one of them was not run on, or none solved, is left out."""
    runs = [
        run("a", "hubopt auto", seconds=4.0), run("a", "HiGHS", seconds=2.0),
        run("b", "hubopt auto", seconds=1.0), run("b", "HiGHS", state="feasible"),
        run("c", "HiGHS"),
        run("d", "hubopt auto", state="feasible"), run("d", "HiGHS", state="no-solution"),
    ]  # fmt: skip
    assert profile(runs) == {"hubopt auto": [2.0, 1.0], "HiGHS": [1.0, math.inf]}


def test_a_bound_beyond_a_checked_answer_is_a_contradiction() -> None:
    """A bound above somebody's checked answer, or a published value, is told; for what is maximised the other way."""
    assert contradictions([run("a", "hubopt auto"), run("a", "SCIP", objective=103.0, bound=101.0)])
    assert not contradictions([run("a", "hubopt auto", checked=False), run("a", "SCIP", objective=103.0, bound=101.0)])
    assert contradictions([run("a", "hubopt auto", known=99.0)])
    assert not contradictions([run("a", "hubopt auto", sense="max", bound=101.0)])
    assert contradictions([run("a", "hubopt auto", sense="max", bound=99.0)])


def test_records_are_checked_and_better_or_newly_proven() -> None:
    """Better than published, or proven where it was not; not unchecked ones, nor those of rivals."""
    better = run("a", "hubopt auto", known=101.0, known_proven=True)
    proven = run("b", "hubopt auto", known=100.0, known_proven=False)
    others = [
        run("c", "hubopt auto", known=101.0, checked=False),
        run("d", "HiGHS", known=101.0),
        run("e", "hubopt auto", known=100.0, known_proven=True),
        run("f", "hubopt auto", known=99.0, known_proven=False, state="feasible"),
    ]
    assert records([better, proven, *others]) == [better, proven]
    assert records([better, run("a", "HiGHS", objective=102.0, bound=101.5, known=101.0)]) == []


def test_latest_runs_have_one_set_of_limits() -> None:
    """A page shows the newest run of each solver on each instance, and no runs with other limits beside them."""
    old, new = run("a", "HiGHS", seconds=9.0), run("a", "HiGHS", seconds=1.0)
    other = run("b", "HiGHS", limit_seconds=99.0)
    assert latest([old, other, new]) == [new]
    assert latest([]) == []


def test_families_with_limits_of_their_own_have_tables_of_their_own() -> None:
    """The newest limits of each family count; each limit is a table, said above it."""
    short, long = run("a", "HiGHS", family="one"), run("b", "HiGHS", family="two", limit_seconds=99.0)
    assert latest([short, run("b", "HiGHS", family="two"), long]) == [short, long]
    text = "\n".join(suite_tables([short, long]))
    assert text.index("10 s for each run") < text.index("| a |") < text.index("99 s for each run") < text.index("| b |")


def test_aims_say_what_was_reached_and_what_was_missed() -> None:
    """Each instance within time, gap and distance; totals against HiGHS's, whose limit counts where it failed."""
    family = {"family": "orlib_cflp", "known": 100.0, "known_proven": True}
    ours = [
        run("cap41", "hubopt auto", **family),
        run("capa1", "hubopt auto", **family, state="feasible", objective=101.0, seconds=10.0),
    ]
    theirs = [run("cap41", "HiGHS", **family, seconds=1.0), run("capa1", "HiGHS", **family, state="feasible")]
    each, total, large = (verdict.told for verdict in aims([*ours, *theirs], "hubopt auto"))
    assert "within 60 s (the limit here was 10 s)" in each
    assert "reached on 1 of 2, missed on capa1 (1.000 % above, gap 0.990 %, 10.0 s)." in each
    assert "12.0 and 11.0 s, 1.09 times (1 of hubopt's and 1 of HiGHS's not solved count the limit): reached" in total
    assert "on capa, capb and capc at most 0.33 times HiGHS's seconds: 10.0 and 10.0 s" in large and "missed" in large
    near = {"family": "tscflp_fernandes2014", "known": 100.0, "known_proven": False, "state": "feasible"}
    for bound, objective, word in ((99.7, 100.0, "reached on all 2"), (99.0, 100.0, "1 of 2"), (99.9, 100.2, "1 of 2")):
        runs = [run("a", "hubopt auto", **near), run("b", "hubopt auto", **near, bound=bound, objective=objective)]
        assert word in aims(runs, "hubopt auto")[0].told
    assert aims([run("a", "hubopt auto")], "hubopt auto") == []
    two = aims([run("a", "hubopt auto", family="hub"), run("b", "hubopt auto", family="pmedian")], "hubopt auto")
    assert all(verdict.reached for verdict in two)
    assert [verdict.told for verdict in two] == [
        "Aim (hub): each proven: reached on 1.",
        "Aim (pmedian): each proven: reached on 1.",
    ]


def test_tables_say_what_is_missing() -> None:
    """A failed check is marked, a skipped run has its reason, names cannot break the table."""
    runs = [
        run("a|b", "hubopt auto", known=99.0, known_proven=False, checked=False),
        run("a|b", "CBC", state="skipped", objective=None, bound=None, seconds=None, trace=None, note="not there"),
    ]
    text = "\n".join(instance_table(runs))
    assert "a\\|b" in text and "1.010 !" in text and "99 *" in text
    assert any("CBC on a|b: not there" in line for line in remarks(runs))
    assert "2.00" in run_lines(runs)[2]


def test_solving_seconds_are_the_same_for_all() -> None:
    """hubopt's without building and check, a rival's as they are; a sum says nothing where one run did not count."""
    ours, theirs = run("a", "hubopt auto", check_seconds=0.3), run("a", "HiGHS", process_cpu_seconds=2.5)
    assert solving_seconds(ours) == pytest.approx(1.2)
    assert solving_seconds(theirs) == 2.0
    assert solving_seconds(run("a", "hubopt auto")) is None
    own, other = summaries([ours, theirs])
    assert (own.process_cpu_seconds, other.process_cpu_seconds) == (None, 2.5)
    assert "| 1.20 | - | - |" in "\n".join(summary_table([ours, theirs]))


def test_runs_that_had_to_wait_are_marked_and_compared_by_cpu_seconds() -> None:
    """A run of one thread that had less of its core is marked; who is quicker then follows from CPU seconds."""
    waited = run("a", "hubopt auto", seconds=9.0, cpu_seconds=3.0)
    free = run("a", "HiGHS", seconds=4.0, cpu_seconds=3.9)
    assert is_disturbed(waited) and not is_disturbed(free)
    assert not is_disturbed(run("a", "HiGHS", seconds=9.0, cpu_seconds=3.0, threads=2))
    assert not is_disturbed(run("a", "HiGHS", seconds=0.1, cpu_seconds=0.01))
    assert not is_disturbed(run("a", "HiGHS"))
    text = "\n".join(instance_table([waited, free]))
    assert "9.00° | 3.00" in text and "4.00 | 3.90" in text
    (sentence,) = comparison([waited, free])
    assert "quicker on 1 and slower on 0" in sentence and "3.00 and 3.90 CPU s" in sentence
    assert "9.00 and 4.00 s" in comparison([waited, run("a", "HiGHS", seconds=4.0)])[0]
    said = list(_machines([waited, free, run("b", "HiGHS", load=5.0)]))
    assert "65 % on average, 33 % at least" in said[2]
    assert "left 1 of 3 runs" in said[3] and "1 of 3 runs did not count" in said[4]
    assert [item.cpu_seconds for item in summaries([waited, free, run("b", "HiGHS")])] == [3.0, None]


def test_output_and_pages(tmp_path: Path) -> None:
    """Tables, charts and better answers are written; the page says who is ahead, from the figures."""
    runs = [
        run("a", "hubopt auto", known=101.0, known_proven=False),
        run("a", "HiGHS", known=101.0, known_proven=False, seconds=8.0),
        run("b", "hubopt auto", state="feasible", bound=99.0),
        run("b", "HiGHS", state="feasible", bound=90.0),
    ]
    folder = tmp_path / "all" / "orlib"
    names = [path.name for path in write_output(runs, folder, Texts("zh"), (), scale=False)]
    assert {"runs.parquet", "traces.parquet", "table.md", "bench-profile.svg", "bench-above.svg", "a.json"} <= set(
        names
    )
    assert "bench-progress-a.svg" in names
    assert all("mathdefault" not in (folder / name).read_text() for name in names if name.endswith(".svg"))
    frame = pd.read_parquet(folder / "runs.parquet")
    assert list(frame["gap"].round(6)) == [0, 0, 0.01, 0.1]
    assert frame["to_0.01%"].tolist()[:2] == [2.0, 2.0]
    assert len(pd.read_parquet(folder / "traces.parquet")) == 8
    assert json.loads((folder / "answers" / "a.json").read_text())["published"] == 101.0
    (folder / "runs").mkdir()
    for number, item in enumerate(runs):
        (folder / "runs" / f"{number}.json").write_text(json.dumps(item))
    (folder / "note.md").write_text("Chosen by lot.\n")
    (page,) = write_pages(tmp_path / "all", tmp_path / "docs")
    text = page.read_text()
    assert "`hubopt bench orlib`.\n\nChosen by lot.\n\n10 s for each run" in text
    assert "| orlib | 10 | 2 | 1 | 1 | 12.0 | 18.0 | 0.500 | 5.000 | 0 of 0 |" in text
    assert page.name == "benchmarks.md" and "images/bench-orlib-profile.svg" in text
    assert (tmp_path / "docs" / "images" / "bench-orlib-profile.svg").exists()
    assert comparison(runs) == [
        "`hubopt auto` against HiGHS, 2 instances: of 1 that both solved it is quicker on 1 and slower on 0; it alone "
        "solved 0, HiGHS alone 0. On those that both solved the times add up to 2.00 and 8.00 s. Of 1 that neither "
        "solved its gap is smaller on 1, larger on 0 (means 1.000 % and 10.000 %)."
    ]
