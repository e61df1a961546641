"""Messages made elsewhere in English, told in another language.

The rooms that judge data and plans write their messages where they find the mistake, in English. The catalogue lists
each of them with ``{name}`` in the places that vary, in an array ``phrases`` of the area's file; here a finished
message is held against that list. A value whose name begins with ``phrase`` is a message itself and is looked up too;
one whose name begins with ``number`` is a number, with ``place`` an id, perhaps with a name in brackets behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from string import Formatter

from hubopt.texts.catalogue import Language, areas


@dataclass(frozen=True)
class Phrase:
    """A message in both languages, with ``{name}`` where a value stands."""

    en: str
    zh: str


def phrases() -> Iterator[Phrase]:
    """Every phrase of the catalogue."""
    for content in areas().values():
        for item in content.get("phrases", ()):
            yield Phrase(**item)


def fields(text: str) -> list[str]:
    """Names of the values in ``text``, in their order."""
    return [name for _, name, _, _ in Formatter().parse(text) if name]


_KINDS = (("number", r"[-+0-9.,einf]+"), ("place", r"\S+(?: \(.*?\))?"), ("", r".*?"))
"""What a value looks like, by the beginning of its name."""


def pattern(text: str) -> re.Pattern[str]:
    """What a message looks like that was made from ``text``."""
    parts, seen = [], set[str]()
    for literal, name, _, _ in Formatter().parse(text):
        parts.append(re.escape(literal))
        if name:
            kind = next(look for beginning, look in _KINDS if name.startswith(beginning))
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{kind})")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)


@cache
def _book() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns with their Chinese, those with most fixed letters first, so that the closest one is taken."""

    def fixed(phrase: Phrase) -> int:
        return sum(len(literal) for literal, *_ in Formatter().parse(phrase.en))

    return tuple((pattern(phrase.en), phrase.zh) for phrase in sorted(phrases(), key=fixed, reverse=True))


def told(message: str, lang: Language) -> str:
    """``message``, which is English, in ``lang``; as it is where the catalogue does not know it."""
    if lang == "en":
        return message
    for known, text in _book():
        if (found := known.fullmatch(message)) is not None:
            values = {
                name: told(value, lang) if name.startswith("phrase") else value
                for name, value in found.groupdict().items()
            }
            return text.format(**values)
    return message
