"""Marks on the review map in a real browser: kept, exported, imported, and taken back by the next solve."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from typer.testing import CliRunner

from hubopt.cli import app
from hubopt.instance import read_instance, write_instance
from hubopt.instance.criteria import CRITERIA
from hubopt.instance.decisions import decided, read_decisions
from hubopt.solution import read_solution
from tests.browser.review_page import Opener, clean, page_of, rows, spot
from tests.study.conftest import quick
from tests.viz.cases import mapped
from tests.viz.review_cases import OUT, criteria, reviewed

__all__ = ["quick"]

pytestmark = pytest.mark.browser


def exported(page: Page, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.locator("#export").click()
    target = folder / waiting.value.suggested_filename
    waiting.value.save_as(target)
    return target


def test_marks_are_kept_exported_and_imported(visit: Opener, tmp_path: Path) -> None:
    """Marks survive a reload, leave as a safe CSV that solve reads, and come back in, other reviewers' beside them."""
    opened = visit(page_of())
    page = opened.page
    page.locator("#reviewer").fill("李工")
    page.locator("#search").fill("h-north")
    page.locator("#sites .go").click()
    page.locator("#mark-reject").click()
    page.locator("#comment").fill('=HYPERLINK("http://x"), too close; really')
    page.locator("#comment").blur()
    page.locator("#search").fill(OUT)
    page.locator("#sites .go").click()
    expect(page.locator("#mark-accept")).to_be_disabled()
    page.locator("#mark-question").click()
    page.reload()
    expect(page.locator("#marked")).to_contain_text("1 rejected, 1 questions")
    expect(page.locator("#reviewer")).to_have_value("李工")
    file = exported(page, tmp_path)
    table = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert [(row["site_id"], row["mark"], row["reviewer"]) for row in table] == [
        (OUT, "question", "李工"), ("h-north", "reject", "李工"),
    ]  # fmt: skip
    assert table[1]["comment"].startswith("'=HYPERLINK") and re.fullmatch(r"\d{4}-\d\d-\d\d", table[1]["date"])
    decisions = read_decisions(file)
    assert decisions.problems == () and decisions.sites("reject") == ("h-north",)
    assert decisions.rows[1].comment.startswith("=HYPERLINK")
    assert not decisions.other_instances(reviewed()[1].proof.instance_sha256)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#clear").click()
    expect(page.locator("#export")).to_be_disabled()
    page.locator("#import-file").set_input_files(file)
    expect(page.locator("#message")).to_contain_text("2 marks imported")
    other = tmp_path / "wang.csv"
    other.write_bytes(
        "sep=;\r\nsite_id;mark;comment;reviewer\r\nh-north;同意;近;王工\r\nx;accept;;\r\ns1;maybe;;\r\n".encode("gbk")
    )
    page.locator("#import-file").set_input_files(other)
    expect(page.locator("#message")).to_contain_text("1 marks imported · 1 rows left out: unknown site x · 1 rows")
    page.locator("#by-mark").select_option("conflict")
    assert rows(page) == ["h-north"]
    page.locator("#sites .go").click()
    expect(page.locator(".others")).to_contain_text("Accept · 王工")
    page.locator("#mark-reject").click()  # taken back, but for the comment
    expect(page.locator("#mark-reject")).to_have_attribute("aria-pressed", "false")
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n", encoding="utf-8")
    page.locator("#import-file").set_input_files(bad)
    expect(page.locator("#message")).to_contain_text("not a table of marks")
    clean(opened)


def test_a_rejected_hub_is_gone_after_the_next_solve(
    visit: Opener, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reject the biggest chosen hub by clicks, export, solve again: it is gone, and the comparison names the price."""
    for name in ("network_map", "report_html"):  # other pages, tested elsewhere
        monkeypatch.setattr(f"hubopt.viz.{name}", lambda *_, **__: "<!DOCTYPE html>")
    case, folder = mapped(), tmp_path / "case"
    write_instance(case, folder, arcs="csv")
    criteria(case).to_csv(folder / CRITERIA, index=False)

    def hubopt(*arguments: object) -> str:
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert done.exit_code == 0, done.output
        return done.output

    hubopt("solve", folder, "--out", tmp_path / "before", "--gap", 1e-6, "--threads", 1)
    hubopt("review", tmp_path / "before")
    page = visit((tmp_path / "before" / "review.html").read_text(encoding="utf-8")).page
    before = read_solution(tmp_path / "before")
    assert before.plan is not None
    hubs = before.plan.facilities[before.plan.facilities["level"] == "hub"].set_index("site")
    biggest = str(hubs["throughput_t_d"].idxmax())
    for level in ("Transfer centres", "Community stations"):
        page.get_by_role("checkbox", name=level).uncheck()
    page.get_by_role("checkbox", name="Not chosen").uncheck()
    sizes = {name: hubs.loc[name, "throughput_t_d"] for name in rows(page) if name in hubs.index}
    page.mouse.click(*spot(page, max(sizes, key=lambda name: sizes[name])))
    page.locator("#mark-reject").click()
    marks = exported(page, tmp_path)
    said = hubopt(
        "solve", folder, "--decisions", marks, "--out", tmp_path / "after", "--gap", 1e-6, "--threads", 1
    )  # fmt: skip
    assert "0 sites forced in, 1 forced out" in said
    after = read_solution(tmp_path / "after")
    assert after.plan is not None and biggest not in set(after.plan.facilities["site"])
    assert after.policy.force_closed == (biggest,)
    assert decided(read_instance(folder), before.policy, read_decisions(marks)) == after.policy
    hubopt("check", folder, tmp_path / "after")
    compared = hubopt("compare", tmp_path / "before", tmp_path / "after")
    first, second = before.proof.objective, after.proof.objective
    assert first is not None and second is not None and second > first
    assert re.search(rf"more than in the first .* \+0\.00 +\+{(second - first) / 1e6:.2f}", compared)
    assert re.search(rf"only in some: {biggest} \(before\)", compared)
