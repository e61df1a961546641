"""The language in which the command line speaks: that of ``--lang``, else of HUBOPT_LANG, else English."""

from __future__ import annotations

import os
from contextvars import ContextVar
from enum import StrEnum
from typing import Annotated

import typer

from hubopt.texts import LANGUAGES, Language, Texts, entries, language

VARIABLE = "HUBOPT_LANG"
"""Environment variable that names the language where no option does."""


class Lang(StrEnum):
    """A language of the catalogue."""

    EN = "en"
    ZH = "zh"


_spoken: ContextVar[Language] = ContextVar("spoken", default="en")


def spoken() -> Language:
    """The language of this run."""
    return _spoken.get()


def speak(value: str) -> None:
    """Speak ``value`` from now on; raises ValueError for an unknown language."""
    _spoken.set(language(value))


def speak_as_environment_says() -> None:
    """Speak the language that the environment names, or English.

    Raises
    ------
    typer.BadParameter
        If it names another than those of the catalogue.
    """
    value = os.environ.get(VARIABLE) or "en"
    if value not in LANGUAGES:
        raise typer.BadParameter(Texts("en")("cli-frame.language", value=value))
    speak(value)


def say(key: str, **values: object) -> str:
    """The text of ``key`` in the language of this run."""
    return Texts(spoken())(key, **values)


def word(group: str, value: str) -> str:
    """The text of a word of the data in ``group``, or the word itself if the catalogue has none."""
    entry = entries().get(f"{group}.{value.replace(' ', '-')}")
    return value if entry is None else entry[spoken()]


def _taken(value: Lang) -> Lang:
    speak(value.value)
    return value


LangOption = Annotated[
    Lang,
    typer.Option(
        "--lang",
        envvar=VARIABLE,
        callback=_taken,
        is_eager=True,
        help="Language of what is printed and in which pages open; HUBOPT_LANG sets the default.",
    ),
]
