"""Fonts for typesetting, and whether they have what is written: a dossier never shows boxes for characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import matplotlib

from hubopt.viz.style import FONTS

LATIN = "DejaVu Sans"
"""The font that the plotting library brings along: Latin, Greek and Cyrillic letters and many signs."""

_HARMLESS = frozenset("\t\n\r\u00ad\u200b\u200c\u200d\u2060\ufeff\u2028\u2029\ufe0e\ufe0f")
"""Characters that need no glyph; taken out."""


class MissingFontError(Exception):
    """No installed font has Chinese characters, and there are some to be written."""


class MissingEngineError(Exception):
    """The typesetter is not installed."""


@dataclass(frozen=True)
class Typeface:
    """Families in the order in which they are tried, the typesetter's book of fonts, and the characters they have."""

    families: tuple[str, ...]
    book: Any
    covered: frozenset[int]


def engine() -> Any:
    """The typesetter.

    Raises
    ------
    MissingEngineError
        If it, or the reader of fonts, is not installed.
    """
    try:
        import_module("fontTools.ttLib")
        return import_module("typst")
    except ImportError:
        raise MissingEngineError from None


@cache
def typeface() -> Typeface:
    """The fonts of this machine that a dossier is set in.

    Raises
    ------
    MissingEngineError
        If the typesetter is not installed.
    """
    typst = engine()
    own = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    book = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[str(own)])
    files: dict[str, tuple[str, int]] = {}
    for font in sorted(
        book.fonts(), key=lambda font: (abs(font.weight - 400), font.style != "normal", font.path or "")
    ):
        if font.path is not None:
            files.setdefault(font.family, (font.path, font.index))
    chinese = next((family for family in FONTS if family in files and family != LATIN), None)
    families = tuple(family for family in (chinese, LATIN) if family is not None)
    covered: set[int] = set()
    for family in families:
        covered |= _characters(*files[family])
    return Typeface(families, book, frozenset(covered))


def _characters(path: str, index: int) -> set[int]:
    """Code points that a font has."""
    from fontTools.ttLib import TTFont

    with TTFont(path, fontNumber=index, lazy=True) as font:
        return set(font.getBestCmap() or {})


def writable(text: str, covered: frozenset[int]) -> str:
    """The text with what needs no glyph taken out and what no font has written as its code point.

    Raises
    ------
    MissingFontError
        If a Chinese character is among the missing.
    """
    if all(ord(letter) in covered or letter == "\n" for letter in text):
        return text
    return "".join(_letter(letter, covered) for letter in text)


def _letter(letter: str, covered: frozenset[int]) -> str:
    if letter == "\n" or (ord(letter) in covered and letter not in _HARMLESS):
        return letter
    if letter in "\t\r\u2028\u2029":
        return " "
    if letter in _HARMLESS or unicodedata.category(letter) in ("Cc", "Cs", "Cf"):
        return ""
    plain = unicodedata.normalize("NFKC", letter)
    if plain != letter and all(ord(part) in covered for part in plain):
        return plain
    if is_chinese(letter):
        raise MissingFontError
    return f"[U+{ord(letter):04X}]"


def is_chinese(letter: str) -> bool:
    """Whether a font for Chinese is what is lacking: ideographs of daily use, their punctuation, full-width forms."""
    return any(low <= ord(letter) <= high for low, high in ((0x3000, 0x303F), (0x4E00, 0x9FFF), (0xFF00, 0xFFEF)))


def settable(value: Any, covered: frozenset[int]) -> Any:
    """A record with every text in it :func:`writable`."""
    if isinstance(value, str):
        return writable(value, covered)
    if isinstance(value, dict):
        return {key: settable(item, covered) for key, item in value.items()}
    if isinstance(value, Iterable):
        return [settable(item, covered) for item in value]
    return value
