"""The parts that imported instances are put together from: figures as published, one period, no geography.

A year has one day and money is not annualised, so that the objective is the published number in the published units:
fixed costs are the yearly running cost of a site's design, unit costs the kilometres of an arc at a rate of 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hubopt.formats.imports.tokens import Vector
from hubopt.instance import (
    TABLES,
    Commodity,
    Design,
    Info,
    Instance,
    Level,
    LevelRule,
    Mode,
    Period,
    Service,
    Source,
    Structure,
)
from hubopt.instance.frames import dtype, filling
from hubopt.texts import LANGUAGES, Texts

PERIOD = "once"
"""Id of the only period."""

UNIT = "unit"
"""Id of the mode that costs 1 per unit and kilometre."""

_MODULE_HA = 1e-4
"""Land of a site: that of its one module of 1 m2."""


@dataclass(frozen=True)
class Origin:
    """Where an instance comes from: its id, its kind (a key of the catalogue of texts), and where it was published."""

    id: str
    kind: str
    reference: str
    year: int
    layout: str


def named(key: str, **values: object) -> dict[str, str]:
    """Both names of a record, from the catalogue of texts."""
    return {f"name_{lang}": Texts(lang)(key, **values) for lang in LANGUAGES}


def all_named(key: str, names: Sequence[str]) -> dict[str, list[str]]:
    """Both names of the rows of a table, from the catalogue of texts and the ids."""
    return {f"name_{lang}": [Texts(lang)(key, id=name) for name in names] for lang in LANGUAGES}


def ids(prefix: str, count: int) -> list[str]:
    """``prefix1``, ``prefix2``, ..., padded so that they sort in their order."""
    width = len(str(count))
    return [f"{prefix}{number:0{width}d}" for number in range(1, count + 1)]


def table(name: str, **columns: Any) -> pd.DataFrame:
    """The instance table ``name`` from whole columns; columns that are not given hold their default."""
    count = max((len(values) for values in columns.values() if not isinstance(values, str)), default=0)
    wanted = {column.name: column for column in TABLES[name].columns}
    assert columns.keys() <= wanted.keys()
    return pd.DataFrame(
        {
            key: pd.Series(columns.get(key, filling(column)), index=pd.RangeIndex(count), dtype=dtype(column))
            for key, column in wanted.items()
        }
    )


def commodity(id: str, key: str, chain: Sequence[Level], **more: Any) -> Commodity:
    """A commodity that goes down ``chain``; all of it must be carried unless ``more`` says otherwise.

    ``key`` is that of its name in the catalogue of texts, where ``{id}`` stands for ``id``.
    """
    fields: dict[str, Any] = {"direction": "inbound", "must_be_met": True, **named(key, id=id), **more}
    return Commodity(id=id, chain=tuple(chain), **fields)


@dataclass(frozen=True)
class Sites:
    """The rows of one level's sites, and the designs that they have."""

    rows: pd.DataFrame
    designs: tuple[Design, ...]


def sites(
    level: Level, prefix: str, capacity: Vector, fixed: Vector, classes: Mapping[str, Vector] | None = None
) -> Sites:
    """Sites of one level, each with one design of its own capacity and fixed cost (alike ones share a design).

    Parameters
    ----------
    capacity
        Units that a site takes in all, one per site.
    fixed
        Cost of opening, one per site.
    classes
        Units that it takes of a class of handling, one per site, by class.
    """
    classes = classes or {}
    figures = [tuple(float(x) for x in row) for row in np.column_stack([capacity, fixed, *classes.values()])]
    kinds = list(dict.fromkeys(figures))
    numbers = dict(zip(kinds, ids(f"{level}-", len(kinds)), strict=True))
    designs = tuple(
        Design(
            id=numbers[kind],
            **named("import.design", capacity=f"{kind[0]:g}", fixed=f"{kind[1]:g}"),
            levels=(level,),
            module_gfa_m2=1,
            max_modules=1,
            floor_area_ratio=1,
            throughput_t_d=kind[0],
            requirement_t_d=dict(zip(classes, kind[2:], strict=True)),
            capital_cny_m2=0,
            life_years=1,
            fixed_running_cny_year=kind[1],
        )
        for kind in kinds
    )
    names = ids(prefix, len(figures))
    rows = table(
        "sites",
        id=names,
        **all_named("import.site", names),
        level=level,
        land_ha=[_MODULE_HA] * len(names),
        designs=[numbers[kind] for kind in figures],
        synthetic=[True] * len(names),
        reliability="literature",
    )
    return Sites(rows, designs)


def zones(names: Sequence[str], **columns: Any) -> pd.DataFrame:
    """The zones table of customers."""
    return table(
        "zones",
        id=list(names),
        **all_named("import.customer", names),
        synthetic=[True] * len(names),
        reliability="literature",
        **columns,
    )


def demand(amounts: Mapping[str, tuple[Sequence[str], Vector]]) -> pd.DataFrame:
    """The demand table: by commodity, zones and what they ask for; zones that ask for nothing have no row."""
    parts = [
        table(
            "demand", zone=np.array(names, dtype=object)[units > 0], commodity=name, period=PERIOD, t_d=units[units > 0]
        )
        for name, (names, units) in amounts.items()
    ]
    return pd.concat(parts, ignore_index=True)


def arcs(leg: str, origins: Sequence[str], destinations: Sequence[str], cost: Vector, mode: str = UNIT) -> pd.DataFrame:
    """Arcs from every origin to every destination; ``cost`` per unit has shape (origins, destinations).

    Pairs whose cost is infinite have no arc.
    """
    joined = np.isfinite(cost)
    from_, to = np.nonzero(joined)
    return table(
        "arcs",
        leg=leg,
        origin=np.array(origins, dtype=object)[from_],
        destination=np.array(destinations, dtype=object)[to],
        mode=mode,
        km=cost[joined],
    )


def listed_arcs(
    leg: str, origins: Sequence[str], destinations: Sequence[str], joined: Sequence[Sequence[int]]
) -> pd.DataFrame:
    """Arcs that cost nothing, into each destination from the origins at the places ``joined`` lists for it."""
    counts = [len(places) for places in joined]
    return table(
        "arcs",
        leg=leg,
        origin=np.array(origins, dtype=object)[[place for places in joined for place in places]],
        destination=np.repeat(np.array(destinations, dtype=object), counts),
        mode=UNIT,
        km=np.zeros(sum(counts)),
    )


def mode(id: str = UNIT, rate: float = 1.0, commodities: Iterable[str] | None = None) -> Mode:
    """A mode whose cost is ``rate`` per unit and kilometre."""
    only = None if commodities is None else tuple(commodities)
    return Mode(id=id, cny_t_km=rate, commodities=only, **named("import.mode", id=id))


def instance(
    origin: Origin,
    *,
    description: str,
    commodities: Sequence[Commodity],
    designs: Sequence[Design],
    tables: Mapping[str, pd.DataFrame],
    modes: Sequence[Mode] = (),
    single_sourcing: Sequence[str] = (),
    levels: Mapping[Level, LevelRule] | None = None,
    **info: Any,
) -> Instance:
    """An instance of the parts; ``info`` are further figures of :class:`hubopt.instance.types.Info`."""
    structure = Structure(
        instance=Info(
            id=origin.id,
            **{f"name_{lang}": f"{origin.id}: {Texts(lang)(origin.kind)}" for lang in LANGUAGES},
            description=f"{description} Made up by its authors; amounts are in the units of the published file.",
            synthetic=True,
            money_year=origin.year,
            currency="units of the published file",
            operating_days=1,
            discount_rate=0,
            land_life_years=1,
            **info,
        ),
        periods=(Period(id=PERIOD),),
        commodities=tuple(commodities),
        designs=tuple(designs),
        modes=tuple(modes) or (mode(),),
        levels=levels or {},
        service=Service(single_sourcing=tuple(single_sourcing)),
        sources=(Source(id="published", title=origin.reference, date=str(origin.year), note=origin.layout),),
    )
    content: dict[str, Any] = {name: tables.get(name, table(name)) for name in TABLES}
    return Instance(structure=structure, **content)
