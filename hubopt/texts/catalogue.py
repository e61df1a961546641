"""The one catalogue of texts in English and Chinese; nothing that a person reads is written anywhere else."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
HTML_LANG: Mapping[Language, str] = {"en": "en", "zh": "zh-CN"}
"""Languages as HTML names them."""

PHRASES = "phrases"
"""Name of a file's list of messages, which :mod:`hubopt.texts.phrases` reads."""


def language(value: str) -> Language:
    """``value`` as a language of the catalogue; raises ValueError for any other."""
    for known in LANGUAGES:
        if value == known:
            return known
    raise ValueError(f"language {value!r} is not one of {', '.join(LANGUAGES)}")


def _entries(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    for key, value in table.items():
        if set(value) & set(LANGUAGES):
            yield prefix + key, value
        else:
            yield from _entries(value, f"{prefix}{key}.")


def areas() -> Mapping[str, Mapping[str, Any]]:
    """The content of each file of the catalogue by its name."""
    folder = files("hubopt.texts")
    named = sorted((item.name, item) for item in folder.iterdir() if item.name.endswith(".toml"))
    return {name: tomllib.loads(item.read_text(encoding="utf-8")) for name, item in named}


@cache
def entries() -> Mapping[str, Mapping[str, str]]:
    """Every text by dotted key and language; raises ValueError when two files hold the same key."""
    found: dict[str, Mapping[str, str]] = {}
    for name, content in areas().items():
        named = {group: texts for group, texts in content.items() if group != PHRASES}
        for key, entry in _entries(named):
            if key in found:
                raise ValueError(f"the text {key!r} is in {name} and in another file")
            found[key] = entry
    return found


class Texts:
    """The catalogue in one language."""

    def __init__(self, lang: str) -> None:
        self.lang: Language = language(lang)

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key`` with ``{name}`` replaced by ``values``; KeyError when the catalogue lacks it."""
        text = entries()[key][self.lang]
        return text.format(**values) if values else text

    def or_id(self, prefix: str, value: str) -> str:
        """The text of ``prefix.value``, or the value itself when the catalogue does not know it."""
        entry = entries().get(f"{prefix}.{value}")
        return value if entry is None else entry[self.lang]


def embedded(prefixes: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Texts by language and key for a page that switches language by itself."""
    chosen = [key for key in entries() if key.startswith(prefixes)]
    return {lang: {key: entries()[key][lang] for key in chosen} for lang in LANGUAGES}
