"""The review command, its prices of sites, and what solving takes from a review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape

from hubopt.cli.exits import err, out
from hubopt.cli.progress import amount
from hubopt.cli.results import instance_of, plan_of, write_whole
from hubopt.cli.speech import say, word
from hubopt.instance import InputError, Instance, Policy, Problem, sha256
from hubopt.instance.criteria import read_criteria
from hubopt.instance.decisions import decided, read_decisions
from hubopt.solution import Solution, instance_folder, read_solution
from hubopt.solution.site_prices import SITE_PRICES, SitePrice, SitePrices, read_site_prices

PAGE = "review.html"


@dataclass(frozen=True)
class Options:
    """Options of the review command; ``time_limit`` in seconds, for the estimates and for each run of its own."""

    instance: Path | None
    out: Path | None
    lang: str
    prices: bool
    price_sites: Sequence[str]
    time_limit: float
    gap: float
    threads: int


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
        message = say("cli-review.other-instance", path=escape(str(file)))
        err.print(f"[yellow]{say('cli-frame.warning')}[/] {message}")
    aside = sum(row.mark in ("question", "comment") for row in decisions.rows)
    accepted, rejected = len(decisions.sites("accept")), len(decisions.sites("reject"))
    out.print(say("cli-review.decisions", accept=accepted, reject=rejected, aside=aside))
    return changed


def _told(price: SitePrice) -> str:
    site, status = escape(price.site), word("status", price.status)
    if price.most is None:
        return say("cli-review.unknown", site=site, status=status)
    return say("cli-review.between", site=site, least=amount(price.least), most=amount(price.most), status=status)


def _priced(instance: Instance, solution: Solution, folder: Path, options: Options) -> SitePrices | None:
    """The prices to show: computed as asked and kept beside the result, or those that are there already."""
    if not options.prices and not options.price_sites:
        return read_site_prices(folder, solution)
    from hubopt.study.base import prepare
    from hubopt.study.prices import Run
    from hubopt.study.site_prices import by_runs, check_sites, merged, site_prices

    check_sites(instance, solution, options.price_sites)
    known = None if options.prices else read_site_prices(folder, solution)
    if known is None:
        err.print(say("cli-review.pricing"))
        known = site_prices(prepare(instance, solution), options.time_limit)
        if len(known.sites) < known.asked:
            err.print(say("cli-review.late", count=len(known.sites), all=known.asked))
        write_whole(folder / SITE_PRICES, known.text())
    run = Run(seconds=options.time_limit, gap=options.gap, threads=options.threads)
    for price in by_runs(instance, solution, options.price_sites, run, lambda site: err.print(_running(site))):
        out.print(_told(price))
        known = merged(known, price)
        write_whole(folder / SITE_PRICES, known.text())
    return known


def _running(site: str) -> str:
    return say("cli-review.running", site=escape(site))


def run(folder: Path, options: Options) -> None:
    """Draw the review map of the result in ``folder``, with the prices that are known or asked for.

    Raises
    ------
    InputError
        For mistakes in the result, the instance or the options.
    """
    target = options.out or folder / PAGE
    if not target.absolute().parent.is_dir():
        raise InputError([Problem(str(target), "lies in no folder", "make the folder, or give another place")])
    solution = read_solution(folder)
    plan_of(solution, folder)
    instance = instance_of(solution, folder, options.instance)
    where = options.instance or instance_folder(folder)
    criteria = None if where is None else read_criteria(where)
    prices = _priced(instance, solution, folder, options)
    from hubopt.viz.review import review_map

    write_whole(target, review_map(instance, solution, options.lang, criteria=criteria, prices=prices))
    if prices is None:
        out.print(say("cli-review.no-prices"))
