"""Branch and bound on what is open above the lowest sites, each part of all plans with multipliers of its own.

Sums are parted before sites: how many sites of a level are open decides most, and prices that suit any number suit
none.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

import numpy as np

from hubopt.model import Network
from hubopt.solve.lagrangian import Ascent, Branch, Node
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
            self.nodes.remove(node)
        return min(self.nodes, key=lambda node: node.bound, default=None)

    def drop(self, node: Node) -> None:
        """A part that holds no plan at all."""
        self.nodes.remove(node)

    def branch(self, node: Node) -> bool:
        """Part a node in two; False if there is nothing to part it by."""
        if node.mean is None:
            return False
        point = node.mean[self.ascent.above]
        parts = self._by_number(node.branch, point) or self._by_site(node.branch, point)
        if not parts:
            return False
        self.nodes.remove(node)
        for part in parts:
            self.nodes.append(replace(node, branch=part, idle=0, step=1.0, trial=self._first(node, part)))
        return True

    def _first(self, node: Node, part: Branch) -> Vector:
        """Multipliers for a new part: sites that are open anyway have nothing to gain from being asked for."""
        multipliers = node.multipliers.copy()
        for site in part.opened - node.branch.opened:
            multipliers[self.ascent.cut.needs_open.get(site, [])] = 0.0
        return multipliers

    def _by_number(self, branch: Branch, point: Vector) -> tuple[Branch, ...]:
        """How many sites of a level are open: at most, or at least one more."""
        groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        for (site, period), columns in self._opened.items():
            groups[self.network.sites[site].level, period] += columns
        best: tuple[float, tuple[int, ...], float] | None = None
        for columns in groups.values():
            total = float(point[columns].sum())
            distance = abs(total - round(total))
            if distance > UNDECIDED and (best is None or distance > best[0]):
                best = distance, tuple(columns), float(np.floor(total))
        if best is None:
            return ()
        _, chosen, whole = best
        return (
            replace(branch, sums=(*branch.sums, (chosen, -np.inf, whole))),
            replace(branch, sums=(*branch.sums, (chosen, whole + 1, np.inf))),
        )

    def _by_site(self, branch: Branch, point: Vector) -> tuple[Branch, ...]:
        """Whether the site is open of which the average point says least."""
        best: tuple[float, str, list[int]] | None = None
        for (site, _), columns in self._opened.items():
            distance = min(abs(float(point[columns].sum()) - whole) for whole in (0.0, 1.0))
            if (
                site not in branch.opened | branch.closed
                and distance > UNDECIDED
                and (best is None or distance > best[0])
            ):
                best = distance, site, columns
        if best is None:
            return ()
        _, site, columns = best
        return (
            replace(
                branch,
                upper={**branch.upper, **dict.fromkeys(columns, 0.0)},
                closed=branch.closed | ({site} if len(self.network.periods) == 1 else set()),
            ),
            replace(
                branch,
                sums=(*branch.sums, (tuple(columns), 1.0, np.inf)),
                opened=branch.opened | ({site} if len(self.network.periods) == 1 else set()),
            ),
        )
