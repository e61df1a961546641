"""The pages on benchmarks, written from the runs that are kept: tables, plots, and a text that the figures give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hubopt.bench.aims import RIVAL, aims
from hubopt.bench.figures import (
    FULL_SHARE,
    Run,
    by_limits,
    core_share,
    counted_seconds,
    gap_of,
    is_disturbed,
    is_solved,
    latest,
    read_runs,
    summaries,
)
from hubopt.bench.output import charts_of
from hubopt.bench.published import published
from hubopt.bench.rivals import RIVALS
from hubopt.bench.suites import SUITES
from hubopt.bench.tables import WAITED, clock, markdown, percent, suite_tables
from hubopt.instance import InputError, Problem
from hubopt.instance.text import read_text
from hubopt.texts import Texts

PAGES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "benchmarks.md": ("Benchmarks", tuple(name for name in SUITES if name not in ("scale", "geo", "smoke"))),
    "performance.md": ("Performance on networks of three levels", ("scale", "geo")),
}
"""Title of each page, and the suites that it has."""

CHARTED = {"bench-profile", "bench-above", "bench-gaps"}
"""Charts of a suite that its page shows, beside those of gap over time of a few networks of three levels."""

FAMILIES: Mapping[str, str] = {
    "mptscflp_kstar": "kstar: 10 to 40 plants and depots, 30 to 100 customers, 3 to 10 products",
    "mptscflp_mauri2021": "Mauri et al.: 50 plants, 100 depots, 200 customers, 5 products",
}
"""Families that share a suite, as the page calls them."""

NOTE = "note.md"
"""File beside the runs of a suite whose text its section begins with; a page's, such as ``benchmarks-note.md``, lies
beside the folders of the suites."""

FEW = 6

QUICKER = 1.1
"""Times must differ by this factor to count as different."""


def _best_of_hubopt(runs: Sequence[Run]) -> str | None:
    """Hubopt's method in front: ``auto`` where it was run, else ``decompose``, else the one that solved most."""
    own = {item.solver: item for item in summaries(runs) if item.solver.startswith("hubopt ")}
    for preferred in ("hubopt auto", "hubopt decompose"):
        if preferred in own:
            return preferred
    return max(own, key=lambda name: (own[name].solved, -own[name].seconds), default=None)


def comparison(runs: Sequence[Run]) -> list[str]:
    """Sentences on where hubopt is ahead of each rival and where it is not."""
    method = _best_of_hubopt(runs)
    if method is None:
        return []
    ours = {run["instance"]: run for run in runs if run["solver"] == method}
    sentences = []
    for item in summaries(runs):
        if item.solver == method:
            continue
        theirs = {run["instance"]: run for run in runs if run["solver"] == item.solver and run["state"] != "skipped"}
        both = [name for name in ours if name in theirs]
        if both:
            sentences.append(_against(method, item.solver, [(ours[name], theirs[name]) for name in both]))
    return sentences


def _against(method: str, rival: str, pairs: Sequence[tuple[Run, Run]]) -> str:
    solved = [(one, other) for one, other in pairs if is_solved(one) and is_solved(other)]
    clocks, unit = _comparable(solved)
    quicker = sum(one * QUICKER < other for one, other in clocks)
    slower = sum(other * QUICKER < one for one, other in clocks)
    alone = sum(is_solved(one) and not is_solved(other) for one, other in pairs)
    beaten = sum(is_solved(other) and not is_solved(one) for one, other in pairs)
    text = (
        f"`{method}` against {rival}, {len(pairs)} instances: of {len(solved)} that both solved it is quicker on "
        f"{quicker} and slower on {slower}; it alone solved {alone}, {rival} alone {beaten}."
    )
    if solved:
        total = [sum(pair[place] for pair in clocks) for place in (0, 1)]
        text += f" On those that both solved the times add up to {clock(total[0])} and {clock(total[1])} {unit}."
    left = [pair for pair in pairs if not (is_solved(pair[0]) or is_solved(pair[1]))]
    if left:
        smaller = sum(_gap(one) < 0.99 * _gap(other) for one, other in left)
        larger = sum(_gap(other) < 0.99 * _gap(one) for one, other in left)
        text += (
            f" Of {len(left)} that neither solved its gap is smaller on {smaller}, larger on {larger} (means "
            f"{_mean_gap([one for one, _ in left])} and {_mean_gap([other for _, other in left])})."
        )
    return text


def _comparable(pairs: Sequence[tuple[Run, Run]]) -> tuple[list[tuple[float, float]], str]:
    """Times of pairs of runs and their unit: seconds of the processor where other work kept one of the runs waiting."""
    spent = [(one.get("cpu_seconds"), other.get("cpu_seconds")) for one, other in pairs]
    counted = [(one, other) for one, other in spent if one is not None and other is not None]
    if len(counted) == len(pairs) and any(is_disturbed(run) for pair in pairs for run in pair):
        return counted, "CPU s"
    return [(one["seconds"], other["seconds"]) for one, other in pairs], "s"


def _gap(run: Run) -> float:
    gap = gap_of(run["objective"], run["bound"])
    return 1.0 if gap is None else min(gap, 1.0)


def _mean_gap(runs: Sequence[Run]) -> str:
    return percent(sum(_gap(run) for run in runs) / len(runs)) + " %"


def _machines(runs: Sequence[Run]) -> Iterator[str]:
    for machine in {str(sorted(run["machine"].items())): run["machine"] for run in runs}.values():
        yield (
            f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, "
            f"Python {machine['python']}"
        )
    loads = [run["load"] for run in runs]
    mean = sum(loads) / len(loads)
    yield f"mean load of the machine when runs ended: {mean:.1f} (from {min(loads)} to {max(loads)})"
    shares = [share for run in runs if (share := core_share(run)) is not None]
    if shares:
        yield (
            f"share of a core that runs of one thread had: {100 * sum(shares) / len(shares):.0f} % on average, "
            f"{100 * min(shares):.0f} % at least"
        )
    kept_waiting = sum(is_disturbed(run) for run in runs)
    if kept_waiting:
        yield (
            f"other work left {kept_waiting} of {len(runs)} runs less than {100 * FULL_SHARE:.0f} % of a core (marked "
            f"{WAITED}): their seconds and what they reached within the limit say little, their CPU seconds more"
        )
    crowded = sum(run.get("cpu_seconds") is None and run["load"] > (run["machine"]["cores"] or 1) for run in runs)
    if crowded:
        yield (
            f"{crowded} of {len(runs)} runs did not count CPU seconds and ended with more work than cores on the "
            "machine: their times are several times those of a free one"
        )


def _versions(runs: Sequence[Run]) -> list[str]:
    known: dict[str, set[str]] = {}
    for run in runs:
        for name, version in run["versions"].items():
            known.setdefault(name, set()).add(version)
    rows = [
        [RIVALS[name].title, *_joined(known.get(name, set())), RIVALS[name].note] for name in RIVALS if name in known
    ]
    return [
        f"hubopt's code (digest): {', '.join(sorted(known.get('hubopt', {'-'})))}",
        "",
        *markdown(["solver", "version", "what to know"], rows, left=3),
    ]


def _joined(versions: set[str]) -> list[str]:
    return [", ".join(sorted(versions)) or "-"]


def _overview(by_suite: Mapping[str, Sequence[Run]]) -> list[str]:
    """A line for each set of instances: hubopt beside HiGHS on those that both were run on, and the aims reached."""
    head = ["set", "limit s", "instances"]
    head += [f"{what}: {who}" for what in ("solved", "total s", "mean gap %") for who in ("hubopt", RIVAL)]
    rows = []
    for suite, runs in by_suite.items():
        groups = by_limits(runs)
        for group in groups:
            method = _best_of_hubopt(group)
            sides = [
                {run["instance"]: run for run in group if run["solver"] == who and run["state"] != "skipped"}
                for who in (method, RIVAL)
            ]
            both = [name for name in sides[0] if name in sides[1]]
            if not both:
                continue
            families = dict.fromkeys(run["family"].removeprefix(f"{suite}_") for run in group)
            row = [
                suite if len(groups) == 1 else f"{suite}: {', '.join(families)}",
                f"{group[0]['limit_seconds']:g}",
                str(len(both)),
            ]
            row += [str(sum(is_solved(side[name]) for name in both)) for side in sides]
            row += [f"{sum(counted_seconds(side[name]) for name in both):,.1f}" for side in sides]
            row += [_mean_gap([side[name] for name in both]).removesuffix(" %") for side in sides]
            verdicts = aims(group, method or "")
            row.append(f"{sum(verdict.reached for verdict in verdicts)} of {len(verdicts)}")
            rows.append(row)
    return [*markdown([*head, "aims reached"], rows), ""] if rows else []


def _section(name: str, runs: Sequence[Run], images: Path, note: str) -> list[str]:
    suite = SUITES[name]
    scale = name in ("scale", "geo")
    lines = [f"## {name}: {suite.title}", "", f"{suite.reference}. `hubopt bench {name}`.", ""]
    lines += [note, ""] if note else []
    groups = by_limits(runs)
    for group in groups:
        families = list(dict.fromkeys(run["family"] for run in group))
        if len(groups) > 1:
            lines += [f"### {' and '.join(FAMILIES.get(family, family) for family in families)}", ""]
        lines += suite_tables(group, scale=scale)
        reached = [verdict.told for verdict in aims(group, _best_of_hubopt(group) or "")]
        said = [*reached, *comparison(group), *_left_out(group)]
        lines += [*(f"- {sentence}" for sentence in said), ""]
    few = scale and len({run["instance"] for run in runs}) <= FEW
    for earlier in images.glob(f"bench-{name}-*.svg"):
        earlier.unlink()
    for chart in charts_of(runs, Texts("en")):
        if chart.name in CHARTED or (few and chart.name.startswith("bench-progress")):
            path = images / f"{chart.name.replace('bench-', f'bench-{name}-', 1)}.svg"
            path.write_bytes(chart.file("svg"))
            lines += [f"![{chart.title.removeprefix('Chart: ')}](images/{path.name})", ""]
    return lines


def _note(path: Path) -> str:
    """What whoever made the runs says of them, such as how instances were chosen."""
    text = read_text(path) if path.is_file() else ""
    if isinstance(text, Problem):
        raise InputError([text])
    return text.strip()


def _left_out(runs: Sequence[Run]) -> list[str]:
    """What has a published value but was not run."""
    families = {run["family"] for run in runs}
    made = {(run["family"], run["instance"]) for run in runs}
    names = [name for family, name in published() if family in families and (family, name) not in made]
    if not names or families == {"sslp"}:
        return []
    total = sum(family in families for family, _ in published())
    return [f"Not run here, {len(names)} of {total} instances with a published value: {', '.join(names)}."]


INTRODUCTION = """\
Written by `hubopt bench page` from runs of `hubopt bench`. Each run had a process of its own, and one of one thread a
core, which it may share with other work of the machine. What is measured, for hubopt and for the others:

- `s`: hubopt from the instance in memory to the checked answer: building of the model, search, the last flows and the
  independent check; the others from the program in memory to their answer, without building and without a check.
- `solving s`: the same for all, from the program in memory to the answer; hubopt's `s` without building and check.
- `CPU s`: seconds of `s` in which the run and its solver processes had the processor.
- `process CPU s`: the same for all, from the start of a process to its end: starting Python, loading libraries, reading
  the file, building, solving, checking; for hubopt also its first solver process, and a second check. Loading, and the
  start of that process, are part of no other column.

`solved` means proven within the relative gap asked for, with an answer that passed its check: hubopt's the independent
checker, that of the others the rows of their program. `total` and `mean` count the limit where an instance was not
solved; the mean is geometric, shifted by a second. Published values marked * are not proven to be optimal. What else
the machine did is below: times are to be compared within a table only, where all had the same.
"""


def write_pages(folder: Path, target: Path) -> list[Path]:
    """Write every page for which there are runs in the folders of ``folder``, and return the pages."""
    images, written = target / "images", []
    images.mkdir(parents=True, exist_ok=True)
    for file, (title, suites) in PAGES.items():
        by_suite = {name: latest(read_runs(folder / name)) for name in suites if (folder / name / "runs").is_dir()}
        by_suite = {name: runs for name, runs in by_suite.items() if runs}
        if not by_suite:
            continue
        every = [run for runs in by_suite.values() for run in runs]
        lines = [f"# {title}", "", INTRODUCTION.rstrip(), "", *(f"- {text}" for text in _machines(every)), ""]
        if note := _note(folder / f"{Path(file).stem}-{NOTE}"):
            lines += [note, ""]
        lines += [*_versions(every), ""]
        if file == "benchmarks.md":
            lines += _overview(by_suite)
        for name, runs in by_suite.items():
            lines += _section(name, runs, images, _note(folder / name / NOTE))
        path = target / file
        path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
        written.append(path)
    return written
