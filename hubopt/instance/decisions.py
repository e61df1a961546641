"""Review decisions: the CSV of marks that reviewers gave to sites, and what it asks of the network.

``accept`` forces a site open, ``reject`` forces it closed; ``question`` and ``comment`` ask for nothing. The table
comes from the review map or out of a spreadsheet, and so in the encodings and separators that spreadsheets write.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from hubopt.instance.effective import apply
from hubopt.instance.errors import InputError, Problem, choose_from
from hubopt.instance.intake import unfit
from hubopt.instance.policy import Policy
from hubopt.instance.types import HubType, Instance, LevelRule

Mark = Literal["accept", "reject", "question", "comment"]

WORDS: Mapping[str, Mark] = {
    **{mark: mark for mark in get_args(Mark)},
    "同意": "accept", "接受": "accept", "否决": "reject", "拒绝": "reject", "疑问": "question", "备注": "comment",
}  # fmt: skip
"""What a mark may be called in the table, in small letters."""

COLUMNS = ("site_id", "mark", "comment", "reviewer", "date", "instance_sha256")
"""Columns that are read; only the first two are needed, and others (names, level) are for people."""

LARGEST_BYTES = 20_000_000
"""A larger file is not a table of marks."""

_FORMULA = re.compile(r"^'(?=[=+\-@\t\r'])")
"""The apostrophe that keeps a spreadsheet from running a text that begins like a formula."""

_SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class Decision:
    """One row: what a reviewer thinks of a site; ``row`` is the line in the file (the header is line 1)."""

    row: int
    site: str
    mark: Mark
    comment: str = ""
    reviewer: str = ""
    date: str = ""
    instance_sha256: str = ""


@dataclass(frozen=True)
class Decisions:
    """The marks of a file and what is wrong with the rest of it."""

    file: str
    rows: tuple[Decision, ...]
    problems: tuple[Problem, ...] = ()

    def sites(self, mark: Mark) -> tuple[str, ...]:
        """Sites with a mark, each once, in order."""
        return tuple(sorted({row.site for row in self.rows if row.mark == mark}))

    def other_instances(self, digest: str) -> bool:
        """Whether a row was written for an instance of another digest than ``digest``."""
        return any(row.instance_sha256 not in ("", digest) for row in self.rows)


def _text(path: Path) -> str | Problem:
    """The text of a file as spreadsheets save it: UTF-8, UTF-16 with its mark, or GB 18030 (GBK)."""
    problem = unfit(path, most=LARGEST_BYTES)
    if problem is not None:
        return replace(problem, file=str(path))
    try:
        content = path.read_bytes()
    except OSError as error:
        return Problem(str(path), f"cannot be read: {error.strerror}", "give a file that you may read")
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    row = next((i for i, line in enumerate(content.split(b"\n"), start=1) if not _decodes(line)), 1)
    message = "is neither UTF-8 nor GBK text"
    return Problem(str(path), message, "save it again as UTF-8 (in a spreadsheet: 'CSV UTF-8')", row=row)


def _decodes(line: bytes) -> bool:
    try:
        return "\0" not in line.decode("gb18030")
    except UnicodeDecodeError:
        return False


def _cell(text: str) -> str:
    return _FORMULA.sub("", text.strip()).strip()


def _records(file: str, text: str) -> Iterator[tuple[int, list[str]] | Problem]:
    """Cells by line, separated as the header is; a line ``sep=;``, which spreadsheets write, is left out."""
    lines = text.splitlines()
    first = lines[0] if lines else ""
    said = re.fullmatch(r'"?sep=(.)"?', first.strip("\r\n "))
    head = (lines[1] if len(lines) > 1 else "") if said else first
    mark = said.group(1) if said else max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    line = 1
    try:
        for cells in reader:
            if not (said and line == 1) and any(cell.strip() for cell in cells):
                yield line, [_cell(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        yield Problem(file, f"is not CSV: {error}", "mend the quotes of this row", row=line)


def _decision(file: str, row: int, cells: Mapping[str, str]) -> Decision | Problem | None:
    """The decision of a row; None for a site that nobody has marked."""
    site, word, comment = cells["site_id"], cells["mark"].casefold(), cells.get("comment", "")
    if not word and not comment:
        return None
    if not site:
        return Problem(file, "has a mark but no site", "give the id of the site", row=row, column="site_id")
    if word and word not in WORDS:
        mend = choose_from(word, get_args(Mark))
        return Problem(file, "is no mark", mend, row=row, column="mark", value=cells["mark"])
    mark: Mark = WORDS[word] if word else "comment"
    rest = {name: cells.get(name, "") for name in COLUMNS[2:]}
    return Decision(row, site, mark, **rest)


def read_decisions(path: Path) -> Decisions:
    """The marks in a file, and every mistake in its form; see :func:`decided` for those in what it asks."""
    file = str(path)
    text = _text(path)
    if isinstance(text, Problem):
        return Decisions(file, (), (text,))
    header: list[str] = []
    rows: list[Decision] = []
    problems: list[Problem] = []
    for record in _records(file, text):
        if isinstance(record, Problem):
            problems.append(record)
            continue
        line, cells = record
        if not header:
            header = [cell.casefold() for cell in cells]
            missing = [name for name in COLUMNS[:2] if header.count(name) != 1]
            if missing:
                message = f"needs the column{'s' if len(missing) > 1 else ''} {' and '.join(missing)} once"
                mend = "keep the header line of the exported file"
                return Decisions(file, (), (*problems, Problem(file, message, mend, row=line)))
            continue
        if any(cells[len(header) :]):
            message = f"has {len(cells)} cells, the header {len(header)}"
            problems.append(Problem(file, message, "quote cells that contain the separator", row=line))
            continue
        found = _decision(file, line, dict(zip(header, cells + [""] * len(header), strict=False)))
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None:
            rows.append(found)
    if not header and not problems:
        problems.append(Problem(file, "is empty", "give the CSV that the review map exported"))
    return Decisions(file, tuple(rows), tuple(problems))


def _binding(rows: Sequence[Decision]) -> dict[str, list[Decision]]:
    """Rows by site that ask for something."""
    found: dict[str, list[Decision]] = defaultdict(list)
    for row in rows:
        if row.mark in ("accept", "reject"):
            found[row.site].append(row)
    return found


def _said(row: Decision) -> str:
    return f"row {row.row}" + (f" ({row.reviewer})" if row.reviewer else "")


def _contradictions(decisions: Decisions) -> Iterator[Problem]:
    """Sites that one row accepts and another rejects."""
    for site, rows in _binding(decisions.rows).items():
        first = rows[0]
        other = next((row for row in rows if row.mark != first.mark), None)
        if other is not None:
            message = f"{other.mark}s site {site!r}, which {_said(first)} {first.mark}s"
            mend = "agree on one of the two marks, or change one to a comment"
            yield Problem(decisions.file, message, mend, row=other.row, column="mark", value=other.mark)


def _misfits(instance: Instance, policy: Policy, decisions: Decisions) -> Iterator[Problem]:
    """Marks that the instance or the policy does not allow."""
    file, sites = decisions.file, set(instance.sites["id"])
    must_stay = set(instance.existing.loc[~instance.existing["may_close"], "site"])
    if not policy.holds("existing_must_stay"):
        must_stay = set()
    for site, rows in _binding(decisions.rows).items():
        first = rows[0]

        def problem(message: str, mend: str, at: Decision = first) -> Problem:
            return Problem(file, message, mend, row=at.row, column="site_id", value=at.site)

        if site not in sites:
            yield problem("is no site of the instance", choose_from(site, sites))
        if first.mark == "accept" and site in policy.force_closed:
            yield problem("is accepted, but the policy forces it closed", "take it from force_closed, or from here")
        if first.mark == "reject" and site in policy.force_open:
            yield problem("is rejected, but the policy forces it open", "take it from force_open, or from here")
        if first.mark == "reject" and site in must_stay:
            mend = "change the mark, or switch existing_must_stay off in the policy"
            yield problem("is rejected, but its facility of today may not close", mend)
    if _binding(decisions.rows) and not policy.holds("forced_sites"):
        message = "asks for sites, but the policy switches forced_sites off"
        yield Problem(file, message, "take forced_sites from off in the policy")


def _counts(instance: Instance, policy: Policy, file: str) -> Iterator[Problem]:
    """Counts of levels and hub types that the forced sites leave no way to keep; ``policy`` has the decisions."""
    case = apply(instance, policy)
    sites = case.sites
    rules: list[tuple[str, pd.Series[bool], LevelRule | HubType]] = []
    if policy.holds("level_counts"):
        rules += [(f"level {name}", sites["level"] == name, rule) for name, rule in case.structure.levels.items()]
    if policy.holds("hub_types"):
        rules += [(f"hub type {item.id}", sites["hub_type"] == item.id, item) for item in case.structure.hub_types]
    for name, own, rule in rules:
        forced = int((own & (sites["forced"] == "open")).sum())
        free = int((own & (sites["forced"] != "closed")).sum())
        if rule.max_open is not None and forced > rule.max_open:
            message = f"leaves {forced} sites of {name} forced open, where at most {rule.max_open} may be open"
            yield Problem(file, message, "accept fewer of them, or raise max_open in the policy")
        if free < rule.min_open:
            message = f"leaves {free} sites of {name} to choose from, where {rule.min_open} must be open"
            yield Problem(file, message, "reject fewer of them, or lower min_open in the policy")


def decided(instance: Instance, policy: Policy, decisions: Decisions) -> Policy:
    """``policy`` with the accepted sites forced open and the rejected ones forced closed; its names say so.

    A mark goes before what the instance's own table of sites forces, as a policy does.

    Raises
    ------
    InputError
        With every mistake of the file: its form, unknown sites, contradictory marks, marks against the policy.
    """
    problems = [*decisions.problems, *_contradictions(decisions), *_misfits(instance, policy, decisions)]
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.row or 0))
    accepted, rejected = decisions.sites("accept"), decisions.sites("reject")
    if not accepted and not rejected:
        return policy
    told = [f"{word} {', '.join(sites)}" for word, sites in (("accepted", accepted), ("rejected", rejected)) if sites]
    words = f"Review decisions ({Path(decisions.file).name}): {'; '.join(told)}."
    changed = policy.model_copy(
        update={
            "name_en": f"{policy.name_en}, with review decisions",
            "name_zh": f"{policy.name_zh}，含评审意见",
            "description": " ".join(filter(None, (policy.description, words))),
            "force_open": tuple(dict.fromkeys((*policy.force_open, *accepted))),
            "force_closed": tuple(dict.fromkeys((*policy.force_closed, *rejected))),
        }
    )
    if problems := list(_counts(instance, changed, decisions.file)):
        raise InputError(problems)
    return changed
