"""The list of messages in both languages is sound; that all messages are in it, the tests that make them say."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hubopt.texts import LANGUAGES, told
from hubopt.texts.phrases import fields, pattern, phrases
from tests.texts.chinese import CHINESE


def test_every_phrase_is_there_once_with_the_same_values() -> None:
    """English and Chinese have the same values to fill in, the Chinese is Chinese, and no phrase is there twice."""
    items = list(phrases())
    assert len(items) > 300
    assert not [text for text, count in Counter(item.en for item in items).items() if count > 1]
    for item in items:
        assert sorted(set(fields(item.en))) == sorted(set(fields(item.zh))), item.en
        assert CHINESE.search(item.zh) and not CHINESE.search(item.en), item.en


def test_a_phrase_is_told_with_its_values() -> None:
    """Values stay as they are, messages within messages are told too, and English is left alone."""
    message = "gateway g1 (Gate - North) - hub h1 (Hub), period 2035"
    assert told(message, "zh") == "对外通道 g1 (Gate - North) - 枢纽 h1 (Hub)，规划期 2035"
    assert told(message, "en") == message
    assert told("site is strange", "zh") == "site is strange"


@given(st.sampled_from(sorted(phrases(), key=lambda item: item.en)), st.text(max_size=30), st.sampled_from(LANGUAGES))
def test_any_value_is_taken_as_it_is(phrase: object, value: str, lang: str) -> None:
    """Whatever a value holds, telling never fails, and the pattern of a phrase knows what is made from it."""
    text = phrase.en  # type: ignore[attr-defined]
    names = {name: "7" if name.startswith(("number", "place")) else value for name in fields(text)}
    message = text.format(**names)
    assert pattern(text).fullmatch(message)
    assert isinstance(told(message, lang), str)  # type: ignore[arg-type]
