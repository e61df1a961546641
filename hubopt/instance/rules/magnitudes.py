"""Doubts about single figures: outside everything that is built or driven, so that the unit is probably another one.

The ranges are wide on purpose: their ends are some ten times beyond what is found anywhere, so that a figure outside is
nearly always a mix-up of units (kg for t, m for km, m2 for ha, seconds for minutes, percent for shares, ten thousands).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd
from pydantic import BaseModel

from hubopt.instance.draft import TOML, Draft
from hubopt.instance.errors import Problem
from hubopt.instance.listing import listed
from hubopt.instance.types import Commodity, Design, Info, LevelRule, Mode, Period, ServiceLimit, ServiceTarget


@dataclass(frozen=True)
class Usual:
    """The range of a figure that is not 0, and what to look at when it lies outside."""

    low: float
    high: float
    look: str

    def holds(self, value: float) -> bool:
        """Whether the value lies within; 0 means that there is none."""
        return value == 0 or self.low <= value <= self.high


_AREA = "the unit is m2 of floor, not ha or km2"
_PRICE = "the unit is CNY, not ten thousands of it"
_GRAMS = "the unit is kg CO2e, not grams or tonnes"

FIGURES: Mapping[tuple[type[BaseModel], str], Usual] = {
    (Info, "discount_rate"): Usual(0.001, 0.3, "the unit is a share: 0.06 is 6 %"),
    (Info, "land_life_years"): Usual(5, 1000, "the unit is years"),
    (Info, "carbon_price_cny_t"): Usual(1, 20_000, "the unit is CNY per tonne, not per kg"),
    (Info, "grid_kgco2e_kwh"): Usual(0.005, 2, _GRAMS),
    (Period, "years"): Usual(0.05, 100, "the unit is years"),
    (Commodity, "unmet_cny_t"): Usual(1, 1e7, "the unit is CNY per tonne, not per kg"),
    (Design, "module_gfa_m2"): Usual(5, 500_000, _AREA),
    (Design, "floor_area_ratio"): Usual(0.05, 20, "it is floor area over land, 0.5 to 5 for warehouses"),
    (Design, "throughput_t_d"): Usual(0.05, 100_000, "the unit is t/d per module, not kg/d or t/year"),
    (Design, "capital_cny_m2"): Usual(100, 100_000, _PRICE),
    (Design, "conversion_cny_m2"): Usual(10, 100_000, _PRICE),
    (Design, "running_cny_m2_year"): Usual(1, 20_000, "the unit is CNY per m2 and year, not per month"),
    (Design, "handling_cny_t"): Usual(0.1, 5_000, "the unit is CNY per tonne, not per kg"),
    (Design, "energy_kwh_t"): Usual(0.01, 2_000, "the unit is kWh per tonne"),
    (Design, "energy_kwh_m2_year"): Usual(0.5, 5_000, "the unit is kWh per m2 and year"),
    (Design, "life_years"): Usual(2, 200, "the unit is years, not months"),
    (Mode, "cny_t_km"): Usual(0.005, 200, "the unit is CNY per tonne and km, not per vehicle or metre"),
    (Mode, "cny_t"): Usual(0.05, 20_000, "the unit is CNY per tonne"),
    (Mode, "kgco2e_t_km"): Usual(0.001, 10, _GRAMS),
    (LevelRule, "dwell_minutes"): Usual(0.5, 10_000, "the unit is minutes, not seconds or days"),
    (ServiceLimit, "max_km"): Usual(0.05, 5_000, "the unit is km, not metres"),
    (ServiceLimit, "max_minutes"): Usual(1, 6_000, "the unit is minutes, not seconds"),
}
"""Figures of the structure."""

COLUMNS: Mapping[tuple[str, str], Usual] = {
    ("gateways", "capacity_t_d"): Usual(
        0.1, 5e6, "the unit is t/d, not kg/d or t/year (the largest port has 2 million)"
    ),
    ("gateways", "beyond_cny_t"): Usual(0.05, 100_000, "the unit is CNY per tonne"),
    ("gateways", "beyond_minutes"): Usual(0.5, 100_000, "the unit is minutes"),
    ("gateways", "border_minutes"): Usual(0.5, 10_000, "the unit is minutes, not seconds"),
    ("sites", "land_ha"): Usual(0.0005, 2_000, "the unit is hectares: 1 ha is 10,000 m2 or 15 mu"),
    ("sites", "land_price_cny_m2"): Usual(5, 200_000, "the unit is CNY per m2, not ten thousands of it or per mu"),
    ("zones", "area_km2"): Usual(0.0005, 50_000, "the unit is km2, not m2 or ha"),
    ("zones", "population"): Usual(0, 5e7, "the unit is persons"),
    ("existing", "modules"): Usual(1, 10_000, "it counts modules of floor area, not m2"),
    ("demand", "t_d"): Usual(1e-6, 1e6, "the unit is t/d, not kg/d or t/year"),
    ("land", "limit_ha"): Usual(0.0005, 1e6, "the unit is hectares: 1 ha is 10,000 m2"),
    ("arcs", "km"): Usual(0.0005, 20_000, "the unit is km, not metres"),
    ("arcs", "minutes"): Usual(0.02, 50_000, "the unit is minutes, not seconds or hours"),
    ("arcs", "toll_cny_t"): Usual(0.0005, 20_000, "the unit is CNY per tonne, not per vehicle"),
}
"""Columns of the tables."""

_MONEY = "cny"


def is_abstract(draft: Draft) -> bool:
    """Whether the case has neither places nor units that mean anything, as published benchmarks do."""
    places = [draft.tables[name]["lon"].notna().any() for name in ("gateways", "sites", "zones")]
    return not any(places)


def _records(draft: Draft) -> Iterator[tuple[str, BaseModel]]:
    """Every record of the structure, with the name under which its figures are known."""
    structure = draft.structure
    if structure is None:
        return
    yield "instance", structure.instance
    for name in ("periods", "commodities", "designs", "modes"):
        yield from ((f"{name}.{item.id}", item) for item in getattr(structure, name))
    yield from ((f"levels.{level}", rule) for level, rule in structure.levels.items())
    yield from ((f"service.limits.{item.leg}", item) for item in structure.service.limits)


def figures_are_of_their_unit(draft: Draft) -> Iterator[Problem]:
    """Figures of designs, modes, commodities and standards lie where such figures do."""
    if is_abstract(draft) or draft.structure is None:
        return
    chinese = draft.structure.instance.currency.upper() in ("CNY", "RMB")
    for name, record in _records(draft):
        for (kind, field), usual in FIGURES.items():
            value = getattr(record, field) if type(record) is kind else None
            if value is None or usual.holds(float(value)) or (_MONEY in field and not chinese):
                continue
            message = f"is implausible (usual: {usual.low:g} to {usual.high:g})"
            yield Problem(TOML, message, usual.look, column=f"{name}.{field}", value=value, warning=True)


def columns_are_of_their_unit(draft: Draft) -> Iterator[Problem]:
    """Cells lie where such figures do."""
    if is_abstract(draft) or draft.structure is None:
        return
    chinese = draft.structure.instance.currency.upper() in ("CNY", "RMB")
    for (table, column), usual in COLUMNS.items():
        if _MONEY in column and not chinese:
            continue
        values = draft.tables[table][column]
        wrong = values.notna() & (values != 0) & ((values < usual.low) | (values > usual.high))
        message = f"is implausible (usual: {usual.low:g} to {usual.high:g})"
        yield from doubted(draft, table, column, wrong.astype("bool"), message, usual.look)


def doubted(
    draft: Draft, table: str, column: str, wrong: pd.Series[bool], message: str, mend: str
) -> Iterator[Problem]:
    """A doubt for the cells of ``column`` where ``wrong`` holds: the first few, and how many more."""
    values = draft.tables[table].loc[wrong, column]
    for problem in listed(draft.files.get(table, f"{table}.csv"), column, values, message, mend, most=3):
        yield replace(problem, warning=True)


def targets_are_of_their_unit(draft: Draft) -> Iterator[Problem]:
    """Limits of service targets are km and minutes."""
    if is_abstract(draft) or draft.structure is None:
        return
    usual = {"km": Usual(0.05, 2_000, "the unit is km, not metres"), "minutes": Usual(1, 20_000, "the unit is minutes")}
    targets: tuple[ServiceTarget, ...] = draft.structure.service.targets
    for target in targets:
        if not usual[target.measure].holds(target.limit):
            where = f"service.targets.{target.id}.limit"
            yield Problem(
                TOML, "is implausible", usual[target.measure].look, column=where, value=target.limit, warning=True
            )


RULES = (figures_are_of_their_unit, columns_are_of_their_unit, targets_are_of_their_unit)
