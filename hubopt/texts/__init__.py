"""Every text that a person reads, in English and Chinese: one catalogue, a TOML file for each area.

A new text goes into the file of its area, in both languages; a new area is a new file in this folder.
"""

from hubopt.texts.catalogue import HTML_LANG, LANGUAGES, Language, Texts, embedded, entries, language
from hubopt.texts.phrases import told

__all__ = ["HTML_LANG", "LANGUAGES", "Language", "Texts", "embedded", "entries", "language", "told"]
