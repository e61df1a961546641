"""The sheets of the spreadsheet: headings with units and the rows below them, in one language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

import hubopt
from hubopt.formats.exports.case import Case
from hubopt.instance.policy import COST_PARTS
from hubopt.instance.types import LEVELS
from hubopt.texts import Texts
from hubopt.viz.base import region_names
from hubopt.viz.credits import credits_openstreetmap

Kind = Literal["text", "whole", "tenths", "hundredths", "money", "share", "fine-share", "degrees", "number", "flag"]
"""How the numbers of a column are shown; ``number`` is for columns that hold figures of every size."""

Cell = str | float | int | bool | None

_MET = 1e-6
"""By how much a share may miss what is asked and still be met."""

_KINDS: dict[str, Kind] = {
    "modules": "whole", "built_modules": "whole", "converted_modules": "tenths", "gfa_m2": "whole",
    "land_ha": "hundredths", "throughput_t_d": "tenths", "capacity_t_d": "tenths", "utilisation": "share",
    "staff": "whole", "kgco2e_year": "whole", "investment_cny": "money", "capital_cny_year": "money",
    "land_cny_year": "money", "running_cny_year": "money", "handling_cny_year": "money", "closure_cny_year": "money",
    "lon": "degrees", "lat": "degrees", "t_d": "hundredths", "km": "tenths", "minutes": "tenths", "t_km_d": "tenths",
    "demand_t_d": "hundredths", "delivered_t_d": "hundredths", "unmet_t_d": "hundredths", "nearest_hub_km": "tenths",
    "nearest_utc_km": "tenths", "nearest_station_km": "tenths", "delivery_minutes": "tenths", "population": "whole",
    "area_km2": "hundredths", "used_ha": "hundredths", "limit_ha": "hundredths", "of_limit": "share",
    "share": "share", "asked": "share", "reached": "share", "cny_year": "money", "year": "number", "value": "number",
    "low": "number", "high": "number", "limit": "number", "met": "flag",
}  # fmt: skip
"""Columns that hold numbers; all others hold text."""

_WORDS = {
    "level": "level", "action": "action", "reliability": "reliability", "scope": "scope", "state": "service",
}  # fmt: skip
"""Columns that hold words of the data model, and the group of the catalogue that has them."""


@dataclass(frozen=True)
class Column:
    """A heading and how its cells are shown."""

    heading: str
    kind: Kind


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, its columns and its rows; ``filtered`` ones are tables to be filtered.

    ``row_kinds``, if given, says for each row how its numbers are shown, in place of what the columns say.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    filtered: bool = True
    row_kinds: tuple[Kind, ...] | None = None


class _Writer:
    """Makes the sheets of a case in the language of ``say``."""

    def __init__(self, case: Case, say: Texts) -> None:
        self.case = case
        self.say = say
        structure = case.effective.structure
        records: dict[str, Sequence[Any]] = {
            "design": structure.designs, "mode": structure.modes, "commodity": structure.commodities,
            "hub_type": structure.hub_types,
        }  # fmt: skip
        self.named = {
            column: {str(item.id): str(item.name_zh if say.lang == "zh" else item.name_en) for item in items}
            for column, items in records.items()
        }
        self.regions = {name: names[say.lang] for name, names in region_names(case.instance.geometry).items()}
        self.named |= {"district": self.regions, "city": self.regions}

    def column(self, name: str) -> Column:
        """The column of a table's column ``name``."""
        if name.startswith("within."):
            targets = {item.id: item for item in self.case.effective.structure.service.targets}
            target = targets[name.removeprefix("within.")]
            label = target.name_zh if self.say.lang == "zh" else target.name_en
            return Column(self.say("column.within", name=label), "flag")
        return Column(self.say(f"column.{name}"), _KINDS.get(name, "text"))

    def leg(self, leg: str) -> str:
        """A leg by the words for its ends."""
        upper, _, lower = leg.partition("-")
        return self.say("layer.leg", upper=self.say.or_id("leg-end", upper), lower=self.say.or_id("leg-end", lower))

    def cells(self, name: str, values: pd.Series) -> list[Cell]:
        """The cells of a column: words and names in the language, numbers as they are, None where there is none."""
        if name in _WORDS:
            return [self.say.or_id(_WORDS[name], str(value)) if _there(value) else None for value in values]
        if name in self.named:
            return [self.named[name].get(str(value), str(value)) if _there(value) else None for value in values]
        if name == "leg":
            return [self.leg(str(value)) for value in values]
        if name.startswith("within.") or name == "met":
            return [None if pd.isna(value) else bool(value) for value in values]
        if name in _KINDS:
            return [None if pd.isna(value) else float(value) for value in values]
        return [str(value) if _there(value) else None for value in values]

    def sheet(self, key: str, table: pd.DataFrame, columns: Sequence[str]) -> Sheet:
        """A sheet of some columns of ``table``."""
        shown = [self.cells(name, table[name]) for name in columns]
        rows = list(zip(*shown, strict=True)) if columns else []
        return Sheet(self.say(f"sheet.{key}"), tuple(self.column(name) for name in columns), rows)

    def with_names(self, table: pd.DataFrame) -> pd.DataFrame:
        """``table`` with the names of its ends."""
        names = {end: [self.case.name(str(value), self.say.lang) for value in table[end]] for end in _ENDS}
        return table.assign(**{f"{end}_name": values for end, values in names.items()})


_ENDS = ("origin", "destination")


def _there(value: object) -> bool:
    return not (value is None or value is pd.NA or value == "" or (isinstance(value, float) and value != value))


def _summary(writer: _Writer) -> Sheet:
    case, say = writer.case, writer.say
    solution, proof, kpi = case.solution, case.solution.proof, case.solution.kpi
    chinese, broken = say.lang == "zh", len(case.report.findings)
    info, policy = case.instance.info, solution.policy
    rows: list[tuple[str, Cell]] = [
        ("instance", (info.name_zh if chinese else info.name_en) or info.id),
        ("instance-id", info.id),
        ("policy", (policy.name_zh if chinese else policy.name_en) or policy.name_en),
        ("status", say(f"status.{proof.status}")),
        ("limit", say.or_id("limit", proof.limit)),
        ("check", say("item.check-holds") if case.report.ok else say("item.check-broken", count=broken)),
        ("objective", proof.objective),
        ("bound", proof.bound),
        ("gap", proof.gap),
        ("gap-asked", proof.gap_asked),
        ("cost", sum(solution.cost.values())),
        ("served", kpi.get("served_share")),
        ("land", kpi.get("land_ha.total")),
        ("gfa", kpi.get("gfa_m2.total")),
        *((level, kpi.get(f"sites.{level}")) for level in LEVELS),
        ("investment", kpi.get("investment_cny")),
        ("carbon", kpi.get("kgco2e_year.total")),
        ("price-year", info.money_year),
        ("method", proof.method),
        ("seconds", proof.seconds.get("total", sum(proof.seconds.values()))),
        ("seed", proof.seed),
        ("versions", ", ".join(f"{name} {version}" for name, version in proof.versions.items())),
        ("sha256", proof.instance_sha256),
    ]
    if credits_openstreetmap(case.instance):
        rows.append(("credit", say("sheet.credit")))
    columns = (Column(say("column.item"), "text"), Column(say("column.value"), "number"))
    known = [(key, value) for key, value in rows if value is not None]
    shown = [(say(f"item.{key}"), value) for key, value in known]
    kinds = tuple(_SUMMARY_KINDS.get(key, "whole") for key, _ in known)
    return Sheet(say("sheet.summary"), columns, shown, filtered=False, row_kinds=kinds)


_SUMMARY_KINDS: dict[str, Kind] = {
    "gap": "fine-share", "gap-asked": "fine-share", "served": "fine-share", "land": "hundredths", "seconds": "tenths",
    "price-year": "number", "seed": "number",
}  # fmt: skip


def _facilities(writer: _Writer) -> Sheet:
    rows = writer.case.facilities
    names = [writer.case.name(str(site), writer.say.lang) for site in rows["site"]]
    of_plan = [name for name in writer.case.plan.facilities.columns if name not in ("period", "site", "level")]
    columns = ["period", "site", "name", "level", "hub_type", "city", "district", *of_plan, "lon", "lat"]
    return writer.sheet("facilities", rows.assign(name=names), columns)


def _ends(key: str, columns: Sequence[str]) -> Callable[[_Writer], Sheet | None]:
    """Makes the sheet of a table of the plan whose rows have two ends; None if the table is empty."""

    def made(writer: _Writer) -> Sheet | None:
        table = writer.case.flows if key == "flows" else getattr(writer.case.plan, key)
        return None if table.empty else writer.sheet(key, writer.with_names(table), columns)

    return made


def _costs(writer: _Writer) -> Sheet:
    say, cost = writer.say, writer.case.solution.cost
    total = sum(cost.values())
    parts = [(part, cost[part]) for part in COST_PARTS if part in cost]
    rows: list[tuple[Cell, ...]] = [
        (say(f"cost.{part}"), value, value / total if total else None) for part, value in parts
    ]
    rows.append((say("cost.total"), total, 1.0 if total else None))
    return Sheet(say("sheet.costs"), tuple(writer.column(name) for name in ("part", "cny_year", "share")), rows)


def _standards(writer: _Writer) -> Sheet | None:
    case, chinese = writer.case, writer.say.lang == "zh"
    kpi, periods = case.solution.kpi, case.effective.structure.periods
    rows = []
    for target in case.effective.structure.service.targets:
        for period in periods:
            # with several periods each has its own figure; with one the figure has no period in its name
            reached = kpi.get(f"target.{target.id}.{period.id}", kpi.get(f"target.{target.id}"))
            asked = period.target_shares.get(target.id, target.share)
            rows.append(
                {
                    "period": period.id,
                    "id": target.id,
                    "standard": target.name_zh if chinese else target.name_en,
                    "level": target.level,
                    "limit": target.limit,
                    "unit": writer.say(f"measure.{target.measure}"),
                    "asked": asked,
                    "reached": reached,
                    "met": None if reached is None else reached >= asked - _MET,
                    "basis": target.standard,
                }
            )
    return writer.sheet("standards", pd.DataFrame(rows), list(rows[0])) if rows else None


def _zones(writer: _Writer) -> Sheet:
    rows = writer.case.zones
    names = [writer.case.name(str(zone), writer.say.lang) for zone in rows["zone"]]
    within = [str(name) for name in rows.columns if str(name).startswith("within.")]
    columns = [
        "period", "zone", "name", "city", "district", "population", "area_km2", "demand_t_d", "delivered_t_d",
        "unmet_t_d", "state", "nearest_hub_km", "nearest_utc_km", "nearest_station_km", "delivery_minutes", *within,
        "lon", "lat",
    ]  # fmt: skip
    return writer.sheet("zones", rows.assign(name=names), columns)


def _land(writer: _Writer) -> Sheet:
    table = writer.case.land
    # the words for a place: the whole, a region of the map, a site's own parcel, or the id as it is
    place = [
        writer.say("scope.total")
        if scope == "total"
        else writer.regions.get(name, writer.case.name(name, writer.say.lang))
        for scope, name in zip(table["scope"], table["id"].astype(str), strict=True)
    ]
    of_limit = (table["used_ha"] / table["limit_ha"]).where(table["limit_ha"] > 0)
    columns = ["period", "scope", "id", "place", "used_ha", "limit_ha", "of_limit", "source", "reliability"]
    return writer.sheet("land", table.assign(place=place, of_limit=of_limit), columns)


def _indicators(writer: _Writer) -> Sheet:
    kpi = writer.case.solution.kpi
    return writer.sheet(
        "indicators",
        pd.DataFrame({"indicator": list(kpi), "value": list(kpi.values())}, dtype=object),
        ["indicator", "value"],
    )


def _parameters(writer: _Writer) -> Sheet | None:
    table = writer.case.instance.parameters.rename(columns={"name": "parameter"})
    columns = ["parameter", "value", "unit", "low", "high", "year", "source", "reliability"]
    return None if table.empty else writer.sheet("parameters", table, columns)


def _sources(writer: _Writer) -> Sheet | None:
    items = writer.case.instance.structure.sources
    columns = ["id", "title", "date", "licence", "url", "note"]
    return writer.sheet("sources", pd.DataFrame([item.model_dump() for item in items]), columns) if items else None


_SHEETS: tuple[Callable[[_Writer], Sheet | None], ...] = (
    _summary,
    _facilities,
    _ends("assignments", ["period", "leg", "origin", "origin_name", "destination", "destination_name"]),
    _ends(
        "flows",
        ["period", "leg", "origin", "origin_name", "destination", "destination_name", "mode", "commodity", "t_d", "km",
         "minutes", "t_km_d"],
    ),
    _ends(
        "exchanges",
        ["period", "commodity", "group", "origin", "origin_name", "destination", "destination_name", "mode", "t_d"],
    ),
    _ends(
        "outages",
        ["period", "outage", "leg", "origin", "origin_name", "destination", "destination_name", "mode", "commodity",
         "t_d"],
    ),
    _costs,
    _standards,
    _zones,
    _land,
    _indicators,
    _parameters,
    _sources,
)  # fmt: skip


def sheets(case: Case, say: Texts) -> Iterator[Sheet]:
    """The sheets of a case in the order of the workbook; those without rows are left out."""
    writer = _Writer(case, say)
    for make in _SHEETS:
        sheet = make(writer)
        if sheet is not None:
            yield sheet


def properties(case: Case, say: Texts) -> dict[str, str]:
    """Title and subject of the workbook, with the credit that the data ask for."""
    info = case.instance.info
    name = (info.name_zh if say.lang == "zh" else info.name_en) or info.id
    found = {
        "title": say("sheet.title", name=name),
        "subject": say("sheet.subject", version=hubopt.__version__),
        "author": "hubopt",
    }
    if credits_openstreetmap(case.instance):
        found["comments"] = say("sheet.credit")
    return found
