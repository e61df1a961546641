"""Marks of reviewers: read as spreadsheets save them, turned into forced sites, refused with every mistake at once."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest

from hubopt.instance import InputError, Policy, apply
from hubopt.instance.decisions import Decisions, decided, read_decisions
from hubopt.instance.policy import LevelChange
from tests.cases import tiny

HEADER = "site_id,name_zh,mark,comment,reviewer,date\n"
ROWS = 'u-west,西部转运中心,accept,近高速,李工,2026-03-01\ns1,一号站,reject,"太近, 住宅",李工,2026-03-01\n'


def written(path: Path, content: str | bytes) -> Decisions:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_decisions(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_read_however_a_spreadsheet_saved_it(tmp_path: Path, encoding: str, separator: str) -> None:
    """Encodings and separators of spreadsheets give the same marks, Chinese comments with separators included."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(csv.reader(io.StringIO(HEADER + ROWS)))
    found = written(tmp_path / "r.csv", text.getvalue().encode(encoding))
    assert found.problems == ()
    assert [(row.row, row.site, row.mark, row.comment, row.reviewer) for row in found.rows] == [
        (2, "u-west", "accept", "近高速", "李工"),
        (3, "s1", "reject", "太近, 住宅", "李工"),
    ]


def test_what_a_spreadsheet_adds_is_taken_away(tmp_path: Path) -> None:
    """A line that names the separator, blank lines, capitals, and the apostrophe before a formula do no harm."""
    text = "sep=;\r\nSite_ID;Mark;Comment\r\n\r\nu-west; Accept ;'=1+1\r\ns1;;'-later\r\ns2;;\r\n;;\r\n"
    found = written(tmp_path / "r.csv", text)
    assert found.problems == ()
    assert [(row.row, row.site, row.mark, row.comment) for row in found.rows] == [
        (4, "u-west", "accept", "=1+1"),
        (5, "s1", "comment", "-later"),
    ]


def test_marks_become_forced_sites(tmp_path: Path) -> None:
    """Accepted sites are forced open and rejected ones closed, beside the policy's own; the rest asks for nothing."""
    text = "site_id,mark,comment\nu-west,accept,\nu-west,同意,a\nu-mid,否决,\nh-port,question,?\nx-9,comment,out\n"
    policy = Policy(force_open=("h-north",), description="As agreed.")
    found = decided(tiny(), policy, written(tmp_path / "march.csv", text))
    assert found.force_open == ("h-north", "u-west") and found.force_closed == ("u-mid",)
    forced = apply(tiny(), found).sites.set_index("id")["forced"]
    assert forced["u-west"] == "open" and forced["u-mid"] == "closed"
    assert found.name_en.endswith("with review decisions") and found.name_zh.endswith("评审意见")
    assert found.description == "As agreed. Review decisions (march.csv): accepted u-west; rejected u-mid."


def test_questions_alone_change_nothing(tmp_path: Path) -> None:
    """A file of questions and comments leaves the policy as it is."""
    policy = Policy(name_en="P")
    assert decided(tiny(), policy, written(tmp_path / "r.csv", "site_id,mark\nu-west,question\n")) is policy


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """Form, unknown sites, contradictions, policy and facilities that must stay: each with its row, in one error."""
    text = (
        "site_id,mark,comment,reviewer\n"
        "u-west,approve,,\n"  # 2 no mark
        "u-wets,accept,,\n"  # 3 unknown
        "u-mid,accept,,Li\n"
        "u-mid,reject,,Wang\n"  # 5 contradiction
        ",reject,,\n"  # 6 no site
        "s1,accept,a,b,c\n"  # 7 too many cells
        "s2,reject,,\n"  # 8 forced open by the policy
        "s3,accept,,\n"  # 9 forced closed by the policy
        "u-east,reject,,\n"  # 10 must stay
    )
    case = tiny()
    stays = case.existing.iloc[[0]].assign(site="u-east", may_close=False)
    case = case.with_tables(existing=stays)
    policy = Policy(force_open=("s2",), force_closed=("s3",))
    with pytest.raises(InputError) as caught:
        decided(case, policy, written(tmp_path / "r.csv", text))
    told = {problem.row: str(problem) for problem in caught.value.problems}
    assert sorted(told) == [2, 3, 5, 6, 7, 8, 9, 10]
    assert "is no mark" in told[2] and "'u-west'" in told[3]
    assert "row 4 (Li) accepts" in told[5] and "has a mark but no site" in told[6]
    assert "5 cells" in told[7] and "forces it open" in told[8] and "forces it closed" in told[9]
    assert "may not close" in told[10]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"site_id,mark\nu-west,\xff\xff\xff\n", "row 2: is neither UTF-8 nor GBK"),
        (b"site_id,mark\nu-\0west,accept\n", "row 2: is neither UTF-8 nor GBK"),
        (b"", "is empty"),
        (b"site,verdict\nu-west,accept\n", "needs the columns site_id and mark"),
        (b'site_id,mark\n"u-west,accept\n', "is not CSV"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """What cannot be read is named with its place and mend."""
    with pytest.raises(InputError, match=says):
        decided(tiny(), Policy(), written(tmp_path / "r.csv", content))


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    """The path that was given is in the message; a folder and a pipe are refused, not waited for."""
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("pipe.csv", "."):
        assert len(read_decisions(tmp_path / name).problems) == 1
    with pytest.raises(InputError, match=r"none\.csv: there is no such file"):
        decided(tiny(), Policy(), read_decisions(tmp_path / "none.csv"))


@pytest.mark.parametrize(
    ("policy", "text", "says"),
    [
        (Policy(off=("forced_sites",)), "u-west,accept", "switches forced_sites off"),
        (Policy(levels={"utc": LevelChange(max_open=1)}), "u-west,accept\nu-mid,accept", "2 sites of level utc forced"),
        (Policy(levels={"utc": LevelChange(min_open=3)}), "u-west,reject", "2 sites of level utc to choose from"),
    ],
)
def test_marks_against_the_policy_are_refused(tmp_path: Path, policy: Policy, text: str, says: str) -> None:
    """Where forced sites do not hold, or the counts of a level leave no way, the file is refused before a solve."""
    with pytest.raises(InputError, match=says):
        decided(tiny(), policy, written(tmp_path / "r.csv", f"site_id,mark\n{text}\n"))
