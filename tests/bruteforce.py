"""Least objective by trying every network, written from the description of the problem alone: no model code is used.

All that may become of every site over the periods, and all single sources, are listed; for each choice the flows left
over are a linear program. Only for cases of a handful of sites. Choices whose facilities alone cost as much as the best
total found are passed over, since everything else costs money too; so are those that are no better without single
sourcing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from hubopt.instance import Instance, Policy
from tests.brute_case import Choice, SmallCase, Sources
from tests.brute_flows import Block
from tests.brute_paths import Conversion, Path, paths
from tests.brute_program import Program, plus
from tests.varied_case import varied_case

__all__ = ["BruteForce", "least_cost", "varied_case"]

ROUND_OFF = 1e-7
"""Relative slack of rows without columns."""


@dataclass
class BruteForce:
    """An effective instance; :meth:`least` is the least objective in CNY/year, None if no network is allowed."""

    instance: Instance
    policy: Policy = field(default_factory=Policy)
    tried: int = 0
    known: dict[object, float | None] = field(default_factory=dict)
    kept: dict[object, bool] = field(default_factory=dict)

    @cached_property
    def case(self) -> SmallCase:
        return SmallCase(self.instance, self.policy)

    # -- facilities ------------------------------------------------------------------------------------------------

    def choice(self, network: Iterable[tuple[str, Path]], at: int) -> dict[str, tuple[str, int]]:
        """What is open in a period."""
        return {site: size for site, path in network if (size := path.sizes[at]) is not None}

    def keeps(self, choice: Choice, at: int) -> bool:
        """Whether the open sites of a period keep what does not depend on flows."""
        return self.case.keeps_counts(choice) and self.case.keeps_access(choice, self.case.periods[at])

    def fixed_cost(self, path: Path) -> float:
        """CNY/year in the objective, if all is converted that may be."""
        policy = self.policy
        return sum(
            period.weight
            * (
                sum(policy.weight(part) * value for part, value in path.cost[at].items())  # type: ignore[arg-type]
                + policy.land_charge_cny_ha_year * path.land_ha[at]
            )
            for at, period in enumerate(self.case.periods)
        )

    def networks(self) -> list[tuple[float, tuple[tuple[str, Path], ...]]]:
        """Every allowed network with its cost of facilities, the cheapest first."""
        names = list(self.case.sites)
        options = [[(self.fixed_cost(path), path) for path in paths(self.case, site)] for site in names]
        found = []
        for combination in itertools.product(*options):
            network = tuple(zip(names, (path for _, path in combination), strict=True))
            # in turn: sizes of a first period that breaks a rule need no look at the second
            for at in range(len(self.case.periods)):
                key = (at, tuple(path.sizes[at] for _, path in combination))
                if key not in self.kept:
                    self.kept[key] = self.keeps(self.choice(network, at), at)
                if not self.kept[key]:
                    break
            else:
                found.append((sum(cost for cost, _ in combination), network))
        return sorted(found, key=lambda pair: pair[0])

    # -- flows -----------------------------------------------------------------------------------------------------

    def sourcings(self, choice: Choice, at: int) -> Iterator[Sources | None]:
        """Single sources that keep the delivery targets."""
        if not self.case.single:
            yield None
            return
        for sources in self.case.sourcings(choice):
            if self.case.keeps_delivery(sources, self.case.periods[at]):
                yield sources

    def solved(
        self, network: tuple[tuple[str, Path], ...], periods: tuple[int, ...], sources: tuple[Sources | None, ...]
    ) -> float | None:
        """Least objective of flows and of not converting, over some periods together."""
        self.tried += 1
        case, program = self.case, Program()
        turned = [item for _, path in network for item in path.conversions if item.lost > 0 and item.period in periods]
        later = {item: [t.weight for at, t in enumerate(case.periods) if at >= item.period] for item in turned}
        unused = {
            item: program.column(self.policy.weight("capital") * item.dearer_yearly * sum(later[item]), item.most)
            for item in turned
        }
        cost = {column: item.dearer_yearly * sum(later[item]) for item, column in unused.items()}
        for at, given in zip(periods, sources, strict=True):
            kg = sum(path.kg[at] for _, path in network)
            block = Block(case, program, at, self.choice(network, at), given, unused, kg)
            cost |= block.cost
            budget = case.periods[at].capital_budget_cny
            if budget is not None:
                spent = sum(path.investment[at] for _, path in network)
                dearer = {column: item.dearer_cny for item, column in unused.items() if item.period == at}
                program.limit(dearer, budget * (1 + ROUND_OFF) - spent)
            self._stock(program, network, at, unused)
        if self.policy.cost_cap_cny_year is not None:
            fixed = sum(
                case.periods[at].weight * sum(path.cost[at].values())
                for _, path in network
                for at in range(len(case.periods))
            )
            program.limit(cost, self.policy.cost_cap_cny_year - fixed)
        return program.least()

    def _stock(
        self, program: Program, network: tuple[tuple[str, Path], ...], at: int, unused: dict[Conversion, int]
    ) -> None:
        """The part of today's floor area that is in use."""
        if self.policy.stock_share_min is None or not self.case.today:
            return
        areas = {
            site: row.modules * self.case.designs[row.design].module_gfa_m2 for site, row in self.case.today.items()
        }
        kept = sum(path.kept_m2[at] for _, path in network)
        used: dict[int, float] = {}
        for site, path in network:
            size = path.sizes[at]
            leaving = [item for item in path.conversions if item.from_today and item.period <= at]
            if size is None or path.kept_m2[at] > 0 or not leaving:
                continue
            last = leaving[-1]
            gfa = self.case.designs[last.design].module_gfa_m2
            column = program.column(upper=areas[site])
            used[column] = 1.0
            given_up = {unused[last]: gfa} if last in unused else {}
            program.limit(plus((1, {column: 1.0}), (1, given_up)), last.most * gfa)
        least = self.policy.stock_share_min * sum(areas.values())
        program.limit(plus((-1, used)), kept - least * (1 - ROUND_OFF))

    def flow_cost(self, network: tuple[tuple[str, Path], ...], best: float) -> float | None:
        """Least objective of everything but the facilities; None if nothing is allowed or it is not below ``best``."""
        count = len(self.case.periods)
        joined = self.policy.cost_cap_cny_year is not None or self.policy.stock_share_min is not None
        groups = [tuple(range(count))] if joined else [(at,) for at in range(count)]
        relaxed = [self._known(network, group, relaxed=True) for group in groups]
        if any(value is None for value in relaxed) or sum(value or 0.0 for value in relaxed) >= best:
            return None
        found = [self._known(network, group, relaxed=False) for group in groups] if self.case.single else relaxed
        return None if any(value is None for value in found) else sum(value or 0.0 for value in found)

    def _known(self, network: tuple[tuple[str, Path], ...], periods: tuple[int, ...], *, relaxed: bool) -> float | None:
        """The least of :meth:`solved` over single sources (or without single sourcing), remembered."""
        choices = [self.choice(network, at) for at in periods]
        money = tuple(
            sum(path.investment[at] for _, path in network)
            for at in periods
            if self.case.periods[at].capital_budget_cny is not None
        )
        turned = tuple(item for _, path in network for item in path.conversions if item.period in periods)
        joined = network if len(periods) == len(self.case.periods) > 1 or self.policy.cost_cap_cny_year else ()
        stock = network if self.policy.stock_share_min is not None else ()
        key = (periods, tuple(frozenset(choice.items()) for choice in choices), money, turned, len(joined), relaxed)
        key = (*key, tuple(path.sizes for _, path in joined or stock))
        if key not in self.known:
            values = []
            every = [[None] if relaxed else list(self.sourcings(c, at)) for c, at in zip(choices, periods, strict=True)]
            for sources in itertools.product(*every):
                values.append(self.solved(network, periods, tuple(sources)))
            allowed = [value for value in values if value is not None]
            self.known[key] = min(allowed) if allowed else None
        return self.known[key]

    # -- all of it -------------------------------------------------------------------------------------------------

    def least(self) -> float | None:
        """The objective of the cheapest network (CNY/year), None if no network keeps every rule."""
        best = float("inf")
        for cost, network in self.networks():
            if cost >= best:
                break
            flows = self.flow_cost(network, best - cost)
            if flows is not None:
                best = min(best, cost + flows)
        return None if best == float("inf") else best


def least_cost(instance: Instance, policy: Policy | None = None) -> float | None:
    """Least objective of an effective instance under a policy (caps, charges and weights; no switches)."""
    return BruteForce(instance, policy or Policy()).least()
