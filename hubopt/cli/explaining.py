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
from hubopt.instance import InputError, Problem, read_instance
from hubopt.solution import read_solution

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
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index > 1 else "left")
    return table


def _print_shadow(prices: ShadowPrices) -> None:
    binding = [item for item in prices.limits if item.binding]
    out.print(f"[bold]Limits[/] ({prices.method}): {len(binding)} of {len(prices.limits)} bind")
    table = _table("family", "limit", "at most", "used", "price", "unit of the price")
    for item in sorted(binding, key=lambda item: -item.price)[:_SHOWN]:
        limit, used = f"{item.limit:,.2f} {item.unit}", f"{item.used:,.2f}"
        table.add_row(item.family, escape(item.what), limit, used, f"{item.price:,.2f}", item.price_unit)
    if table.row_count:
        out.print(table)
    if len(binding) > _SHOWN:
        out.print(f"and {len(binding) - _SHOWN} more that bind")


def _print_prices(title: str, prices: Iterable[Price]) -> None:
    table = _table("requirement", "for", "CNY/year at least", "at most", "bound with", "bound relaxed", "run")
    for item in prices:
        table.add_row(
            escape(item.what), item.unit, amount(item.least), amount(item.most), amount(item.bound),
            amount(item.relaxed_bound), item.status,
        )  # fmt: skip
    if table.row_count:
        out.print(f"\n[bold]{title}[/] (re-solve)")
        out.print(table)


def _print_alternatives(search: Search) -> None:
    out.print(f"\n[bold]Other site sets[/] within {percent(search.within)}: {len(search.found)} found and checked")
    table = _table("closes", "opens", "extra CNY/year", "extra", "shared sites", "no fewer than")
    for item in search.found:
        table.add_row(
            escape(", ".join(item.closed)) or "-", escape(", ".join(item.opened)) or "-", amount(item.extra),
            percent(item.extra_share), str(item.shared), f"{item.shared_bound} ({item.scope})",
        )  # fmt: skip
    if table.row_count:
        out.print(table)
    if search.note:
        out.print(escape(search.note))


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
    err.print("pricing limits")
    shadow = shadow_prices(base, options.time_limit)
    _print_shadow(shadow)
    search = None
    if options.alternatives:
        err.print("seeking other site sets")
        search = alternatives(base, options.alternatives, options.within, how)
        _print_alternatives(search)
    standards: list[Price] = []
    if options.standards:
        err.print("pricing standards and counts")
        standards = list(prices_of_standards(instance, solution, how))
        _print_prices("Standards and counts", standards)
    prices = []
    for family in families:
        err.print(f"pricing {family}")
        prices.append(price_of_family(instance, solution, family, how))
    _print_prices("Families of requirements", prices)
    if options.out is not None:
        content = {
            "instance": solution.instance_id,
            "objective_cny_year": base.objective,
            "bound_cny_year": base.bound,
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
