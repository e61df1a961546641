"""What may become of each site over the periods, and what that costs whatever flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.brute_case import Size, SmallCase


def yearly(rate: float, years: float) -> float:
    """Yearly share of an outlay."""
    return rate / (1 - (1 + rate) ** -years) if rate else 1 / years


@dataclass(frozen=True)
class Conversion:
    """Floor area of one design that may become that of another in a period; ``most`` in modules of the new one.

    Building a module anew costs ``dearer_cny`` more than converting it, ``dearer_yearly`` of it in every later year.
    ``lost`` is the part of the period for which converted modules are out of use.
    """

    site: str
    period: int
    design: str
    most: float
    dearer_cny: float
    dearer_yearly: float
    lost: float
    from_today: bool


@dataclass(frozen=True)
class Path:
    """What stands on a site in each period, if all is converted that may be.

    ``cost`` by period and cost part, CNY/year; ``investment`` in CNY; ``kg`` of buildings per year; ``kept_m2``: floor
    area of today in use without conversion.
    """

    sizes: tuple[Size | None, ...]
    cost: tuple[Mapping[str, float], ...]
    investment: tuple[float, ...]
    land_ha: tuple[float, ...]
    kg: tuple[float, ...]
    kept_m2: tuple[float, ...]
    conversions: tuple[Conversion, ...]


def sizes(case: SmallCase, site: str) -> list[Size | None]:
    """Everything that may stand on a site in some period; None: nothing."""
    row, today = case.sites[site], case.today.get(site)
    listed = [name for name in row.designs.split(";") if name]
    found: list[Size | None] = []
    for name, design in case.designs.items():
        stands = today is not None and today.design == name
        if not stands and (row.level not in design.levels or (listed and name not in listed)):
            continue
        for modules in range(1, 20):
            fits = modules <= design.max_modules and modules * case.module_ha(site, name) <= row.land_ha + 1e-12
            kept = stands and modules == today.modules
            enough = modules >= (today.modules if stands else design.min_modules)
            if (fits or kept) and enough:
                found.append((name, modules))
    must = row.forced == "open" or (today is not None and not today.may_close)
    if row.forced == "closed":
        return [] if must else [None]
    return found if must else [None, *found]


def _follows(case: SmallCase, site: str, before: Size | None, after: Size | None, stood: bool) -> bool:
    if before is None:
        return after is None or not stood
    if after is None:
        return site in case.today or case.policy.allow_closing
    return after[0] != before[0] or after[1] >= before[1]


def _sequences(case: SmallCase, site: str) -> Iterator[tuple[Size | None, ...]]:
    today = case.today.get(site)
    start = (today.design, int(today.modules)) if today is not None else None
    options = sizes(case, site)

    def grow(path: tuple[Size | None, ...], before: Size | None, stood: bool) -> Iterator[tuple[Size | None, ...]]:
        if len(path) == len(case.periods):
            yield path
            return
        for after in options:
            if _follows(case, site, before, after, stood):
                yield from grow((*path, after), after, stood or after is not None)

    yield from grow((), start, start is not None)


def _conversion(case: SmallCase, site: str, at: int, before: Size, after: Size) -> Conversion | None:
    old, new = case.designs[before[0]], case.designs[after[0]]
    allowed = new.converts_from is None or old.id in new.converts_from
    if before[0] == after[0] or not allowed or new.conversion_cny_m2 >= new.capital_cny_m2:
        return None
    dearer = new.module_gfa_m2 * (new.capital_cny_m2 - new.conversion_cny_m2)
    today = case.today.get(site)
    return Conversion(
        site=site,
        period=at,
        design=new.id,
        most=min(after[1], before[1] * old.module_gfa_m2 / new.module_gfa_m2),
        dearer_cny=dearer,
        dearer_yearly=dearer * yearly(case.instance.info.discount_rate, new.life_years),
        lost=min(1.0, new.conversion_months / 12 / case.periods[at].years),
        from_today=today is not None and today.design == before[0],
    )


def _path(case: SmallCase, site: str, steps: tuple[Size | None, ...]) -> Path:
    info, today = case.instance.info, case.today.get(site)
    land_share = yearly(info.discount_rate, info.land_life_years)
    before = (today.design, int(today.modules)) if today is not None else None
    annuities = 0.0
    conversions: list[Conversion] = []
    cost, investment, land_ha, kg, kept_m2 = [], [], [], [], []
    for at, after in enumerate(steps):
        outlay = 0.0
        closes = today is not None and after is None
        if after is not None:
            design = case.designs[after[0]]
            built = float(after[1])
            turned = None
            if before is not None and before[0] == after[0]:
                built -= before[1]
            elif before is not None and (turned := _conversion(case, site, at, before, after)) is not None:
                built -= turned.most
                outlay += turned.most * design.module_gfa_m2 * design.conversion_cny_m2
                conversions.append(turned)
            outlay += built * design.module_gfa_m2 * design.capital_cny_m2
            if before is None and today is None:
                outlay += design.fixed_capital_cny
            annuities += outlay * yearly(info.discount_rate, design.life_years)
        area = after[1] * case.designs[after[0]].module_gfa_m2 if after is not None else 0.0
        land_ha.append(after[1] * case.module_ha(site, after[0]) if after is not None else 0.0)
        running = 0.0
        if after is not None:
            design = case.designs[after[0]]
            running = area * design.running_cny_m2_year + design.fixed_running_cny_year
        kg.append(area * case.designs[after[0]].energy_kwh_m2_year * info.grid_kgco2e_kwh if after is not None else 0.0)
        cost.append(
            {
                "capital": annuities,
                "land": land_ha[-1] * 10_000 * case.sites[site].land_price_cny_m2 * land_share,
                "running": running,
                "closure": land_share * today.closure_cny if closes else 0.0,
                "carbon": kg[-1] * info.carbon_price_cny_t / 1000,
            }
        )
        investment.append(outlay + (today.closure_cny if closes and before is not None else 0.0))
        at_home = today is not None and after is not None and after[0] == today.design
        kept_m2.append(today.modules * case.designs[today.design].module_gfa_m2 if at_home else 0.0)
        before = after
    return Path(steps, tuple(cost), tuple(investment), tuple(land_ha), tuple(kg), tuple(kept_m2), tuple(conversions))


def paths(case: SmallCase, site: str) -> list[Path]:
    """All that may become of a site."""
    return [_path(case, site, steps) for steps in _sequences(case, site)]
