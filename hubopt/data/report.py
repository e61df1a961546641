"""Figures that show whether a built instance is plausible, and their text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hubopt.data.travel import straight_km
from hubopt.instance.schema import TABLES
from hubopt.instance.types import LEVELS, Instance, Level, Requirement, ServiceTarget

REQUIREMENTS: tuple[Requirement, ...] = ("ambient", "bonded", "cold")


def weights(instance: Instance, target: ServiceTarget) -> pd.Series:
    """Demand in t/d by zone that a target counts."""
    counted = target.commodities or tuple(c.id for c in instance.structure.commodities if target.level in c.chain)
    chosen = instance.demand[instance.demand["commodity"].isin(counted)]
    return chosen.groupby("zone")["t_d"].sum()


def greedy_cover(instance: Instance, target: ServiceTarget) -> tuple[float, int | None]:
    """Share of demand within an access target with all candidates open, and how many a greedy choice needs for it."""
    arcs = instance.arcs[instance.arcs["leg"] == f"{target.level}-zone"]
    arcs = arcs[arcs[target.measure] <= target.limit]
    demand = weights(instance, target)
    covers = pd.crosstab(arcs["origin"], arcs["destination"]).reindex(columns=demand.index, fill_value=0).to_numpy() > 0
    left = demand.to_numpy(dtype=float).copy()
    total = left.sum()
    needed: int | None = None
    for chosen in range(1, len(covers) + 1):
        best = int((covers @ left).argmax())
        if not (covers[best] @ left) > 0:
            break
        left[covers[best]] = 0
        if needed is None and total - left.sum() >= target.share * total:
            needed = chosen
    return float(1 - left.sum() / total), needed


def delivery_share(instance: Instance, target: ServiceTarget) -> float:
    """Share of demand that some station and some centre could serve within a delivery target."""
    first = instance.arcs[instance.arcs["leg"] == f"{target.level}-station"].groupby("destination")["minutes"].min()
    last = instance.arcs[instance.arcs["leg"] == "station-zone"]
    dwell = instance.structure.levels["station"].dwell_minutes
    whole = last["minutes"] + last["origin"].map(first) + dwell
    demand = weights(instance, target)
    best = whole.groupby(last["destination"]).min().reindex(demand.index)
    return float(demand[best <= target.limit].sum() / demand.sum())


def within_budgets(instance: Instance, target: ServiceTarget) -> str:
    """By leg of a chain target: how many of the lower ends have a way within the leg's budget."""
    beyond = instance.gateways.set_index("id")["beyond_minutes"]
    parts = []
    for leg, budget in target.budget_minutes.items():
        arcs = instance.arcs[instance.arcs["leg"] == leg]
        minutes = arcs["minutes"] + (arcs["origin"].map(beyond) if leg.startswith("gateway-") else 0.0)
        best = minutes.groupby(arcs["destination"]).min()
        parts.append(f"{leg} within {budget:g} min for {int((best <= budget).sum())} of {len(best)} lower ends")
    return ", ".join(parts)


def largest_capacity(instance: Instance, level: Level, requirement: Requirement) -> float:
    """Throughput in t/d of all candidates of a level in the design that carries most, land and module bounds held."""
    total = 0.0
    own = instance.sites[instance.sites["level"] == level]
    for designs, land_ha in zip(own["designs"], own["land_ha"], strict=True):
        named = designs.split(";") if designs else None
        best = 0.0
        for design in instance.structure.designs:
            if level in design.levels and (named is None or design.id in named):
                fits = int(land_ha * 1e4 * design.floor_area_ratio / design.module_gfa_m2 + 1e-9)
                modules = min(fits, design.max_modules)
                if modules >= design.min_modules:
                    best = max(best, modules * design.capacity_t_d(requirement))
        total += best
    return total


def level_demand(instance: Instance, level: Level, requirement: Requirement | None) -> float:
    """Demand in t/d that passes a level, of one requirement or of all."""
    names = [c.id for c in instance.structure.commodities if level in c.chain and requirement in (None, c.requirement)]
    return float(instance.demand.loc[instance.demand["commodity"].isin(names), "t_d"].sum())


def arc_figures(instance: Instance) -> pd.DataFrame:
    """By leg and mode: arcs, upper ends per lower end (least, mean), median circuity and median km/h."""
    places = pd.concat([instance.gateways, instance.sites, instance.zones])[["id", "lon", "lat"]].set_index("id")
    rows = []
    for (leg, mode), arcs in instance.arcs.groupby(["leg", "mode"]):
        ends = [places.loc[arcs[end]].reset_index(drop=True) for end in ("origin", "destination")]
        straight = _pairwise_km(*ends)
        far = straight > 1
        per = arcs.groupby("destination").size()
        rows.append(
            {
                "leg": leg,
                "mode": mode,
                "arcs": len(arcs),
                "estimated": int(arcs["estimated"].sum()),
                "least per lower end": int(per.min()),
                "mean": round(float(per.mean()), 1),
                "circuity": round(float(np.median(arcs["km"].to_numpy()[far] / straight[far])), 2)
                if far.any()
                else np.nan,
                "km/h": round(float(np.median(arcs["km"] / arcs["minutes"] * 60)), 1),
            }
        )
    return pd.DataFrame(rows)


def _pairwise_km(a: pd.DataFrame, b: pd.DataFrame) -> np.ndarray:
    size = 200
    parts = [
        np.diagonal(straight_km(a.iloc[start : start + size], b.iloc[start : start + size]))
        for start in range(0, len(a), size)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def checks(instance: Instance) -> list[tuple[str, str]]:
    """Attainability of targets and capacities, as lines of text."""
    lines: list[tuple[str, str]] = []
    for target in instance.structure.service.targets:
        if target.kind == "access":
            share, needed = greedy_cover(instance, target)
            lines.append(
                (f"target {target.id}", f"asked {target.share:.3f}, attainable {share:.3f}, greedy sites {needed}")
            )
        elif target.kind == "chain":
            lines.append((f"target {target.id}", f"asked {target.share:.3f}; {within_budgets(instance, target)}"))
        elif target.kind == "delivery":
            share = delivery_share(instance, target)
            lines.append((f"target {target.id}", f"asked {target.share:.3f}, attainable {share:.3f}"))
    for level in LEVELS:
        for requirement in REQUIREMENTS:
            wanted = level_demand(instance, level, None if requirement == "ambient" else requirement)
            if wanted > 0:
                most = largest_capacity(instance, level, requirement)
                lines.append(
                    (
                        f"{level} capacity, {requirement}",
                        f"{most:.0f} t/d for {wanted:.0f} t/d ({most / wanted:.1f} times)",
                    )
                )
    return lines


@dataclass(frozen=True)
class Section:
    """Lines of the build report under one heading: name and text of each."""

    title: str
    lines: Sequence[tuple[str, str]]


def shortened(lines: Sequence[tuple[str, str]], most: int = 60) -> list[tuple[str, str]]:
    """At most ``most`` lines, and how many more there are."""
    if len(lines) <= most:
        return list(lines)
    return [*lines[:most], ("and so on", f"{len(lines) - most} more lines")]


def _table(heads: Sequence[str], rows: pd.DataFrame) -> list[str]:
    return [
        "| " + " | ".join(heads) + " |",
        "| " + " | ".join("---" for _ in heads) + " |",
        *("| " + " | ".join(str(value) for value in row) + " |" for row in rows.itertuples(index=False)),
        "",
    ]


def sizes(instance: Instance) -> pd.DataFrame:
    """Rows of every table."""
    return pd.DataFrame([(name, len(instance.table(name))) for name in TABLES], columns=["table", "rows"])


def sites_by_place(instance: Instance) -> pd.DataFrame:
    """Candidates by city and level: known, made up, standing today."""
    sites = instance.sites.assign(today=instance.sites["id"].isin(instance.existing["site"]))
    grouped = sites.groupby(["city", "level"])
    table = pd.DataFrame(
        {"known": grouped["synthetic"].apply(lambda made: int((~made).sum())),
         "made up": grouped["synthetic"].sum(), "today": grouped["today"].sum(),
         "ha": grouped["land_ha"].sum().round(1)}
    )  # fmt: skip
    return table.reset_index()


def report_text(instance: Instance, sections: Sequence[Section]) -> str:
    """The build report: what was read, made and checked."""
    lines = [f"# Build report of {instance.info.id}", "", "## Size", "", *_table(["table", "rows"], sizes(instance))]
    for section in sections:
        lines += [f"## {section.title}", "", *(f"- {name}: {text}" for name, text in section.lines), ""]
    lines += ["## Candidates by city and level", ""]
    lines += _table(["city", "level", "known", "made up", "standing today", "ha"], sites_by_place(instance))
    lines += ["## Targets and capacities", "", *(f"- {name}: {text}" for name, text in checks(instance)), ""]
    heads = ["leg", "mode", "arcs", "estimated", "upper ends per lower end, least", "mean", "km / straight km, median"]
    lines += ["## Arcs", "", *_table([*heads, "km/h, median"], arc_figures(instance))]
    return "\n".join(lines)
