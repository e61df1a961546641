"""Findings, limits and changes in the user's words, in English or Chinese."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property

from hubopt.diagnose.change import Change
from hubopt.diagnose.conflict import Conflict
from hubopt.diagnose.finding import Finding
from hubopt.diagnose.limits import Limit
from hubopt.instance import Instance
from hubopt.texts import Texts

SHOWN = 6
"""Names of a list that are shown."""

_LISTS = {
    "zones": "zone", "sites": "site", "gateways": "gateway", "commodities": "commodity",
}  # fmt: skip
_PLAIN = ("unit", "count")


class Words:
    """Names and sentences of an instance in one language."""

    def __init__(self, instance: Instance, limits: Iterable[Limit], lang: str) -> None:
        self._instance, self._text = instance, Texts(lang)
        self._limits = {limit.id: limit for limit in limits}

    @cached_property
    def _names(self) -> Mapping[str, Mapping[str, str]]:
        column = f"name_{self._text.lang}"
        tables = {"site": "sites", "zone": "zones", "gateway": "gateways"}
        found = {
            sort: dict(zip(self._instance.table(table)["id"], self._instance.table(table)[column], strict=True))
            for sort, table in tables.items()
        }
        structure = self._instance.structure
        groups = {
            "commodity": structure.commodities, "target": structure.service.targets, "mode": structure.modes,
            "hub_type": structure.hub_types,
        }  # fmt: skip
        return found | {sort: {x.id: getattr(x, column) for x in items} for sort, items in groups.items()}  # type: ignore[attr-defined]

    def name(self, sort: str, id: str) -> str:
        """Name and identifier of something."""
        if sort == "level":
            return self._text.or_id("level", id)
        if sort == "leg":
            return " – ".join(self._text.or_id("leg-end", end) for end in id.split("-"))
        if sort in ("requirement", "cost"):
            return self._text.or_id(sort, id)
        if sort == "node":
            sort = "site" if id in self._names["site"] else "gateway"
        name = self._names.get(sort, {}).get(id, "")
        return f"{name} ({id})" if name and name != id else id

    def number(self, value: float) -> str:
        """A figure as a person would write it."""
        if math.isinf(value):
            return "∞"
        if value == int(value) and abs(value) < 1e15:
            return f"{int(value):,}"
        digits = max(0, 3 - math.floor(math.log10(abs(value))))
        return f"{value:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:,.0f}"

    def percent(self, share: float) -> str:
        """A share in per cent."""
        return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"

    def listed(self, sort: str, ids: Iterable[str]) -> str:
        """The first few names of a list, and how many there are beside them."""
        known = list(ids)
        shown = self._text("diagnose.comma").join(self.name(sort, x) for x in known[:SHOWN])
        if len(known) > SHOWN:
            return self._text("diagnose.and-more", names=shown, count=len(known) - SHOWN)
        return shown

    def figure(self, limit: Limit, value: float) -> str:
        """A figure of a limit with its unit."""
        if limit.is_wish:
            return self._text(f"diagnose.asked.{limit.kind}" if value > 0 else f"diagnose.not-asked.{limit.kind}")
        if limit.unit == "-":
            return self.percent(value)
        number = self.number(value)
        return number if limit.unit == "sites" else f"{number} {limit.unit}"

    def limit(self, limit: Limit) -> str:
        """What a limit bounds."""
        names = {sort: self.name(sort, id) for sort, id in limit.names.items()}
        if "scope" in names:
            names["scope"] = self._text(f"diagnose.scope.{limit.names['scope']}")
        if "hub_type" in names and "level" in names:
            counted = [names[sort] for sort in ("hub_type", "level") if limit.names[sort]]
            names["counted"] = counted[0] if counted else self._text("diagnose.any-site")
        return self._text(f"diagnose.limit.{limit.kind}", **names)

    def clause(self, limit: Limit) -> str:
        """A limit with its figure."""
        if limit.is_wish:
            return f"{self.limit(limit)}: {self.figure(limit, limit.value)}"
        key = "diagnose.at-most" if limit.raises else "diagnose.at-least"
        return self._text(key, what=self.limit(limit), figure=self.figure(limit, limit.value))

    def change(self, change: Change) -> tuple[str, str, str]:
        """What is changed, its figure and the one suggested."""
        limit = change.limit
        return self.limit(limit), self.figure(limit, limit.value), self.figure(limit, change.value)

    def facts(self, conflict: Conflict) -> str:
        """Places that a clash rests on; empty if none are known."""
        parts = [
            self._text(f"diagnose.rests-on-{sort}", names=self.listed(_LISTS[sort], conflict.facts[sort]))
            for sort in ("zones", "sites")
            if conflict.facts.get(sort)
        ]
        return self._text("diagnose.comma").join(parts)

    def finding(self, finding: Finding) -> str:
        """A finding as a sentence."""
        filled: dict[str, str] = {}
        for sort, value in finding.values.items():
            if sort == "limit":
                known = self._limits.get(str(value))
                filled[sort] = self.limit(known) if known is not None else str(value)
            elif sort in _LISTS and not isinstance(value, str | float | int):
                filled[sort] = self.listed(_LISTS[sort], value)
            elif isinstance(value, str):
                filled[sort] = value if sort in _PLAIN else self.name(sort, value)
            elif isinstance(value, float | int):
                filled[sort] = self.percent(value) if sort.endswith("_share") else self.number(value)
        return self._text(f"diagnose.{finding.key}", **filled)
