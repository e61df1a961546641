"""Cases that fit on paper: a day a year, no discounting, lives of a year, modules of a square metre and of 10 t/d.

So a module's yearly capital is its price, a tonne's cost is what the case says a tonne a day costs, and costs add up in
the head. Identifiers begin with the kind of place: g, h, u, s, z; ways are named by their ends, ``"h1 z1"`` or
``"h1 z1 rail"``, and take a minute for each kilometre.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubopt.check import check
from hubopt.instance import Instance, Policy, validate
from hubopt.instance.types import (
    Commodity,
    Design,
    Info,
    Mode,
    Period,
    Service,
    ServiceTarget,
    Structure,
)
from hubopt.solve.extract import plan_of
from tests.builder import Rows, instance_of
from tests.model.exact import Optimum, solved

NAMED = {"name_en": "x", "name_zh": "某"}
KINDS = {"g": "gateway", "h": "hub", "u": "utc", "s": "station", "z": "zone"}
Table = Mapping[str, Mapping[str, Any]]
"""What a table says beside the key, by key (parts separated by spaces)."""


def goods(id: str, *chain: str, **figures: Any) -> Commodity:
    """Inbound goods; a tonne that is not carried costs 100."""
    common = {"direction": "inbound", "unmet_cny_t": 100}
    return Commodity.model_validate({"id": id, **NAMED, "chain": chain, **common, **figures})


def design(id: str, level: str, **figures: Any) -> Design:
    """Modules of 1 m2 for 10 t/d, at most 9, of which the capital costs nothing unless said."""
    common = {
        "module_gfa_m2": 1, "max_modules": 9, "floor_area_ratio": 1, "throughput_t_d": 10, "capital_cny_m2": 0,
        "life_years": 1,
    }  # fmt: skip
    return Design.model_validate({"id": id, **NAMED, "levels": (level,), **common, **figures})


def mode(id: str, **figures: Any) -> Mode:
    """A mode that costs 1 a tonne-kilometre unless said."""
    return Mode.model_validate({"id": id, **NAMED, "cny_t_km": 1, **figures})


def target(id: str, level: str, **figures: Any) -> ServiceTarget:
    """A target from end to end."""
    common = {"kind": "chain", "measure": "minutes", "limit": 1000}
    return ServiceTarget.model_validate({"id": id, **NAMED, "level": level, **common, **figures})


def periods(**figures: Mapping[str, Any]) -> tuple[Period, ...]:
    """Periods by name, each of weight 1 unless said."""
    return tuple(Period.model_validate({"id": id, **item}) for id, item in figures.items())


ROAD = (mode("road"),)
ONE = periods(p={})
TWO = periods(a={}, b={})
HUBS = (design("d", "hub"),)


def _arc(ends: str, measured: float | Mapping[str, Any], default: str) -> dict[str, Any]:
    origin, destination, *named = ends.split()
    figures = measured if isinstance(measured, Mapping) else {"km": measured, "minutes": measured}
    leg = f"{KINDS[origin[0]]}-{KINDS[destination[0]]}"
    return {
        "leg": leg, "origin": origin, "destination": destination, "mode": (named or [default])[0], "minutes": 0.0,
        **figures,
    }  # fmt: skip


def _keyed(table: Table, *key: str) -> Rows:
    return [dict(zip(key, parts.split(), strict=True)) | dict(row) for parts, row in table.items()]


def draft(
    goods: tuple[Commodity, ...],
    demand: Mapping[str, float | tuple[float, ...]],
    ways: Mapping[str, float | Mapping[str, Any]],
    sites: Table | tuple[str, ...],
    designs: tuple[Design, ...] = HUBS,
    periods: tuple[Period, ...] = ONE,
    modes: tuple[Mode, ...] = ROAD,
    info: Mapping[str, Any] | None = None,
    service: Service | None = None,
    gateways: Table | None = None,
    admissions: Table | tuple[str, ...] = (),
    existing: Table | None = None,
    zones: Table | None = None,
    exchange: Table | None = None,
    terminals: Table | None = None,
    **rules: Any,
) -> Instance:
    """A case. ``demand`` is by ``"zone goods"``, one figure or one for each period; ``rules`` are structure's."""
    places = sites if isinstance(sites, Mapping) else {id: {} for id in sites}
    admitted = admissions if isinstance(admissions, Mapping) else {pair: {} for pair in admissions}
    given = {"operating_days": 1, "discount_rate": 0, **(info or {})}
    structure = Structure(
        instance=Info.model_validate({"id": "paper", **NAMED, "money_year": 2024, **given}),
        periods=periods,
        commodities=goods,
        designs=designs,
        modes=modes,
        service=service or Service(),
        **rules,
    )
    asked = {key: t_d if isinstance(t_d, tuple) else (t_d,) * len(periods) for key, t_d in demand.items()}
    names = dict.fromkeys(key.split()[0] for key in demand)
    return instance_of(
        structure,
        gateways=[{"id": id, "name_en": id, "kind": "port", **row} for id, row in (gateways or {}).items()],
        admissions=_keyed(admitted, "commodity", "gateway"),
        sites=[
            {"id": id, "name_en": id, "level": KINDS[id[0]], "land_ha": 10, **row} for id, row in places.items()
        ],
        existing=_keyed(existing or {}, "site"),
        zones=[{"id": id, "name_en": id, "district": "D", **(zones or {}).get(id, {})} for id in names],
        demand=[
            {"zone": key.split()[0], "commodity": key.split()[1], "period": period.id, "t_d": t_d}
            for key, amounts in asked.items()
            for period, t_d in zip(periods, amounts, strict=True)
        ],
        exchange=_keyed(exchange or {}, "commodity", "zone", "group"),
        terminals=_keyed(terminals or {}, "node", "mode"),
        arcs=[_arc(ends, measured, modes[0].id) for ends, measured in ways.items()],
    )  # fmt: skip


def case(*parts: Any, **changes: Any) -> Instance:
    """A :func:`draft` that is a valid instance."""
    instance = draft(*parts, **changes)
    assert validate(instance) == []
    return instance


def best(instance: Instance, policy: Policy | None = None, **asked: Any) -> Optimum:
    """The optimum under a policy (or what ``asked`` makes one of); the checker agrees with its plan and its cost."""
    chosen = policy or Policy.model_validate(asked)
    found = solved(instance, chosen)
    if found.values is not None:
        report = check(instance, chosen, plan_of(instance, chosen, found.model.network, found.program, found.values))
        assert report.ok, report.findings
        assert abs(report.objective - (found.cost or 0.0)) <= 1e-6 * max(1.0, abs(report.objective))
    return found


def least(instance: Instance, policy: Policy | None = None, **asked: Any) -> float | None:
    """The least cost, rounded to a millionth; None if the case is infeasible."""
    cost = solved(instance, policy or Policy.model_validate(asked)).cost
    return None if cost is None else round(cost, 6)
