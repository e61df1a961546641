"""``instance.toml`` with the figures of ``parameters.csv`` filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from hubopt.instance.draft import TOML, Draft, names_of
from hubopt.instance.errors import Problem, choose_from
from hubopt.instance.schema import MERGED_PREFIXES
from hubopt.instance.types import (
    LEVELS,
    Commodity,
    Design,
    HubType,
    Info,
    LevelRule,
    Mode,
    Period,
    Presence,
    Resilience,
    ServiceLimit,
    ServiceTarget,
    Structure,
)

RECORDS: Mapping[tuple[str, ...], tuple[type[BaseModel], str]] = {
    ("instance",): (Info, ""),
    ("periods",): (Period, "id"),
    ("commodities",): (Commodity, "id"),
    ("designs",): (Design, "id"),
    ("modes",): (Mode, "id"),
    ("hub_types",): (HubType, "id"),
    ("levels",): (LevelRule, ""),
    ("presence",): (Presence, "id"),
    ("resilience",): (Resilience, ""),
    ("service", "limits"): (ServiceLimit, "leg"),
    ("service", "targets"): (ServiceTarget, "id"),
}
"""Where figures stand in ``instance.toml``: the type of the record there and the key that tells records apart."""

SINGLE = (("instance",), ("resilience",))
"""Paths of tables that are a single record."""


@dataclass(frozen=True)
class Address:
    """Where a dotted parameter name points: the table, the record in it ("" in ``instance``) and the field."""

    path: tuple[str, ...]
    record: str
    field: str


def address(name: str) -> Address | None:
    """The address in a parameter name such as ``designs.ID.FIELD``; None if it has another form.

    An identifier may have dots of its own: the field is what follows the last one.
    """
    first, *rest = name.split(".")
    path = (first, rest.pop(0)) if first == "service" and rest else (first,)
    if path not in RECORDS or not rest or (path in SINGLE) != (len(rest) == 1):
        return None
    return Address(path, ".".join(rest[:-1]), rest[-1])


def is_merged(name: str) -> bool:
    """Whether a parameter of this name fills ``instance.toml`` (others are for information)."""
    return name.split(".")[0] in MERGED_PREFIXES


def field_of(where: Address) -> FieldInfo | None:
    """The field that an address names, None if there is no such figure."""
    info = RECORDS[where.path][0].model_fields.get(where.field)
    return info if info is not None and _is_number(info) else None


def figures(record: type[BaseModel]) -> list[str]:
    """Names of the numeric fields of a record type."""
    return [name for name, info in record.model_fields.items() if _is_number(info)]


def _is_number(info: FieldInfo) -> bool:
    kinds = {getattr(kind, "__name__", "") for kind in getattr(info.annotation, "__args__", (info.annotation,))}
    return bool(kinds & {"int", "float"}) and "str" not in kinds


def unit_of(info: FieldInfo) -> str:
    """The unit in which a field is given; "" if the schema states none."""
    extra = info.json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def records_at(content: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Records of TOML ``content`` at ``path`` by identifier; what is not of the right shape is left out."""
    part: Any = content
    for key in path:
        part = part.get(key) if isinstance(part, dict) else None
    if path in SINGLE:
        return {"": part} if isinstance(part, dict) else {}
    if path == ("levels",):
        return {name: rule for name, rule in part.items() if isinstance(rule, dict)} if isinstance(part, dict) else {}
    key = RECORDS[path][1]
    items = part if isinstance(part, list) else []
    return {str(item[key]): item for item in items if isinstance(item, dict) and key in item}


def figure_at(content: Mapping[str, Any], name: str) -> object:
    """The figure that a dotted name leads to in TOML ``content``; None if there is none."""
    where = address(name)
    return None if where is None else records_at(content, where.path).get(where.record, {}).get(where.field)


def misdirected(where: Address | None, content: Mapping[str, Any]) -> str | None:
    """The mend of a parameter name that leads to no figure; None if it leads to one."""
    if where is None:
        forms = [".".join([*path, "FIELD" if path in SINGLE else "ID.FIELD"]) for path in RECORDS]
        return "write " + ", ".join(forms) + ", or begin with another word if it is for information"
    known = set(LEVELS) if where.path == ("levels",) else set(records_at(content, where.path))
    if where.path == ("resilience",):
        known = {""}
    if where.record not in known:
        return f"for {where.record!r}: {choose_from(where.record, known)}"
    if field_of(where) is None:
        return f"for {where.field!r}: {choose_from(where.field, figures(RECORDS[where.path][0]))}"
    return None


def _same_unit(given: str, wanted: str) -> bool:
    plain = {re.sub(r"\s", "", unit).lower().replace("²", "2") for unit in [wanted, *wanted.split(" or ")]}
    return not wanted or re.sub(r"\s", "", given).lower().replace("²", "2") in plain | (
        {""} if wanted == "-" else set()
    )


def merge(draft: Draft, content: dict[str, Any]) -> Iterator[Problem]:
    """Write the figures of the parameters table into ``content``, complaining of those that fit nowhere."""
    parameters = draft.tables["parameters"]
    file = draft.files.get("parameters", "parameters.csv")
    for row, name, value, unit in parameters[["name", "value", "unit"]].itertuples():
        if not is_merged(name) or pd.isna(value):
            continue
        where = address(name)
        mend = misdirected(where, content)
        if mend is not None or where is None:
            draft.bad.add(("parameters", "name", row))
            yield Problem(file, "names no figure of this instance", mend or "", row, "name", name)
            continue
        if where.path == ("levels",) and isinstance(content.setdefault("levels", {}), dict):
            content["levels"].setdefault(where.record, {})
        if where.path == ("resilience",):
            content.setdefault("resilience", {})
        record = records_at(content, where.path).get(where.record)
        if record is None:  # the table in the TOML file is not of the right shape, which is a problem of its own
            continue
        if where.field in record:
            message = f"the figure is given in {TOML} too"
            draft.bad.add(("parameters", "value", row))
            yield Problem(file, message, "keep it in one of the two files", row, "name", name)
            continue
        record[where.field] = value
        info = field_of(where)
        if info is not None and not _same_unit(unit, unit_of(info)):
            yield Problem(file, f"the unit must be {unit_of(info)!r}", "convert the figure", row, "unit", unit)


def _dotted(location: Iterable[int | str], content: object) -> str:
    """A pydantic location with list positions replaced by identifiers."""
    names: list[str] = []
    for step in location:
        if isinstance(step, int) and isinstance(content, list | tuple) and step < len(content):
            content = content[step]
            name = next((content[key] for key in ("id", "leg") if isinstance(content, dict) and key in content), step)
            names.append(str(name))
        else:
            content = content.get(step) if isinstance(content, dict) else None
            names.append(str(step))
    return ".".join(names)


_MENDS = {"missing": f"give it in {TOML} or, if it is a figure, in parameters.csv", "extra_forbidden": "remove it"}


def _translated(error: ValidationError, content: dict[str, Any], rows: Mapping[str, int]) -> Iterator[Problem]:
    """The problems in a pydantic error, each placed in the file that gave the value."""
    for item in error.errors():
        name = _dotted(item["loc"], content)
        mend = _MENDS.get(item["type"], "give a value that fits")
        if item["type"] == "extra_forbidden":
            mend = _unknown_key_mend(name)
        value = None if item["type"] == "missing" else item["input"]
        if name in rows:
            yield Problem("parameters.csv", str(item["msg"]), mend, rows[name], "value", value)
        else:
            yield Problem(TOML, str(item["msg"]), mend, column=name, value=value)


def _unknown_key_mend(name: str) -> str:
    where = address(name)
    key = name.rsplit(".", 1)[-1]
    known = list(RECORDS[where.path][0].model_fields) if where else list(Structure.model_fields)
    return f"{choose_from(key, known, shown=40)} or remove it"


def _raw_names(content: Mapping[str, Any]) -> dict[str, set[str]]:
    """Identifiers by kind as far as they can be told from TOML that has mistakes elsewhere."""
    kinds = ("periods", "commodities", "designs", "modes", "hub_types", "presence")
    return {kind: set(records_at(content, (kind,))) for kind in kinds if isinstance(content.get(kind, []), list)}


def enter_structure(draft: Draft, content: dict[str, Any]) -> Iterator[Problem]:
    """Fill the figures in, build the structure, enter it into ``draft`` and complain."""
    yield from merge(draft, content)
    parameters = draft.tables["parameters"]
    rows = {str(name): int(str(row)) for row, name in parameters["name"].items()}
    try:
        draft.structure = Structure.model_validate(content)
        draft.names = names_of(draft.structure)
    except ValidationError as error:
        draft.names = _raw_names(content)
        yield from _translated(error, content, rows)
