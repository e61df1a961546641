"""The catalogue is complete in both languages, and the only place with texts."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from matplotlib import rcParams

import hubopt
from hubopt.instance.policy import COST_PARTS
from hubopt.instance.schema import RELIABILITY, TABLES
from hubopt.instance.types import LEVELS
from hubopt.texts import LANGUAGES, Texts, entries, language
from hubopt.viz.numbers import Numbers

PACKAGE = Path(hubopt.__file__).parent
TEMPLATES = {path.name: path.read_text(encoding="utf-8") for path in (PACKAGE / "viz" / "templates").iterdir()}
MODULES = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
SPEAKING = {"viz", "cli", "formats"}
"""Rooms that take their words from the catalogue by key."""
CHINESE = re.compile(r"[\u3400-\u9fff]")
COMPOSED = {
    "run-difference", "diagnose", "doctor",
    "level", "levels", "leg-end", "kind", "action", "cost", "status", "limit", "phase", "method", "reliability",
    "direction", "requirement", "service", "unit", "money", "mode", "node", "progress", "cost-part",
    "standing", "mark", "criterion", "criterion-unit", "land-use", "exclusion",
    "scope", "plan-status", "measure", "front-measure", "sheet",
}  # fmt: skip
"""Groups whose keys are put together from data."""

SHORTENED = {
    "instances", "report", "cli-summary", "cli-explain", "cli-curve", "cli-compare", "check-map", "column", "item",
    "map-layer", "cli-stochastic",
}  # fmt: skip
"""Groups whose keys are put together from a fixed beginning and a word that the code has in quotes."""


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_text_is_there_in_both_languages() -> None:
    """Each key has exactly an English and a Chinese text, with the same values to fill in."""
    for key, entry in entries().items():
        assert set(entry) == set(LANGUAGES), key
        assert all(text.strip() for text in entry.values()), key
        assert fields(entry["en"]) == fields(entry["zh"]), key
        assert key.startswith("language.") or not CHINESE.search(entry["en"]), key


def test_every_word_of_the_data_model_has_a_text() -> None:
    """Choices of the schema and of the types are all in the catalogue."""
    kinds = TABLES["gateways"].column("kind").choices
    wanted = {f"cost.{part}" for part in COST_PARTS} | {f"level.{level}" for level in LEVELS}
    wanted |= {f"kind.{kind}" for kind in kinds} | {f"reliability.{word}" for word in RELIABILITY}
    wanted |= {f"status.{word}" for word in ("optimal", "feasible", "infeasible", "no-solution", "error")}
    wanted |= {f"limit.{word}" for word in ("none", "time", "interrupt", "memory", "nodes")}
    wanted |= {f"action.{word}" for word in ("new", "keep", "expand", "upgrade", "close")}
    wanted |= {f"mode.{kind}" for kind in ("truck", "van", "rail", "water", "air")}
    wanted |= {f"requirement.{word}" for word in ("ambient", "bonded", "cold")}
    assert not wanted - set(entries())


def test_every_key_that_a_page_asks_for_exists() -> None:
    """A key written out in a template or module is in the catalogue."""
    groups = {key.split(".")[0] for key in entries()}
    quoted = re.compile(r"""["'`]((?:{})\.[a-z0-9_-]+)["'`]""".format("|".join(sorted(groups))))
    speaking = [text for path, text in MODULES.items() if path.relative_to(PACKAGE).parts[0] in SPEAKING]
    asked = {key for text in [*TEMPLATES.values(), *speaking] for key in quoted.findall(text)}
    files_asked = {
        key for key in asked if key.endswith((".js", ".css", ".html", ".csv", ".pdf", ".typ", ".svg", ".xlsx"))
    }
    beginnings = {key for key in asked if key.endswith("-")}
    assert len(asked) > 100
    assert not asked - set(entries()) - files_asked - beginnings - set(rcParams)


def test_no_text_is_left_over() -> None:
    """Every key of the catalogue is asked for somewhere."""
    everything = "\n".join([*TEMPLATES.values(), *MODULES.values()])
    unused = []
    for key in entries():
        group, word = key.split(".", 1)
        short = re.search(rf"""['"][a-z]*[#.]?{re.escape(word)}['"]""", everything) if group in SHORTENED else None
        if group not in COMPOSED and f'"{key}"' not in everything and f"'{key}'" not in everything and not short:
            unused.append(key)
    begun = (
        "map.synthetic-",
        "popup.forced-",
        "layer.",
        "cli-summary.limit-",
        "cli-summary.met-",
        "comparison.",
        "instances.chart-",
        "bench.axis-",
        "bench.chart-",
        "cli-stochastic.measure-",
    )
    composed = {key for key in unused if key.startswith(begun)}
    assert set(unused) == composed


@pytest.mark.parametrize("name", sorted(name for name in TEMPLATES if name.endswith(".html")))
def test_page_templates_hold_no_words(name: str) -> None:
    """What is left of a template without its tags and its expressions has no letters."""
    page = re.sub(r"<style>.*?</style>", "", TEMPLATES[name], flags=re.DOTALL)
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", page, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", "", text)
    assert not re.search(r"[^\W\d_]", text), f"words in {name}: {text.split()}"


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_no_chinese_outside_the_catalogue(name: str) -> None:
    """Scripts, styles and templates have no Chinese text of their own."""
    assert not CHINESE.search(re.sub(r"\[\(（\]\[\^\)）\]\*\[\)）\]", "", TEMPLATES[name]))


@pytest.mark.parametrize("name", sorted(name for name in TEMPLATES if name.endswith(".js")))
def test_scripts_hold_no_sentences(name: str) -> None:
    """No string in a script starts with a capital and goes on with another word."""
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", TEMPLATES[name], flags=re.DOTALL)
    strings = re.findall(r'"((?:[^"\\\n]|\\.)*)"', code)
    assert not [text for text in strings if re.search(r"^[A-Z][a-z]+ [a-z]+", text)]


def test_an_unknown_language_is_refused() -> None:
    """Only the catalogue's languages can be asked for."""
    with pytest.raises(ValueError, match="language 'fr' is not one of en, zh"):
        language("fr")


@pytest.mark.parametrize(
    ("amount", "english", "chinese"),
    [
        (1.234e9, "CNY 1.23 bn", "12.3 亿元"),
        (45.6e6, "CNY 45.6 M", "4,560 万元"),
        (-45.6e6, "CNY -45.6 M", "-4,560 万元"),
        (1234, "CNY 1,234", "1,234 元"),
        (0, "CNY 0", "0 元"),
        (None, "–", "–"),
    ],
)
def test_money_is_written_as_each_language_does(amount: float | None, english: str, chinese: str) -> None:
    """Millions and billions in English, 万 and 亿 in Chinese."""
    assert Numbers(Texts("en")).money(amount) == english
    assert Numbers(Texts("zh")).money(amount) == chinese


def test_shares_keep_what_is_small_in_sight() -> None:
    """A share that would round to nothing, or to everything, is not written so."""
    numbers = Numbers(Texts("en"))
    assert [numbers.percent(share, 2) for share in (0.99996, 0.9999, 1 - 1e-12)] == [">99.9%", "99.99%", "100%"]
    assert [numbers.percent(share) for share in (0.0, 1e-5, 0.123456, 1.0)] == ["0%", "<0.1%", "12.3%", "100%"]
