"""What it costs to force a site in or out: an estimate for every site, by a run of its own for some.

The estimate leaves the rest of the network as it is: the other sites and the links between them stay, goods that the
site took (or now takes) find another way, sizes and shares are continuous. It is the difference of two linear programs
and neither a lower nor an upper bound. A run of its own gives an interval that is proven.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hubopt.instance import InputError, Instance, Policy, Problem, apply
from hubopt.instance.errors import choose_from
from hubopt.solution import Solution
from hubopt.solution.site_prices import Action, LandPrice, SitePrice, SitePrices
from hubopt.solve.engine.probe import Probe, Question
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.milp import Milp
from hubopt.study.base import Base, held
from hubopt.study.prices import Run, interval, solved
from hubopt.study.shadow import shadow_prices

Told = Callable[[int, int], None]
"""Told how many of how many questions are answered."""

_ROUNDING = 1e-9
"""Rise, relative to the objective, that is rounding."""


@dataclass(frozen=True)
class Standing:
    """Sites that are open in every period, in some period, and those that the case fixes (open or closed) anyway."""

    always: frozenset[str]
    sometimes: frozenset[str]
    fixed: frozenset[str]


def standing(instance: Instance, solution: Solution) -> Standing:
    """How the sites stand in the plan of ``solution``, which must have one."""
    policy = solution.policy
    case = apply(instance, policy)
    assert solution.plan is not None
    rows = solution.plan.facilities
    counts = rows[rows["modules"] > 0].groupby("site")["period"].nunique()
    fixed: set[str] = set()
    if policy.holds("forced_sites"):
        fixed |= set(case.sites.loc[case.sites["forced"] != "", "id"])
    if policy.holds("existing_must_stay"):
        fixed |= set(case.existing.loc[~case.existing["may_close"], "site"])
    always = counts[counts == len(case.structure.periods)].index
    return Standing(frozenset(map(str, always)), frozenset(map(str, counts.index)), frozenset(map(str, fixed)))


class _Asking:
    """Makes the questions: which columns of the program with the network held each of them sets free."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.open: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for (site, _, period), column in base.program.groups.get("open", {}).items():
            self.open[site][period].append(column)
        self.into: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        self.below: dict[str, list[tuple[tuple[str, str, str], int]]] = defaultdict(list)
        for (leg, upper, lower, period), column in base.program.groups.get("link", {}).items():
            self.into[leg, lower, period].append(column)
            self.below[upper].append(((leg, lower, period), column))
        self.ends: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for end in self.into:
            self.ends[end[1]].append(end)

    def _question(self, name: str, free: set[int], shut: Sequence[int], groups: Sequence[Sequence[int]]) -> Question:
        columns = np.array([*sorted(free - set(shut)), *shut], dtype=np.intp)
        upper = np.ones(len(columns))
        upper[len(columns) - len(shut) :] = 0.0
        wanted = tuple(np.array(group, dtype=np.intp) for group in groups)
        return Question(name, columns, np.zeros(len(columns)), upper, wanted)

    def out_of(self, site: str) -> Question:
        """The site shut; what it was the source of may take any other source."""
        shut = [column for own in self.open[site].values() for column in own]
        free = {column for end in self.ends[site] for column in self.into[end]}
        for end, column in self.below[site]:
            if self.base.point[column] > 0.5:
                free.update(self.into[end])
        return self._question(f"out {site}", free, shut, ())

    def into_plan(self, site: str) -> Question:
        """The site open in every period; it may take any source, and whatever it reaches may come to it."""
        groups = list(self.open[site].values())
        free = {column for own in groups for column in own}
        free |= {column for end in self.ends[site] for column in self.into[end]}
        for end, column in self.below[site]:
            free.add(column)
            free.update(other for other in self.into[end] if self.base.point[other] > 0.5)
        return self._question(f"in {site}", free, (), groups)


def questions(base: Base) -> list[Question]:
    """In for every site that is not open throughout, out for every one that is open at all; none for fixed sites."""
    stands, asking = standing(base.instance, base.solution), _Asking(base)
    found = []
    for site in asking.open:
        if site not in stands.fixed and site not in stands.always:
            found.append(asking.into_plan(site))
        if site not in stands.fixed and site in stands.sometimes:
            found.append(asking.out_of(site))
    return found


def _network_held(base: Base) -> Milp:
    """The linear program with the openings and links of the plan; what else is whole may be broken."""
    program = held(base.program, base.point, base.program.columns_of(["open", "link"]))
    program = program.with_rows(~program.strengthening)
    return replace(program, integer=np.zeros_like(program.integer))


def _action(word: str) -> Action:
    return "in" if word == "in" else "out"


def _estimate(name: str, objective: float, floor: float, base: Base) -> SitePrice:
    """The estimate of a question from the objectives (model units) with it and with nothing changed."""
    word, _, site = name.partition(" ")
    if math.isinf(objective):
        return SitePrice(site=site, action=_action(word), kind="rest-stays", status="rest must change")
    rise = (objective - floor) * base.money
    if abs(rise) <= _ROUNDING * abs(base.objective):
        rise = 0.0
    return SitePrice(site=site, action=_action(word), kind="rest-stays", estimate=rise)


def estimates(base: Base, seconds: float, told: Told | None = None) -> tuple[SitePrice, ...]:
    """Price every site with the rest of the network as it is; those for which there was no time are absent.

    Raises
    ------
    InputError
        If the plan does not fit the model.
    KeyboardInterrupt
        On Ctrl-C.
    """
    asked = questions(base)
    answers: dict[str, float] = {}

    def listen(report: tuple[object, ...]) -> None:
        if report[0] == "answer":
            answers[str(report[1])] = float(report[2])  # type: ignore[arg-type]
            if told is not None:
                told(len(answers) - 1, len(asked))

    with SolverProcess(_network_held(base)) as solver:
        ended = solver.run(Probe(tuple(asked), seconds), listen)
    if "" not in answers:
        why = {"infeasible": "does not keep the rules of its policy", "time": "could not be priced within the time"}
        message = why.get(ended.reason, f"could not be priced ({ended.reason})")
        raise InputError([Problem("RESULT", message, "check the result, or give a longer --time-limit")])
    floor = answers.pop("")
    return tuple(_estimate(name, objective, floor, base) for name, objective in answers.items())


def land_prices(base: Base, seconds: float) -> tuple[LandPrice, ...]:
    """What one more hectare of each binding land limit would save with the sites and links as they are."""
    found = []
    for item in shadow_prices(base, seconds).limits:
        if item.family == "land" and item.price > 0:
            scope, name, period = (part.strip() for part in item.what.split(", "))
            found.append(LandPrice(scope=scope, id=name, period=period, price=item.price))
    return tuple(found)


def site_prices(base: Base, seconds: float, told: Told | None = None) -> SitePrices:
    """Estimates for every site and prices of the land limits, within ``seconds`` for each of the two.

    Raises
    ------
    InputError
        If the plan does not fit the model, or there was no time even for the first program.
    KeyboardInterrupt
        On Ctrl-C.
    """
    return SitePrices(
        instance_sha256=base.solution.proof.instance_sha256,
        objective=base.stated(base.objective),
        bound=None if base.bound is None else base.stated(base.bound),
        asked=len(questions(base)),
        land=land_prices(base, seconds),
        sites=estimates(base, seconds, told),
    )


def _changed(policy: Policy, site: str, action: Action) -> Policy:
    if action == "in":
        return policy.model_copy(update={"force_open": (*policy.force_open, site)})
    return policy.model_copy(update={"force_closed": (*policy.force_closed, site)})


def check_sites(instance: Instance, solution: Solution, sites: Sequence[str]) -> None:
    """Refuse sites that cannot be priced.

    Raises
    ------
    InputError
        If one does not exist or the case fixes it.
    """
    stands, ids = standing(instance, solution), set(instance.sites["id"])
    problems = [
        Problem("--price-site", "is no site of the instance", choose_from(site, ids), value=site)
        for site in sites
        if site not in ids
    ]
    problems += [
        Problem("--price-site", "is fixed by the instance or the policy", "name a site that is free", value=site)
        for site in sites
        if site in stands.fixed
    ]
    if problems:
        raise InputError(problems)


def by_runs(
    instance: Instance, solution: Solution, sites: Sequence[str], run: Run, begun: Callable[[str], None] | None = None
) -> Iterator[SitePrice]:
    """Price some sites, each after the other, by solving again with it forced the other way.

    A site that is open in every period is forced out, any other in; ``begun`` is told before each run.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    stands = standing(instance, solution)
    for site in dict.fromkeys(sites):
        if begun is not None:
            begun(site)
        action: Action = "out" if site in stands.always else "in"
        yield _settled(site, action, solution, solved(instance, _changed(solution.policy, site, action), run, solution))


def _settled(site: str, action: Action, solution: Solution, forced: Solution) -> SitePrice:
    """The price from a run with the site forced; the result is the relaxed one of the two."""
    status = forced.proof.status
    if status == "infeasible":
        return SitePrice(site=site, action=action, kind="re-solve", possible=False, status=status)
    if forced.proof.objective is None or forced.plan is None or status == "error":
        return SitePrice(site=site, action=action, kind="re-solve", status=status)
    price, sign = interval(site, "the site", forced, solution), 1 if forced.proof.sense == "min" else -1
    return SitePrice(
        site=site, action=action, kind="re-solve", possible=True, least=price.least, most=price.most,
        estimate=sign * (forced.proof.objective - price.relaxed_objective), status=status,
    )  # fmt: skip


def merged(prices: SitePrices, newer: SitePrice) -> SitePrices:
    """``prices`` with one of them replaced."""
    kept = {(item.site, item.action): item for item in prices.sites} | {(newer.site, newer.action): newer}
    return prices.model_copy(update={"sites": tuple(kept.values())})
