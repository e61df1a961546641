"""One language's way to name things: texts, numbers, places, legs and steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hubopt.instance.types import Instance
from hubopt.texts import HTML_LANG, Texts
from hubopt.viz.base import region_names
from hubopt.viz.numbers import Numbers


@dataclass(frozen=True)
class Wording:
    """Texts ``t`` and numbers ``n`` of a language, and the names of the regions."""

    t: Texts
    n: Numbers
    regions: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, instance: Instance, lang: str) -> Wording:
        """The wording for a case in a language of the catalogue; raises ValueError for another."""
        texts = Texts(lang)
        return cls(texts, Numbers(texts, instance.info.currency), region_names(instance.geometry))

    @property
    def html_lang(self) -> str:
        """Language as HTML names it."""
        return HTML_LANG[self.t.lang]

    def name(self, names: Mapping[str, str]) -> str:
        """A name in this language."""
        return names[self.t.lang]

    def other_name(self, names: Mapping[str, str]) -> str:
        """A name in the other language, if it differs."""
        other = names["zh" if self.t.lang == "en" else "en"]
        return "" if other == self.name(names) else other

    def region(self, region: str) -> str:
        """A district or city in this language where its name is known, else as the tables have it."""
        return self.regions[region][self.t.lang] if region in self.regions else region

    def leg(self, leg: str) -> str:
        """A leg by its ends."""
        upper, _, lower = leg.partition("-")
        return self.t("layer.leg", upper=self.t(f"leg-end.{upper}"), lower=self.t(f"leg-end.{lower}"))

    def listed(self, names: Iterable[str]) -> str:
        """Names in a row."""
        return self.t("map.separator").join(names)

    def joined(self, words: Iterable[str]) -> str:
        """Facts in a row, set apart by dots; empty ones are left out."""
        return " · ".join(word for word in words if word)
