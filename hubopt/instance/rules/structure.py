"""Rules on ``instance.toml``: identifiers, chains, designs, figures and their sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pandas as pd

from hubopt.instance.draft import TOML, Draft
from hubopt.instance.errors import Problem, choose_from
from hubopt.instance.figures import address, figure_at, is_merged, misdirected
from hubopt.instance.records import NAMED_REQUIREMENTS
from hubopt.instance.schema import TABLES
from hubopt.instance.types import LEVELS


def identifiers_are_unique(draft: Draft) -> Iterator[Problem]:
    """No identifier occurs twice in one list."""
    if draft.structure is None:
        return
    service = draft.structure.service
    lists = {
        "periods": [item.id for item in draft.structure.periods],
        "commodities": [item.id for item in draft.structure.commodities],
        "designs": [item.id for item in draft.structure.designs],
        "modes": [item.id for item in draft.structure.modes],
        "hub_types": [item.id for item in draft.structure.hub_types],
        "presence": [item.id for item in draft.structure.presence],
        "sources": [item.id for item in draft.structure.sources],
        "service.limits": [item.leg for item in service.limits],
        "service.targets": [item.id for item in service.targets],
    }
    for name, identifiers in lists.items():
        for identifier, count in Counter(identifiers).items():
            if count > 1:
                yield Problem(TOML, f"occurs {count} times", "rename or remove one", column=name, value=identifier)


def chains_are_in_order(draft: Draft) -> Iterator[Problem]:
    """A commodity passes levels from the outside inwards, each once."""
    for item in draft.structure.commodities if draft.structure else ():
        if list(item.chain) != [level for level in LEVELS if level in item.chain]:
            mend = f"list levels once each in the order {', '.join(LEVELS)} (for outbound goods too)"
            chain = list(item.chain)
            yield Problem(TOML, "is out of order", mend, column=f"commodities.{item.id}.chain", value=chain)


def designs_are_consistent(draft: Draft) -> Iterator[Problem]:
    """A design's smallest size is not above its largest; bonded and cold throughput are part of the whole."""
    for item in draft.structure.designs if draft.structure else ():
        where = f"designs.{item.id}"
        if item.min_modules > item.max_modules:
            message = f"is above max_modules ({item.max_modules})"
            yield Problem(TOML, message, "lower it", column=f"{where}.min_modules", value=item.min_modules)
        parts = {"bonded_t_d": item.bonded_t_d, "cold_t_d": item.cold_t_d}
        parts |= {f"requirement_t_d.{name}": value for name, value in item.requirement_t_d.items()}
        for name, value in parts.items():
            if value > item.throughput_t_d:
                message = f"is above throughput_t_d ({item.throughput_t_d:g})"
                yield Problem(TOML, message, "lower it", column=f"{where}.{name}", value=value)


def classes_have_one_name(draft: Draft) -> Iterator[Problem]:
    """Classes of handling with a field of their own are not given by name as well."""
    for item in draft.structure.designs if draft.structure else ():
        for name in NAMED_REQUIREMENTS:
            if name in item.requirement_t_d:
                where, field = f"designs.{item.id}.requirement_t_d", "throughput" if name == "ambient" else name
                yield Problem(TOML, f"has a field of its own, {field}_t_d", "use that", column=where, value=name)


def requirements_are_offered(draft: Draft) -> Iterator[Problem]:
    """A class of handling that a commodity needs is one of the named ones, or some design offers it."""
    if draft.structure is None:
        return
    known = {*NAMED_REQUIREMENTS, *(name for item in draft.structure.designs for name in item.requirement_t_d)}
    for item in draft.structure.commodities:
        if item.requirement not in known:
            where = f"commodities.{item.id}.requirement"
            mend = choose_from(item.requirement, known)
            yield Problem(TOML, "is a requirement that no design offers", mend, column=where, value=item.requirement)


def unmet_demand_has_a_price(draft: Draft) -> Iterator[Problem]:
    """Demand that need not be met has a penalty, or leaving everything unmet would be best."""
    for item in draft.structure.commodities if draft.structure else ():
        if not item.must_be_met and item.unmet_cny_t == 0:
            where = f"commodities.{item.id}.unmet_cny_t"
            mend = "give the penalty of a tonne not carried, or set must_be_met"
            yield Problem(TOML, "must be above 0 unless must_be_met is true", mend, column=where, value=0)


def modes_carry_commodities(draft: Draft) -> Iterator[Problem]:
    """Commodities that a mode carries exist."""
    for item in draft.structure.modes if draft.structure else ():
        for name in item.commodities or ():
            if name not in draft.names["commodities"]:
                mend = choose_from(name, draft.names["commodities"])
                yield Problem(TOML, "does not exist", mend, column=f"modes.{item.id}.commodities", value=name)


def designs_convert_from_designs(draft: Draft) -> Iterator[Problem]:
    """Designs that can be converted to another one exist, are other ones and are built at one of its levels."""
    levels = {item.id: set(item.levels) for item in draft.structure.designs} if draft.structure else {}
    for item in draft.structure.designs if draft.structure else ():
        where = f"designs.{item.id}.converts_from"
        fitting = [name for name, built in levels.items() if built & levels[item.id] and name != item.id]
        for name in item.converts_from or ():
            if name not in levels:
                yield Problem(TOML, "is no design", choose_from(name, fitting), column=where, value=name)
            elif name not in fitting:
                message = "is the design itself" if name == item.id else "is not built at any level of this design"
                yield Problem(TOML, message, choose_from(name, fitting), column=where, value=name)


def requirements_hold_on_the_way(draft: Draft) -> Iterator[Problem]:
    """Levels at which a requirement holds are levels that the commodity passes."""
    for item in draft.structure.commodities if draft.structure else ():
        for level in item.requirement_levels or ():
            if level not in item.chain:
                where = f"commodities.{item.id}.requirement_levels"
                message = "is no level of the commodity's chain"
                yield Problem(TOML, message, choose_from(level, item.chain), column=where, value=level)


def hub_types_name_what_exists(draft: Draft) -> Iterator[Problem]:
    """Gateway kinds and commodities of a hub type exist."""
    kinds = TABLES["gateways"].column("kind").choices
    for item in draft.structure.hub_types if draft.structure else ():
        for name, used, known in (
            ("gateway_kinds", item.gateway_kinds, set(kinds)),
            ("commodities", item.commodities, draft.names["commodities"]),
        ):
            for value in set(used or ()) - known:
                mend = choose_from(value, known)
                yield Problem(TOML, "does not exist", mend, column=f"hub_types.{item.id}.{name}", value=value)


def parameters_name_figures(draft: Draft) -> Iterator[Problem]:
    """Parameters that begin with the name of a table of instance.toml name a figure in it."""
    if draft.structure is None:
        return
    content = draft.structure.model_dump(mode="json")
    names = draft.tables["parameters"]["name"]
    mends = {name: misdirected(address(name), content) for name in names if is_merged(name)}
    wrong = names.map(lambda name: mends.get(name) is not None).astype("bool")
    message = "names no figure of this instance"
    yield from draft.complain("parameters", "name", wrong, message, lambda name: str(mends[name]))


def parameters_agree_with_the_structure(draft: Draft) -> Iterator[Problem]:
    """The figures that parameters give are those of the structure (an instance made by hand may differ)."""
    if draft.structure is None:
        return
    content = draft.structure.model_dump(mode="json")
    table = draft.tables["parameters"]
    used = [
        figure_at(content, name) if is_merged(name) and misdirected(address(name), content) is None else value
        for name, value in zip(table["name"], table["value"], strict=True)
    ]
    wrong = pd.Series(used, index=table.index, dtype="object") != table["value"]
    yield from draft.complain("parameters", "value", wrong, "differs from the figure in use", "make the two agree")


RULES = (
    identifiers_are_unique,
    chains_are_in_order,
    designs_are_consistent,
    designs_convert_from_designs,
    classes_have_one_name,
    requirements_are_offered,
    unmet_demand_has_a_price,
    modes_carry_commodities,
    requirements_hold_on_the_way,
    hub_types_name_what_exists,
    parameters_name_figures,
    parameters_agree_with_the_structure,
)
