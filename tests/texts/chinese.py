"""Whether a message that is made in English is told in Chinese."""

from __future__ import annotations

import re

from hubopt.instance.schema import TABLES
from hubopt.texts import told

CHINESE = re.compile(r"[\u3400-\u9fff]")
_SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
_DESCRIPTIONS = sorted(
    {text for table in TABLES.values() for text in (table.description, *(item.description for item in table.columns))},
    key=len,
    reverse=True,
)
_FROM_LIBRARIES = ("cannot be read: ", "is not CSV: ", "is not TOML: ", "is not a sound Parquet file: ")
"""Beginnings of messages that end in what another library says; that part stays as it is."""


def english_left(message: str) -> bool:
    """Whether ``message`` told in Chinese still has an English sentence, descriptions of the schema aside."""
    text = told(message, "zh")
    if message.startswith(_FROM_LIBRARIES):
        return not CHINESE.search(text)
    for description in _DESCRIPTIONS:
        text = text.replace(description, "")
    text = re.sub(r"\b[\w.-]+(?: and [\w.-]+)+", "", text)  # names of columns
    return bool(_SENTENCE.search(text)) or (text == message and " " in message)
