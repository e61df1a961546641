"""A network and bounds on what it can do, for what is told without solving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hubopt.model import Network

TOLERANCE = 1e-6
"""Relative difference that proves nothing."""


@dataclass(frozen=True, eq=False)
class Ground:
    """A network and bounds on what it can do, in t/d unless said."""

    network: Network

    @property
    def flow(self) -> float:
        """t/d in a flow unit."""
        return self.network.scale.flow_t_d

    def openable(self, sites: Sequence[str]) -> list[str]:
        """Those of the sites that can have a facility."""
        return [i for i in sites if self.network.designs_at[i]]

    @cached_property
    def forced(self) -> set[str]:
        """Sites that must be open."""
        network = self.network
        held = set()
        if network.policy.holds("forced_sites"):
            held |= {i for i, site in network.sites.items() if site.forced == "open"}
        if network.policy.holds("existing_must_stay"):
            held |= {i for i, today in network.existing.items() if not today.may_close}
        return held

    def demand(self, period: str, commodities: set[str] | None = None) -> float:
        """Demand of a period (flow units)."""
        return sum(
            x
            for (_, k, t), x in self.network.demand.items()
            if t == period and (commodities is None or k in commodities)
        )

    @property
    def cap(self) -> float | None:
        """Largest share left unmet; None if any share may."""
        policy = self.network.policy
        return policy.unmet_share_max if policy.holds("unmet_cap") else None

    def certain(self, period: str, commodities: set[str]) -> float:
        """Least that must be carried of some commodities (flow units)."""
        items = self.network.commodities
        firm = self.demand(period, {k for k in commodities if items[k].must_be_met})
        if self.cap is None:
            return firm
        return max(firm, self.demand(period, commodities) - self.cap * self.demand(period))

    @cached_property
    def reached(self) -> set[tuple[str, str]]:
        """(zone, commodity) that something can reach."""
        return {(arc[2], k) for arc, k in self.network.carriers if arc[2] not in self.network.sites}
