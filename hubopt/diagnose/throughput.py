"""Proofs that what must be carried is more than the facilities of a level can handle on what they are given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hubopt.diagnose.finding import Finding
from hubopt.diagnose.ground import TOLERANCE, Ground
from hubopt.model.land import land_limits

LEVELS = ("hub", "utc", "station")


def capacity_short(ground: Ground) -> Iterator[Finding]:
    """Levels whose candidates together cannot handle what must be carried, of all goods or of a class of handling."""
    network = ground.network
    for t in network.periods:
        for level in LEVELS:
            sites = ground.openable(network.sites_of(level))
            goods = {k for k, item in network.commodities.items() if level in item.chain}
            classes: dict[str, set[str]] = {"": goods}
            for k in goods:
                needs = network.commodities[k].requirement_at(level)
                if needs != "ambient" and network.policy.holds("requirements"):
                    classes.setdefault(needs, set()).add(k)
            for needs, of_class in classes.items():
                least = ground.certain(t, of_class)
                room = {
                    i: network.largest_throughput(i)
                    if not needs
                    else max((network.largest_capacity(i, k) for k in of_class), default=0.0)
                    for i in sites
                }
                if least > sum(room.values()) * (1 + TOLERANCE) + 1e-9:
                    key = "proof.capacity-short" if not needs else "proof.class-capacity-short"
                    values: dict[str, object] = {
                        "level": level, "count": len(sites), "least": least * ground.flow,
                        "most": sum(room.values()) * ground.flow, "period": t,
                    }  # fmt: skip
                    if needs:
                        values["requirement"] = needs
                    yield Finding(key, values, ("unmet_share_max",))


def _carried(ground: Ground, level: str, period: str) -> float:
    """Least throughput of a level (flow units)."""
    return ground.certain(period, {k for k, item in ground.network.commodities.items() if level in item.chain})


def _least_land(ground: Ground, sites: Sequence[str], inside: set[str], period: str, level: str) -> float:
    """Least land (ha) inside an area on which what it must carry of a level can be handled; the best sites first.

    The sites outside carry what they can. Land per throughput is that of a site's best design.
    """
    network = ground.network
    left = _carried(ground, level, period) - sum(network.largest_throughput(i) for i in sites if i not in inside)
    offers: list[tuple[float, float]] = []
    for i in sites:
        if i in inside and network.largest_throughput(i) > 0:
            dense = [
                network.options[i, d].land_ha_module / network.module_capacity(i, d)
                for d in network.designs_at[i]
                if network.module_capacity(i, d) > 0
            ]
            free = any(network.overflows(i, d) for d in network.designs_at[i])
            offers.append((0.0 if free or not dense else min(dense), network.largest_throughput(i)))
    land = 0.0
    for per_unit, room in sorted(offers):
        if left <= 0:
            break
        land += per_unit * min(room, left) if per_unit > 0 else 0.0
        left -= room
    return land


def land_short(ground: Ground) -> Iterator[Finding]:
    """Land limits below what must be carried takes up on the densest designs."""
    network = ground.network
    if not network.policy.holds("land"):
        return
    by_level = {level: ground.openable(network.sites_of(level)) for level in LEVELS}
    for scope, name, t in land_limits(network):
        inside = {i for i, site in network.sites.items() if scope == "total" or getattr(site, scope) == name}
        least = sum(_least_land(ground, sites, inside, t, level) for level, sites in by_level.items())
        most = network.land_limit[scope, name]
        if least > most * (1 + TOLERANCE) + 1e-9:
            limit = f"land_ha.{scope}:{name}"
            carried = max(_carried(ground, level, t) for level in LEVELS) * ground.flow
            values = {"limit": limit, "least": least, "most": most, "t_d": carried, "period": t}
            yield Finding("proof.land-short", values, (limit, "unmet_share_max"))


def sites_short(ground: Ground) -> Iterator[Finding]:
    """Largest numbers of sites of a level that cannot handle what must be carried, however large they are."""
    network, structure = ground.network, ground.network.instance.structure
    if not network.policy.holds("level_counts"):
        return
    for level, rule in structure.levels.items():
        most, limit = rule.max_open, f"levels.{level}.max_open"
        if most is None:
            continue
        rooms = sorted((network.largest_throughput(i) for i in ground.openable(network.sites_of(level))), reverse=True)
        room = sum(rooms[:most])
        for t in network.periods:
            least = _carried(ground, level, t)
            if len(rooms) > most and least > room * (1 + TOLERANCE) + 1e-9:
                values = {
                    "limit": limit, "asked": most, "least": least * ground.flow, "most": room * ground.flow,
                    "period": t,
                }  # fmt: skip
                yield Finding("proof.sites-short", values, (limit, "unmet_share_max"))
