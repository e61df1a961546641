"""The review command and what solving takes from a review."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape

from hubopt.cli.exits import err, out
from hubopt.instance import Instance, Policy, sha256
from hubopt.instance.decisions import decided, read_decisions


def with_decisions(instance: Instance, policy: Policy, file: Path) -> Policy:
    """``policy`` with the marks of a review; says what they ask for.

    Raises
    ------
    InputError
        With every mistake of the file.
    """
    decisions = read_decisions(file)
    changed = decided(instance, policy, decisions)
    if decisions.other_instances(sha256(instance)):
        err.print(f"[yellow]Warning:[/] {escape(str(file))} was written for another version of this instance")
    counts = {mark: len(decisions.sites(mark)) for mark in ("accept", "reject")}
    aside = sum(row.mark in ("question", "comment") for row in decisions.rows)
    out.print(
        f"Review decisions: {counts['accept']} sites forced in, {counts['reject']} forced out; "
        f"{aside} questions and comments ask for nothing"
    )
    return changed
