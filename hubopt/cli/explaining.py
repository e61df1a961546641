"""The explain command: prices of limits and standards, near-equal alternatives, prices of families."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from hubopt.cli.exits import err, out
from hubopt.cli.progress import amount, percent
from hubopt.cli.results import write_whole
from hubopt.cli.speech import say, spoken, word
from hubopt.instance import InputError, Problem, read_instance
from hubopt.solution import read_solution
from hubopt.texts import told

if TYPE_CHECKING:
    from hubopt.study.alternatives import Search
    from hubopt.study.prices import Price
    from hubopt.study.shadow import ShadowPrices

_SHOWN = 25
"""Binding limits that the terminal shows; the file has all."""


@dataclass(frozen=True)
class Options:
    """Options of the explain command; ``within`` is a share, ``time_limit`` seconds for each run."""

    alternatives: int
    within: float
    time_limit: float
    gap: float
    threads: int
    families: Sequence[str]
    standards: bool
    out: Path | None


def _table(*columns: str) -> Table:
    """An empty table; columns by the ends of their keys."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(say(f"cli-explain.{column}"), justify="right" if index > 1 else "left")
    return table


def _print_shadow(prices: ShadowPrices) -> None:
    binding = [item for item in prices.limits if item.binding]
    method = told(prices.method, spoken())
    bind = say("cli-explain.bind", method=method, count=len(binding), all=len(prices.limits))
    out.print(f"[bold]{say('cli-explain.limits')}[/] {bind}")
    table = _table("family", "limit", "at-most", "used", "price", "price-unit")
    for item in sorted(binding, key=lambda item: -item.price)[:_SHOWN]:
        family, unit, price_unit = (told(text, spoken()) for text in (item.family, item.unit, item.price_unit))
        limit, used = f"{item.limit:,.2f} {unit}", f"{item.used:,.2f}"
        table.add_row(family, escape(item.what), limit, used, f"{item.price:,.2f}", price_unit)
    if table.row_count:
        out.print(table)
    if len(binding) > _SHOWN:
        out.print(say("cli-explain.more", count=len(binding) - _SHOWN))


def _print_prices(title: str, prices: Iterable[Price]) -> None:
    table = _table("requirement", "for", "least", "most", "bound-with", "bound-relaxed", "run")
    for item in prices:
        table.add_row(
            escape(told(item.what, spoken())), told(item.unit, spoken()), amount(item.least), amount(item.most),
            amount(item.bound), amount(item.relaxed_bound), word("cli-summary", item.status),
        )  # fmt: skip
    if table.row_count:
        out.print(f"\n[bold]{say(title)}[/] {say('cli-explain.re-solve')}")
        out.print(table)


def _print_alternatives(search: Search) -> None:
    within = say("cli-explain.within", share=percent(search.within), count=len(search.found))
    out.print(f"\n[bold]{say('cli-explain.other-sets')}[/] {within}")
    table = _table("closes", "opens", "extra-cost", "extra", "shared", "no-fewer")
    for item in search.found:
        table.add_row(
            escape(", ".join(item.closed)) or "-", escape(", ".join(item.opened)) or "-", amount(item.extra),
            percent(item.extra_share), str(item.shared),
            say("cli-explain.bound-scope", count=item.shared_bound, scope=told(item.scope, spoken())),
        )  # fmt: skip
    if table.row_count:
        out.print(table)
    if search.note:
        out.print(escape(told(search.note, spoken())))


def run(instance_path: Path, folder: Path, options: Options) -> None:
    """Explain the result in ``folder``: print it, and write JSON if asked.

    Raises
    ------
    InputError
        For mistakes in the instance, the result or the options; nothing is written.
    """
    from hubopt.study.alternatives import alternatives
    from hubopt.study.base import prepare
    from hubopt.study.prices import Run, family_of, price_of_family, prices_of_standards
    from hubopt.study.shadow import shadow_prices

    if options.out is not None and not options.out.absolute().parent.is_dir():
        raise InputError([Problem(str(options.out), "lies in no folder", "make the folder, or give another place")])
    instance, solution = read_instance(instance_path, geometry=False), read_solution(folder)
    families = [family_of(name, solution.policy) for name in options.families]
    base = prepare(instance, solution)
    how = Run(seconds=options.time_limit, gap=options.gap, threads=options.threads)
    err.print(say("cli-explain.now-limits"))
    shadow = shadow_prices(base, options.time_limit)
    _print_shadow(shadow)
    search = None
    if options.alternatives:
        err.print(say("cli-explain.now-sets"))
        search = alternatives(base, options.alternatives, options.within, how)
        _print_alternatives(search)
    standards: list[Price] = []
    if options.standards:
        err.print(say("cli-explain.now-standards"))
        standards = list(prices_of_standards(instance, solution, how))
        _print_prices("cli-explain.standards", standards)
    prices = []
    for family in families:
        err.print(say("cli-explain.now-family", family=family))
        prices.append(price_of_family(instance, solution, family, how))
    _print_prices("cli-explain.families", prices)
    if options.out is not None:
        content = {
            "instance": solution.instance_id,
            "objective_cny_year": base.stated(base.objective),
            "bound_cny_year": None if base.bound is None else base.stated(base.bound),
            "limits": {
                "method": shadow.method,
                "objective_of_linear_program_cny_year": shadow.objective,
                "rows": [asdict(item) | {"price_unit": item.price_unit} for item in shadow.limits],
            },
            "standards": [asdict(item) for item in standards],
            "families": [asdict(item) for item in prices],
            "alternatives": None if search is None else asdict(search),
        }
        write_whole(options.out, json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
