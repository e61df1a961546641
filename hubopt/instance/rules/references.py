"""Rules on references: every identifier in a table names something that exists and fits there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from hubopt.instance.draft import Draft
from hubopt.instance.errors import Problem, choose_from
from hubopt.instance.listing import one_of
from hubopt.instance.types import LEVELS, Level

STOPS = ("gateway", *LEVELS, "zone")
"""Kinds of place in the order in which goods pass them."""

LEGS = tuple(f"{a}-{b}" for at, a in enumerate(STOPS) for b in STOPS[at + 1 :] if (a, b) != ("gateway", "zone"))
"""Legs down the chain: any two kinds of place in their order, except gateway to zone."""

EXCHANGE_LEGS = tuple(f"{level}-{level}" for level in LEVELS)
"""Legs between facilities of one level, over which in-city goods are exchanged; there are only arcs on them."""

_TO_TABLES = (
    ("admissions", "gateway", "gateways"),
    ("existing", "site", "sites"),
    ("demand", "zone", "zones"),
    ("exchange", "zone", "zones"),
    ("zones", "own_site", "sites"),
)
_TO_STRUCTURE = (
    ("admissions", "commodity", "commodities"),
    ("sites", "hub_type", "hub_types"),
    ("existing", "design", "designs"),
    ("demand", "commodity", "commodities"),
    ("demand", "period", "periods"),
    ("exchange", "commodity", "commodities"),
    ("terminals", "mode", "modes"),
    ("arcs", "mode", "modes"),
)


def _dangling(draft: Draft, table: str, column: str, known: set[str], what: str) -> Iterator[Problem]:
    values = draft.tables[table][column]
    wrong = ~values.isin(known) & (values != "")
    yield from draft.complain(table, column, wrong, f"is not {what}", one_of(known))


def references_to_tables_exist(draft: Draft) -> Iterator[Problem]:
    """Gateways, sites and zones that other tables name exist."""
    for table, column, target in _TO_TABLES:
        if draft.knows(target, "id"):
            yield from _dangling(draft, table, column, draft.values(target, "id"), f"in {target}.csv")


def references_to_structure_exist(draft: Draft) -> Iterator[Problem]:
    """Commodities, periods, designs, modes and hub types that tables name exist."""
    for table, column, kind in _TO_STRUCTURE:
        if kind in draft.names:
            yield from _dangling(draft, table, column, draft.names[kind], f"among the {kind} of instance.toml")


def hub_types_are_of_hubs(draft: Draft) -> Iterator[Problem]:
    """Only hubs have a hub type."""
    sites = draft.tables["sites"]
    wrong = (sites["hub_type"] != "") & sites["level"].isin(["utc", "station"])
    yield from draft.complain("sites", "hub_type", wrong, "is given for a site that is no hub", "leave it empty")


def _levels_of_designs(draft: Draft) -> Mapping[str, tuple[Level, ...]]:
    return {} if draft.structure is None else {item.id: item.levels for item in draft.structure.designs}


def designs_of_sites_fit(draft: Draft) -> Iterator[Problem]:
    """Designs that a site lists exist and are made for its level."""
    if "designs" not in draft.names:
        return
    levels = _levels_of_designs(draft)
    sites = draft.tables["sites"]
    listed = sites["designs"].str.split(";").explode().str.strip()
    listed = listed[listed.notna() & (listed != "")]
    level = sites["level"].loc[listed.index]
    for row, design, site_level in zip(listed.index, listed, level, strict=True):
        file = draft.files.get("sites", "sites.csv")
        if design not in draft.names["designs"]:
            mend = choose_from(design, draft.names["designs"])
            yield Problem(file, "is not among the designs of instance.toml", mend, int(row), "designs", design)
        elif design in levels and site_level in LEVELS and site_level not in levels[design]:
            fitting = [name for name, fits in levels.items() if site_level in fits]
            message = f"is not a design for level {site_level!r}"
            yield Problem(file, message, choose_from(design, fitting), int(row), "designs", design)


def every_site_has_a_design(draft: Draft) -> Iterator[Problem]:
    """There is a design for the level of every site."""
    if draft.structure is None:
        return
    built = {level for item in draft.structure.designs for level in item.levels}
    sites = draft.tables["sites"]
    wrong = sites["level"].isin([level for level in LEVELS if level not in built])
    yield from draft.complain("sites", "level", wrong, "has no design in instance.toml", "add a design for this level")


def existing_designs_fit(draft: Draft) -> Iterator[Problem]:
    """The design of an existing facility is made for the level of its site."""
    levels = _levels_of_designs(draft)
    existing, sites = draft.tables["existing"], draft.tables["sites"]
    level_of = dict(zip(sites["id"], sites["level"], strict=True))
    wrong = pd.Series(
        [
            design in levels and site in level_of and level_of[site] in LEVELS and level_of[site] not in levels[design]
            for site, design in zip(existing["site"], existing["design"], strict=True)
        ],
        index=existing.index,
        dtype="bool",
    )
    message = "is not a design for the level of the site"
    yield from draft.complain("existing", "design", wrong, message, "give a design whose levels include the site's")


def land_limits_name_places(draft: Draft) -> Iterator[Problem]:
    """A land limit is for a parcel, district or city that the sites have, or for 'total'."""
    land = draft.tables["land"]
    for scope in ("parcel", "district", "city"):
        if not draft.knows("sites", scope):
            continue
        known = draft.values("sites", scope) - {""}
        wrong = (land["scope"] == scope) & ~land["id"].isin(known) & (land["id"] != "")
        message = f"is not a {scope} of any site"
        yield from draft.complain("land", "id", wrong, message, one_of(known))
    wrong = (land["scope"] == "total") & (land["id"] != "total")
    yield from draft.complain("land", "id", wrong, "is not 'total', which this scope asks for", "write total")


def legs_are_known(draft: Draft) -> Iterator[Problem]:
    """The leg of an arc joins two kinds of place, the upper one first."""
    yield from _dangling(draft, "arcs", "leg", set(LEGS + EXCHANGE_LEGS), "a leg (upper end first)")


def _places(draft: Draft) -> dict[str, set[str]]:
    sites = draft.tables["sites"]
    unclear = set(sites.loc[~sites["level"].isin(LEVELS), "id"])  # the level's own problem; any leg may be meant
    levels: dict[str, set[str]] = {level: set(sites.loc[sites["level"] == level, "id"]) | unclear for level in LEVELS}
    return {"gateway": draft.values("gateways", "id"), **levels, "zone": draft.values("zones", "id")}


_HOME = {"gateway": "gateways", "hub": "sites", "utc": "sites", "station": "sites", "zone": "zones"}


def ends_of_arcs_fit_the_leg(draft: Draft) -> Iterator[Problem]:
    """The ends of an arc exist and are of the kinds that its leg joins."""
    places, arcs = _places(draft), draft.tables["arcs"]
    every = set().union(*places.values())
    for leg in sorted(set(LEGS + EXCHANGE_LEGS) & set(arcs["leg"])):
        on_leg = arcs["leg"] == leg
        for column, kind in zip(("origin", "destination"), leg.split("-"), strict=True):
            if not draft.knows(_HOME[kind], "id") or (kind in LEVELS and not draft.knows("sites", "level")):
                continue
            wrong = on_leg & ~arcs[column].isin(places[kind]) & (arcs[column] != "")
            elsewhere = wrong & arcs[column].isin(every)
            message, mend = f"is not a {kind}, which leg {leg!r} asks for", "name the right place, or correct the leg"
            yield from draft.complain("arcs", column, elsewhere, message, mend)
            known = places[kind]
            yield from draft.complain(
                "arcs",
                column,
                wrong & ~elsewhere,
                f"is not a {kind} of this instance",
                one_of(known),
            )


def loads_are_of_origins(draft: Draft) -> Iterator[Problem]:
    """A load other than 1 stands on an arc from a centre or station into a zone, where no goods come from above."""
    arcs = draft.tables["arcs"]
    if draft.structure is None or not draft.knows("arcs", "leg", "load"):
        return
    from_gateways = draft.values("admissions", "commodity")
    free = {item.legs[-1] for item in draft.structure.commodities if len(item.chain) == 1} - {"hub-zone"}
    fed = {
        item.legs[-1]
        for item in draft.structure.commodities
        if len(item.chain) > 1 or item.id in from_gateways or item.exchange_with is not None
    }
    wrong = (arcs["load"] != 1) & ~arcs["leg"].isin(free - fed)
    message = "is a load on a leg whose goods come from above, or that does not lead from a centre or station to a zone"
    yield from draft.complain("arcs", "load", wrong, message, "leave it at 1")


def terminals_are_somewhere(draft: Draft) -> Iterator[Problem]:
    """A terminal is at a gateway or site that arcs of its mode begin or end at."""
    if not (draft.knows("gateways", "id") and draft.knows("sites", "id")):
        return
    terminals, arcs = draft.tables["terminals"], draft.tables["arcs"]
    places = draft.values("gateways", "id") | draft.values("sites", "id")
    yield from _dangling(draft, "terminals", "node", places, "in gateways.csv or sites.csv")
    if not (draft.knows("arcs", "origin", "destination", "mode") and "modes" in draft.names):
        return
    served = {
        (node, mode) for end in ("origin", "destination") for node, mode in zip(arcs[end], arcs["mode"], strict=True)
    }
    idle = [
        node in places and mode in draft.names["modes"] and (node, mode) not in served
        for node, mode in zip(terminals["node"], terminals["mode"], strict=True)
    ]
    wrong = pd.Series(idle, index=terminals.index, dtype="bool")
    message = "has no arc of this mode"
    yield from draft.complain("terminals", "node", wrong, message, "add the arcs, correct the mode or remove the row")


RULES = (
    references_to_tables_exist,
    references_to_structure_exist,
    hub_types_are_of_hubs,
    designs_of_sites_fit,
    every_site_has_a_design,
    existing_designs_fit,
    land_limits_name_places,
    legs_are_known,
    ends_of_arcs_fit_the_leg,
    loads_are_of_origins,
    terminals_are_somewhere,
)
