"""The texts have a room of their own, :mod:`hubopt.texts`; this name of the past leads there."""

from hubopt.texts import HTML_LANG, LANGUAGES, Language, Texts, embedded, entries, language

__all__ = ["HTML_LANG", "LANGUAGES", "Language", "Texts", "embedded", "entries", "language"]
