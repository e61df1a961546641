"""Results side by side: how they ended, what they build, what they cost, and which sites they agree on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from hubopt.instance import COST_PARTS, LEVELS, InputError, Problem
from hubopt.solution import Solution

MISSING = "-"


@dataclass(frozen=True)
class Row:
    """One line: what, in which unit, and its cell for each result."""

    name: str
    unit: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class SiteSets:
    """Sites of a level that are open (in the last period) in every result, and those only in some, with which."""

    level: str
    everywhere: tuple[str, ...]
    sometimes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Comparison:
    """Table and site sets of several results, in the order in which they were given."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    sets: tuple[SiteSets, ...]

    def __repr__(self) -> str:
        return f"Comparison({', '.join(map(repr, self.names))}: {len(self.rows)} figures)"

    def __str__(self) -> str:
        return markdown(self)

    def _repr_html_(self) -> str:
        """The table and, below it, the hubs and transfer centres that only some results have, for notebooks."""
        head = "".join(f"<th>{escape(name)}</th>" for name in ("", "unit", *self.names))
        lines = [(row.name, row.unit, *row.cells) for row in self.rows]
        for sets in self.sets:
            if sets.level != "station" and sets.sometimes:
                for site, where in sets.sometimes.items():
                    lines.append(
                        (f"{sets.level} {site}", "", *("open" if name in where else "" for name in self.names))
                    )
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in line)}</tr>" for line in lines)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def open_sites(solution: Solution, level: str) -> frozenset[str]:
    """Sites of a level that stand in the last period of a plan; none without a plan."""
    if solution.plan is None or solution.plan.facilities.empty:
        return frozenset()
    rows = solution.plan.facilities
    chosen = (rows["period"] == rows["period"].iloc[-1]) & (rows["level"] == level) & (rows["modules"] > 0)
    return frozenset(rows.loc[chosen, "site"])


def compare(solutions: Mapping[str, Solution]) -> Comparison:
    """Compare results, by the name that each is shown under.

    Raises
    ------
    InputError
        If there are fewer than two.
    """
    if len(solutions) < 2:
        raise InputError([Problem("RESULT", "is only one", "give two results or more")])
    items = list(solutions.values())
    return Comparison(tuple(solutions), tuple(_rows(items)), tuple(_sets(solutions)))


def _money(value: float | None) -> str:
    return MISSING if value is None else f"{value / 1e6:,.2f}"


def _more(value: float | None, first: float | None) -> str:
    return MISSING if value is None or first is None else f"{(value - first) / 1e6:+,.2f}"


def _percent(value: float | None) -> str:
    return MISSING if value is None else f"{value:.2%}"


def _number(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.1f}"


def _count(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.0f}"


def _rows(items: Sequence[Solution]) -> list[Row]:
    found: list[Row] = []

    def add(name: str, unit: str, cell: Callable[[Solution], str]) -> None:
        cells = tuple(cell(item) for item in items)
        if set(cells) != {MISSING}:
            found.append(Row(name, unit, cells))

    def kpi(name: str, unit: str, key: str, shown: Callable[[float | None], str], factor: float = 1.0) -> None:
        def value(item: Solution) -> float | None:
            return factor * item.kpi[key] if key in item.kpi else None

        add(name, unit, lambda item: shown(value(item)))

    add("instance", "", lambda item: item.instance_id)
    add("status", "", lambda item: item.proof.status)
    add("objective", "CNY M/year", lambda item: _money(item.proof.objective))
    first = items[0].proof.objective
    add("objective, more than in the first", "CNY M/year", lambda item: _more(item.proof.objective, first))
    add("lower bound", "CNY M/year", lambda item: _money(item.proof.bound))
    add("gap", "", lambda item: _percent(item.proof.gap))
    add("cost, all parts", "CNY M/year", lambda item: _money(sum(item.cost.values()) if item.cost else None))
    for part in COST_PARTS:
        if any(abs(item.cost.get(part, 0.0)) > 0 for item in items):
            add(f"cost, {part}", "CNY M/year", lambda item, part=part: _money(item.cost.get(part)))  # type: ignore[misc]
    kpi("cost per tonne", "CNY/t", "cost_cny_t", _number)
    kpi("investment", "CNY M", "investment_cny", _money)
    for level in LEVELS:
        add(
            f"open, {level}", "sites",
            lambda item, level=level: MISSING if item.plan is None else str(len(open_sites(item, level))),  # type: ignore[misc]
        )  # fmt: skip
    kpi("land", "ha", "land_ha.total", _number)
    kpi("floor area", "1,000 m2", "gfa_m2.total", _number, 1e-3)
    kpi("emission", "t CO2e/year", "kgco2e_year.total", _count, 1e-3)
    kpi("demand served", "", "served_share", _percent)
    targets = dict.fromkeys(name for item in items for name in item.kpi if name.startswith("target."))
    for name in targets:
        if name.count(".") == 1:
            kpi(f"standard, {name[7:]}", "", name, _percent)
    kpi("served in the worst outage", "", "resilience.worst", _percent)
    kpi("floor area of today in use", "", "stock.share", _percent)
    return found


def _sets(solutions: Mapping[str, Solution]) -> list[SiteSets]:
    found = []
    planned = {name: item for name, item in solutions.items() if item.plan is not None}
    for level in LEVELS:
        by_name = {name: open_sites(item, level) for name, item in planned.items()}
        union = sorted(frozenset().union(*by_name.values()))
        everywhere = tuple(site for site in union if all(site in sites for sites in by_name.values()))
        sometimes = {
            site: tuple(name for name, sites in by_name.items() if site in sites)
            for site in union
            if site not in everywhere
        }
        found.append(SiteSets(level, everywhere, sometimes))
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def markdown(comparison: Comparison) -> str:
    """The comparison as Markdown: a table, and the sites of hubs and transfer centres; stations are counted."""
    names = [_cell(name) for name in comparison.names]
    lines = [
        "| | unit | " + " | ".join(names) + " |",
        "|---|---|" + "---:|" * len(names),
        *(f"| {_cell(row.name)} | {row.unit} | " + " | ".join(map(_cell, row.cells)) + " |" for row in comparison.rows),
        "",
    ]
    for sets in comparison.sets:
        if not sets.everywhere and not sets.sometimes:
            continue
        if sets.level == "station":
            lines += [f"Stations: {len(sets.everywhere)} in every answer, {len(sets.sometimes)} only in some.", ""]
            continue
        lines += [f"**{sets.level}, in every answer:** {', '.join(sets.everywhere) or 'none'}", ""]
        if sets.sometimes:
            lines += [f"| {sets.level} only in some | in |", "|---|---|"]
            lines += [f"| {_cell(site)} | {_cell(', '.join(where))} |" for site, where in sets.sometimes.items()]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"
