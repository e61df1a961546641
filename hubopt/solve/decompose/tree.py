"""Branch and bound on what is open above the lowest sites, each part of all plans with multipliers of its own.

Sums are parted before sites: how many sites of a level are open decides most, and prices that suit any number suit
none.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

import numpy as np

from hubopt.model import Network
from hubopt.solution.duals import Duals, Split
from hubopt.solve.decompose.lagrangian import Ascent, Branch, Node
from hubopt.solve.milp import Vector

UNDECIDED = 0.05
"""Distance from whole at which a sum or a site is worth parting."""


@dataclass
class Tree:
    """The parts that are left, and the least bound of those that were given up as too dear."""

    network: Network
    ascent: Ascent
    nodes: list[Node] = field(default_factory=list)
    given_up: float = np.inf
    splits: dict[str, Split] = field(default_factory=dict)
    ended: list[Node] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.nodes = [self.ascent.root]
        number = {int(column): place for place, column in enumerate(self.ascent.above)}
        groups = self.ascent.cut.program.groups
        self._opened: dict[tuple[str, str], list[int]] = defaultdict(list)
        for (site, _, period), column in groups.get("open", {}).items():
            if column in number:
                self._opened[site, period].append(number[column])

    def bound(self, incumbent: float) -> float:
        """No plan costs less (model units); an incumbent is the best in the parts given up for it."""
        return min(self.given_up, incumbent, *(node.bound for node in self.nodes))

    def lowest(self, enough: float) -> Node | None:
        """The part with the lowest bound; parts that cannot hold a plan under ``enough`` are given up."""
        for node in [node for node in self.nodes if node.bound >= enough]:
            self.given_up = min(self.given_up, node.bound)
            self.drop(node)
        return min(self.nodes, key=lambda node: node.bound, default=None)

    def drop(self, node: Node) -> None:
        """A part that holds no plan at all, or none that is wanted."""
        self.nodes.remove(node)
        self.ended.append(node)

    def branch(self, node: Node) -> bool:
        """Part a node in two; False if there is nothing to part it by."""
        if node.mean is None:
            return False
        point = node.mean[self.ascent.above]
        split = self._by_number(point) or self._by_site(node.branch, point)
        parts = None if split is None else self._parted(node.branch, split)
        if split is None or parts is None:
            return False
        self.nodes.remove(node)
        self.splits[node.name] = split
        for side, part in enumerate(parts):
            first = self._first(node, part)
            self.nodes.append(replace(node, name=f"{node.name}{side}", branch=part, idle=0, step=1.0, trial=first))
        return True

    def restore(self, duals: Duals) -> None:
        """Part all plans as an earlier proof did, as far as its sites are there, each part with its multipliers."""
        self.nodes, self.splits = [], {}
        waiting = [self.ascent.root]
        while waiting:
            node = waiting.pop()
            split = duals.splits.get(node.name)
            parts = None if split is None else self._parted(node.branch, split)
            if split is not None and parts is not None:
                self.splits[node.name] = split
                waiting += [
                    replace(node, name=f"{node.name}{side}", branch=part) for side, part in enumerate(parts)
                ]  # fmt: skip
                continue
            known = duals.near(node.name)
            if known is not None:
                node.multipliers = node.trial = self.ascent.known(duals.rows, known)
            self.nodes.append(node)

    def _first(self, node: Node, part: Branch) -> Vector:
        """Multipliers for a new part: sites that are open anyway have nothing to gain from being asked for."""
        multipliers = node.multipliers.copy()
        for site in part.opened - node.branch.opened:
            multipliers[self.ascent.cut.needs_open.get(site, [])] = 0.0
        return multipliers

    def _parted(self, branch: Branch, split: Split) -> tuple[Branch, Branch] | None:
        """The two parts of a part; None if none of the sites is among those above."""
        if split.what == "site":
            return self._parted_by_site(branch, split)
        columns = tuple(
            column
            for (site, period), opened in self._opened.items()
            for column in opened
            if period == split.period and self.network.sites[site].level == split.id
        )
        if not columns:
            return None
        return (
            replace(branch, sums=(*branch.sums, (columns, -np.inf, float(split.at_most)))),
            replace(branch, sums=(*branch.sums, (columns, split.at_most + 1.0, np.inf))),
        )

    def _parted_by_site(self, branch: Branch, split: Split) -> tuple[Branch, Branch] | None:
        columns = tuple(self._opened.get((split.id, split.period), ()))
        if not columns or split.at_most > 0:
            return None
        # what is known of links and rows of a site is about all periods together
        alone = {split.id} if len(self.network.periods) == 1 else set()
        return (
            replace(branch, upper={**branch.upper, **dict.fromkeys(columns, 0.0)}, closed=branch.closed | alone),
            replace(branch, sums=(*branch.sums, (columns, 1.0, np.inf)), opened=branch.opened | alone),
        )

    def _by_number(self, point: Vector) -> Split | None:
        """How many sites of a level are open: at most, or at least one more."""
        totals: dict[tuple[str, str], float] = defaultdict(float)
        for (site, period), columns in self._opened.items():
            totals[self.network.sites[site].level, period] += float(point[columns].sum())
        level, period = max(totals, key=lambda which: abs(totals[which] - round(totals[which])), default=("", ""))
        total = totals.get((level, period), 0.0)
        if abs(total - round(total)) <= UNDECIDED:
            return None
        return Split("level", level, period, int(np.floor(total)))

    def _by_site(self, branch: Branch, point: Vector) -> Split | None:
        """Whether the site is open of which the average point says least."""
        known = branch.opened | branch.closed

        def distance(which: tuple[str, str]) -> float:
            value = float(point[self._opened[which]].sum())
            return 0.0 if which[0] in known else min(abs(value), abs(value - 1.0))

        site, period = max(self._opened, key=distance, default=("", ""))
        if not site or distance((site, period)) <= UNDECIDED:
            return None
        return Split("site", site, period, 0)
