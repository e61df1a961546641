"""The diagnose command: why there is no plan, what would mend it, what looks odd, and what to run next."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from hubopt.cli.exits import DONE, INFEASIBLE, out, print_doubts_of
from hubopt.cli.results import write_whole
from hubopt.instance import InputError, Policy, Problem, policy_toml, read_instance, read_policy
from hubopt.instance.folder import refuse_unless_free
from hubopt.instance.text import read_text
from hubopt.instance.write import FOLDER_MARKERS, write_instance
from hubopt.solution import read_solution
from hubopt.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from hubopt.diagnose import Diagnosis, Places, Words
    from hubopt.instance import Instance


@dataclass(frozen=True)
class Options:
    """Options of the diagnose command; ``time_limit`` in seconds."""

    instance: Path
    policy: Path | None
    result: Path | None
    keep: tuple[str, ...]
    time_limit: float
    threads: int
    suggest: Path | None
    out: Path | None
    json: bool
    force: bool
    lang: str


def _lines(file: Path) -> dict[str, int] | None:
    """Where the keys of a TOML file stand; it has been read before, in whatever encoding."""
    from hubopt.diagnose import toml_lines

    text = read_text(file, notes=[])
    return None if isinstance(text, Problem) else dict(toml_lines(text))


def _places(instance: Instance, options: Options) -> Places:
    from hubopt.diagnose import Places

    return Places(
        instance,
        options.policy.name if options.policy is not None else "policy",
        _lines(options.policy) if options.policy is not None else None,
        _lines(options.instance / "instance.toml"),
    )


def _refuse_unwritable(options: Options) -> None:
    if options.suggest is not None:
        if not options.suggest.absolute().parent.is_dir():
            mend = "make the folder, or give another place"
            raise InputError([Problem(str(options.suggest), "lies in no folder", mend)])
        if options.suggest.exists() and not options.force:
            raise InputError([Problem(str(options.suggest), "exists", "give another name, or --force")])
    if options.out is not None:
        refuse_unless_free(options.out, options.force, FOLDER_MARKERS)


def _command(options: Options, *more: str, policy: Path | None = None, instance: Path | None = None) -> str:
    parts = ["hubopt", *more[:1], str(instance or options.instance)]
    if (given := policy or options.policy) is not None:
        parts += ["--policy", str(given)]
    return shlex.join([*parts, *more[1:]])


def _steps(found: Diagnosis, options: Options, text: Texts) -> Iterator[tuple[str, str]]:
    """What to do next: a key of the texts, and the command or place."""
    mend = found.mend
    if mend is not None:
        by_hand = [change for change in mend.changes if not change.limit.in_policy]
        in_policy = len(by_hand) < len(mend.changes)
        if (in_policy and options.suggest is None) or (by_hand and options.out is None):
            more = ["--suggest", "mended.toml"] if in_policy and options.suggest is None else []
            more += ["--out", f"{options.instance.resolve().name}-mended"] if by_hand and options.out is None else []
            yield "step-suggest", _command(options, "diagnose", *more)
        else:
            yield "step-solve-mended", _command(options, "solve", policy=options.suggest, instance=options.out)
        if by_hand and options.out is None:
            for place in dict.fromkeys(str(change.limit.place) for change in by_hand):
                yield "step-tables", place
        if mend.changes:
            yield "step-keep", _command(options, "diagnose", "--keep", mend.changes[0].limit.id)
        return
    if found.status == "feasible":
        yield "step-solve", _command(options, "solve")
        if options.result is None:
            yield "step-result", _command(options, "diagnose", "--result", "RESULT")
        else:
            yield "step-explain", shlex.join(["hubopt", "explain", str(options.instance), str(options.result)])
        return
    yield "step-longer", _command(options, "diagnose", "--time-limit", f"{4 * options.time_limit:g}")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    return table


def _print_clashes(found: Diagnosis, words: Words, text: Texts) -> None:
    out.print(f"\n[bold]{text('diagnose.page.conflicts')}[/]")
    for number, conflict in enumerate(found.conflicts, start=1):
        key = "conflict" if conflict.irreducible else "conflict-unsure"
        out.print(text(f"diagnose.page.{key}", number=number))
        for limit in conflict.limits:
            out.print(f"  - {escape(words.clause(limit))} [dim]({escape(str(limit.place))})[/]")
        if facts := words.facts(conflict):
            out.print(f"    {escape(facts)}")
        if conflict.whole:
            out.print(f"    {text('diagnose.page.whole')}")


def _print_mend(found: Diagnosis, words: Words, text: Texts) -> None:
    mend = found.mend
    if mend is None:
        if found.status == "infeasible":
            out.print(f"\n{text('diagnose.page.no-mend')}")
        return
    out.print(f"\n[bold]{text('diagnose.page.mend')}[/]")
    columns = ("limit", "now", "suggested", "change-in", "place")
    table = _table(*(text(f"diagnose.page.{name}") for name in columns))
    for change in mend.changes:
        home = text("diagnose.page.by-policy" if change.limit.in_policy else "diagnose.page.by-table")
        table.add_row(*(escape(part) for part in (*words.change(change), home, str(change.limit.place))))
    out.print(table)
    if mend.relaxed:
        out.print(text("diagnose.page.from-relaxation"))
    out.print(text("diagnose.page.verified" if mend.verified else "diagnose.page.not-verified"))
    out.print(
        text(
            "diagnose.page.least", scaled=words.percent(mend.scaled), least=words.percent(min(mend.least, mend.scaled))
        )
    )


def _print(found: Diagnosis, words: Words, options: Options) -> None:
    text = Texts(options.lang)
    colour = {"feasible": "green", "infeasible": "red", "unknown": "yellow"}[found.status]
    out.print(f"[bold {colour}]{text(f'diagnose.page.{found.status}')}[/]")
    if found.proofs:
        out.print(f"\n[bold]{text('diagnose.page.proofs')}[/]")
        for finding in found.proofs:
            out.print(f"  - {escape(words.finding(finding))}")
    if found.conflicts:
        _print_clashes(found, words, text)
    _print_mend(found, words, text)
    out.print(f"\n[bold]{text('diagnose.page.odd' if found.odd else 'diagnose.page.nothing-odd')}[/]")
    for finding in found.odd:
        out.print(f"  - {escape(words.finding(finding))}")
    out.print(f"\n[bold]{text('diagnose.page.next-steps')}[/]")
    for key, command in _steps(found, options, text):
        out.print(f"  {text(f'diagnose.page.{key}')} [cyan]{escape(command)}[/]")


def _as_json(found: Diagnosis, instance: Instance, options: Options) -> str:
    from hubopt.diagnose import Finding, Limit, Words

    speakers = {lang: Words(instance, found.limits, lang) for lang in LANGUAGES}

    def finding(item: Finding) -> dict[str, Any]:
        texts = {lang: words.finding(item) for lang, words in speakers.items()}
        return {"key": item.key, "text": texts, "values": dict(item.values), "limits": list(item.limits)}

    def limit(item: Limit) -> dict[str, Any]:
        return {
            "id": item.id, "text": {lang: words.clause(item) for lang, words in speakers.items()}, "value": item.value,
            "unit": item.unit, "file": item.place.file, "row": item.place.row, "key": item.place.key,
        }  # fmt: skip

    mend = found.mend
    content = {
        "instance": instance.info.id,
        "status": found.status,
        "seconds": round(found.seconds, 2),
        "proofs": [finding(item) for item in found.proofs],
        "conflicts": [
            {
                "limits": [limit(item) for item in conflict.limits], "irreducible": conflict.irreducible,
                "whole": conflict.whole, "facts": {sort: list(ids) for sort, ids in conflict.facts.items()},
            }
            for conflict in found.conflicts
        ],
        "mend": None if mend is None else {
            "changes": [
                limit(change.limit) | {"suggested": change.value, "in_policy": change.limit.in_policy}
                for change in mend.changes
            ],
            "verified": mend.verified, "from_relaxation": mend.relaxed, "scaled": mend.scaled, "at_least": mend.least,
        },
        "odd": [finding(item) for item in found.odd],
        "next_steps": [command for _, command in _steps(found, options, Texts(options.lang))],
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)


def _write_mended(instance: Instance, policy: Policy, found: Diagnosis, options: Options) -> None:
    """Write the mended policy and, if a table has to change and a folder is given, the mended instance."""
    from hubopt.diagnose import changed

    if found.mend is None:
        return
    new_instance, new_policy = changed(instance, policy, found.mend.changes)
    if options.suggest is not None:
        write_whole(options.suggest, policy_toml(new_policy))
    if options.out is not None and new_instance is not instance:
        write_instance(new_instance, options.out, force=options.force)
        out.print(f"written to {escape(str(options.out))}")


def run(options: Options) -> int:
    """Diagnose, print and write; the exit code.

    Raises
    ------
    InputError
        For mistakes in the instance, the policy, the result or the options.
    """
    from hubopt.solve.engine.watchdog import watching

    with watching():
        return _run(options)


def _run(options: Options) -> int:
    from hubopt.diagnose import Words, diagnose

    _refuse_unwritable(options)
    instance = read_instance(options.instance, geometry=options.out is not None)
    solution = None if options.result is None else read_solution(options.result)
    if options.policy is not None:
        policy = read_policy(options.policy)
    else:
        policy = Policy() if solution is None else solution.policy
    print_doubts_of(instance, options.instance)
    found = diagnose(
        instance, policy, solution=solution, places=_places(instance, options), keep=options.keep,
        seconds=options.time_limit, threads=options.threads,
    )  # fmt: skip
    if options.json:
        out.print(_as_json(found, instance, options), markup=False)
    else:
        _print(found, Words(instance, found.limits, options.lang), options)
    out.quiet = options.json
    try:
        _write_mended(instance, policy, found, options)
    finally:
        out.quiet = False
    return INFEASIBLE if found.status == "infeasible" else DONE
