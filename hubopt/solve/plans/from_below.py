"""A first plan of a large program from the zones up: their links are given, then sites, then the links between sites.

With the links of the zones given, the relaxation of all the rest is small enough to dive in. Once the sites are
decided as well, little more can come through a link than its station needs: with rows as tight as that, a branching on
the links between sites ends at or near its root, where a dive would take several hundred steps or go astray.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from hubopt.model import Network
from hubopt.solve.engine.dive import Columns, Dive, rounded_up
from hubopt.solve.engine.jobs import Job
from hubopt.solve.engine.reduced import Reduced, reduced
from hubopt.solve.milp import Mask, Milp, Vector
from hubopt.solve.plans.order import dive_order
from hubopt.solve.plans.packing import with_links
from hubopt.solve.tightening import largest, tightened

LINKS_GAP, LINKS_SHARE = 0.01, 0.12
"""Gap at which the links between sites are good enough for a first plan, and their share of the time left."""
TOLERANCE = 1e-6
"""How far columns that are given may miss a row by themselves (model units)."""


@dataclass(frozen=True)
class FromBelow:
    """The steps to a plan of ``program`` in which the links ``zones`` (columns) are at 1.

    The program is without its strengthening rows, which would cost more time than they save here.
    """

    network: Network
    program: Milp
    zones: Columns

    @cached_property
    def _linked(self) -> Milp:
        """The program with the zones linked as given, and all columns at 0 that this leaves no use for."""
        linked = with_links(self.program, self.zones)
        idle = largest(linked) <= TOLERANCE
        return replace(linked, upper=np.where(idle, np.maximum(linked.lower, 0.0), linked.upper))

    @cached_property
    def left(self) -> Reduced | None:
        """What the zones leave to decide; None if their links alone miss a row."""
        linked = self._linked
        return reduced(linked, linked.lower, linked.upper, linked.integer, TOLERANCE, worth=0.0)

    def sites(self, left: Reduced, seconds: float) -> Dive:
        """The dive that opens sites, in the program of what is left, without second thoughts: these take minutes."""
        place = np.full(self.program.columns, -1)
        place[left.free] = np.arange(len(left.free))
        opening = self.program.columns_of(["open"])
        classes = ((columns, closing) for columns, closing in dive_order(self.network, self.program))
        binaries = tuple(
            (place[columns][place[columns] >= 0], closing) for columns, closing in classes if opening[columns].all()
        )
        return Dive(binaries, np.array([], dtype=np.intp), seconds=seconds, patience=0.0)

    def links(self, point: Vector, left: float, seed: int) -> tuple[Milp, Job]:
        """The program and job of the links between sites that are open as in ``point``, with ``left`` seconds in all.

        Sizes may be broken.
        """
        opening = self.program.columns_of(["open"])
        opened = np.round(point)
        linked = self._linked
        lower, upper = np.where(opening, opened, linked.lower), np.where(opening, opened, linked.upper)
        program = tightened(replace(linked, lower=lower, upper=upper))
        links: Mask = program.integer & program.columns_of(["link"])
        return program, Job(program.lower, program.upper, links, gap=LINKS_GAP, seconds=left * LINKS_SHARE, seed=seed)

    def sized(self, point: Vector) -> Vector:
        """The point with sizes rounded up to whole modules."""
        sizes = self.program.columns_of(["modules"])
        return np.where(sizes, rounded_up(point, self.program.upper), point)
