"""What pages have their readers type: it exists, and the quickest of the paths begins as written.

``make walk`` types all of it, in an environment made from a wheel.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from typer.testing import CliRunner

from docs.pictures import IMAGES, PICTURES, digest, recorded
from docs.walk import IN_CHECKOUT, ROOT, WALKED, Step, exported, missing, steps
from hubopt.cli import app
from hubopt.solve import Method

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "instances/**/*.md", "results/*.md")
    for path in ROOT.glob(pattern)
    if "CHANGELOG" not in path.name and "reference" not in path.parts
)
QUICK = ("import", "solve", "check")
"""Commands that are typed here; a page is left at its first other one."""


def text_of(name: str) -> str:
    """A page."""
    return (ROOT / name).read_text(encoding="utf-8")


METHODS = {*get_args(Method)}
"""Methods are told apart from other solvers as ``hubopt auto`` and so on, which is no command."""


def commands(text: str) -> Iterator[list[str]]:
    """Every line of a block, and every piece of code in a sentence, that calls hubopt."""
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```$", text, flags=re.M | re.S))
    indented = "\n".join(re.findall(r"^ {4}(.*)$", text, flags=re.M))
    lines = re.findall(r"^(?:\.venv/bin/)?hubopt ((?:.*\\\n)*.*)$", f"{blocks}\n{indented}", flags=re.M)
    inline = [code for code in re.findall(r"`hubopt ([^`]+)`", text) if code not in METHODS]
    for line in (*lines, *inline):
        yield shlex.split(line.replace("\\\n", " ").replace("\n", " ").replace("|", " "), comments=True)


@cache
def the_command() -> Any:
    """The command line with everything below it."""
    return typer.main.get_command(app)


def unknown(words: list[str]) -> str | None:
    """What of a command line does not exist: a command, or an option of it."""
    here, rest = the_command(), list(words)
    while hasattr(here, "commands") and rest and not rest[0].startswith("-"):
        here = here.commands.get(rest[0])
        if here is None:
            return rest[0]
        rest.pop(0)
    known = {name for item in here.params for name in (*item.opts, *item.secondary_opts)}
    known |= {"--help", "--install-completion", "--show-completion"}
    wrong = [word for word in rest if re.fullmatch(r"--[a-z-]+", word) and word not in known]
    return wrong[0] if wrong else None


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_a_page_exists(name: str) -> None:
    """Commands and options that a page names are those of the command line."""
    assert [(words, unknown(words)) for words in commands(text_of(name)) if unknown(words)] == []


def test_made_up_commands_are_found_out() -> None:
    """The check above sees a command and an option that do not exist."""
    assert list(commands("`hubopt slove tiny`\n\n    hubopt solve tiny --gpa 1  # x\n")) == [
        ["solve", "tiny", "--gpa", "1"],
        ["slove", "tiny"],
    ]
    assert (unknown(["slove", "tiny"]), unknown(["solve", "tiny", "--gpa", "1"])) == ("slove", "--gpa")
    assert unknown(["study", "run", "FILE", "--workers", "2"]) is None


@pytest.mark.parametrize("name", ["planner", "official"])
def test_the_chinese_pages_have_the_same_commands(name: str) -> None:
    """A path has the same commands and files in both languages, notes and names in files aside."""

    def told(page: str) -> list[tuple[str, list[str]]]:
        found = []
        for step in steps(text_of(page)):
            lines = [line.split("  #")[0].rstrip() for line in step.text.splitlines()]
            if step.title.endswith(".csv"):
                lines = [line.split(",")[0] for line in lines]
            found.append((step.title or step.kind, [line for line in lines if not line.startswith("export ")]))
        return found

    assert told(f"docs/zh/{name}.md") == told(f"docs/paths/{name}.md")


def test_pages_that_are_typed_have_something_to_type() -> None:
    """Every page of the list has steps; a page that needs the repository says so by being listed."""
    assert all(list(steps(text_of(name))) for name in WALKED)
    assert set(WALKED) >= IN_CHECKOUT


def test_what_is_shown_is_looked_for_in_its_order() -> None:
    """Lines are found whatever their spaces, in order, with anything in between; a changed one is named."""
    printed = "a  1\nb\nc 3\n"
    assert missing(["a 1", "...", "c  3"], printed) is None
    assert missing(["c 3", "a 1"], printed) == "a 1"
    assert missing(["a 2"], printed) == "a 2"
    page = '<!-- walk: no -->\n```sh\nx\n```\n```toml title="f"\nk = 1\n```\n```sh\ny\n```\nprints\n```text\nz\n```\n'
    assert list(steps(page)) == [Step(5, "file", "k = 1\n", "f"), Step(8, "sh", "y\n", shows=("z",))]


def quick(step: Step) -> list[list[str]] | None:
    """The command lines of a step, without ``hubopt``; None if one of them is left to ``make walk``."""
    lines = [shlex.split(line, comments=True) for line in step.text.splitlines()]
    lines = [words for words in lines if words and words[0] != "export"]
    allowed = all(words[0] == "hubopt" and " ".join(words[1:]).startswith(QUICK) for words in lines)
    return [words[1:] for words in lines] if allowed and not step.long else None


def typed(name: str, folder: Path) -> int:
    """Type a page up to its first long command; how many commands that were."""
    done = 0
    for step in steps(text_of(name)):
        if step.kind == "file":
            (folder / step.title).write_text(step.text, encoding="utf-8")
            continue
        lines = quick(step) if step.kind == "sh" else None
        if lines is None:
            return done
        printed = ""
        for words in lines:
            result = CliRunner().invoke(app, words)
            assert result.exit_code == 0, (name, words, result.output)
            printed += result.stdout
            done += 1
        assert missing(step.shows, printed) is None, (name, step.line, missing(step.shows, printed), printed)
    return done


def test_a_path_ends_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Typed in an empty folder, the researcher's first steps print what their page shows."""
    monkeypatch.chdir(tmp_path)
    assert typed("docs/paths/researcher.md", tmp_path) == 3


def test_pictures_are_those_of_what_is_there() -> None:
    """Every picture was drawn from the results and instances as they are now (``make pictures``)."""
    drawn = recorded()
    assert set(drawn) == set(PICTURES) == {path.name for path in IMAGES.glob("*.png")}
    assert {name: digest(source) for name, (source, _) in drawn.items()} == {
        name: sha256 for name, (_, sha256) in drawn.items()
    }


def test_every_picture_of_a_page_is_there_and_used() -> None:
    """Pages show pictures that exist, and every picture is shown."""
    shown = {
        ((ROOT / name).parent / link).resolve()
        for name in PAGES
        for link in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text_of(name))
    }
    assert {path for path in shown if not path.exists()} == set()
    assert set(IMAGES.glob("*.png")) <= shown


def test_what_a_step_exports_is_there_for_the_next() -> None:
    """As in one terminal; a script sets nothing."""
    assert exported(Step(1, "sh", "export HUBOPT_LANG=zh\nhubopt demo\n")) == {"HUBOPT_LANG": "zh"}
    assert exported(Step(1, "python", "export HUBOPT_LANG=zh\n")) == {}
