"""The dossier: the report as a PDF to print, with a page for each hub and transfer centre.

The content goes to the typesetter as data beside a fixed template; no text from the data is ever read as markup.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import hubopt
from hubopt.texts import HTML_LANG, Language, language
from hubopt.viz.chart_set import charts_of
from hubopt.viz.decided import Reference
from hubopt.viz.dossier_blocks import Block
from hubopt.viz.dossier_maps import NETWORK, subject_maps, subject_sheets
from hubopt.viz.dossier_movement import Movement
from hubopt.viz.dossier_sections import Chapters
from hubopt.viz.dossier_sheets import Prices, sheet_block, site_names
from hubopt.viz.dossier_summary import cover
from hubopt.viz.glyphs import engine, settable, typeface, writable
from hubopt.viz.offline import package_text
from hubopt.viz.subject import Subject
from hubopt.viz.values import names_of
from hubopt.viz.wording import Wording

PARTS = {"hub": "dossier.hubs", "utc": "dossier.utcs"}
"""Titles of the parts that hold the sheets of a level."""

STANDARDS = ["ua-1"]
"""What the PDF keeps to: one that a screen reader can read."""


@dataclass
class Book:
    """The content of a dossier: blocks and drawings by file name."""

    blocks: list[Block] = field(default_factory=list)
    drawings: dict[str, str] = field(default_factory=dict)


def dossier_book(subject: Subject, lang: Language, prices: Prices, against: Reference | None) -> Book:
    """What a dossier in ``lang`` says and shows, before it is set."""
    book, words = Book(), Wording.of(subject.instance, lang)
    titles = {}
    for chart in charts_of(subject, lang):
        book.drawings[f"{chart.name}.svg"], titles[chart.name] = chart.svg(), chart.title
    chapters = Chapters(subject, words, titles, prices, against)
    book.blocks += _chapters(subject, words, chapters, book)
    return book


def _chapters(subject: Subject, words: Wording, chapters: Chapters, book: Book) -> Iterator[Block]:
    movement = Movement(chapters)
    if subject.found is None:
        yield from cover(subject, words, None)
        yield {"kind": "contents", "title": words.t("dossier.contents")}
        yield from chapters.standards()
        yield from movement.proof()
        yield from chapters.parameters()
        return
    plan, report = subject.found
    drawings = subject_maps(subject)
    network = drawings.get(NETWORK)
    yield from cover(subject, words, network)
    yield {"kind": "contents", "title": words.t("dossier.contents")}
    yield from chapters.standards()
    yield from chapters.when(report)
    yield from chapters.money(report)
    yield from chapters.land(report)
    yield from chapters.facilities(report)
    yield from movement.blocks(plan, report)
    names, level = site_names(subject.instance, words), ""
    book.drawings |= {name: drawing.svg for name, drawing in drawings.items()}
    for sheet in subject_sheets(subject):
        block = sheet_block(sheet, words, chapters.prices, drawings, names)
        yield block if sheet["level"] == level else {**block, "part": words.t(PARTS[sheet["level"]])}
        level = sheet["level"]
    yield from chapters.stations(report)
    yield from chapters.stock(report)
    yield from movement.proof()
    yield from chapters.parameters()


def dossier_pdf(
    subject: Subject, lang: str = "en", *, prices: Prices | None = None, against: Reference | None = None
) -> bytes:
    """The dossier as a PDF in one language; the same result gives the same bytes.

    Raises
    ------
    MissingEngineError
        If the typesetter is not installed.
    MissingFontError
        If there are Chinese characters to write and no installed font has them.
    ValueError
        For an unknown language.
    """
    return _set(subject, language(lang), prices or Prices(), against)


def _set(subject: Subject, lang: Language, prices: Prices, against: Reference | None) -> bytes:
    typst, face = engine(), typeface()
    book, words = dossier_book(subject, lang, prices, against), Wording.of(subject.instance, lang)
    names = names_of(subject.instance.info.model_dump())
    content: dict[str, Any] = {
        "title": words.t("dossier.title", name=words.name(names)),
        "name": words.name(names),
        "subject": words.t("dossier.subject"),
        "made": words.t("brand.made-with", version=hubopt.__version__),
        "page": words.t("dossier.page"),
        "lang": HTML_LANG[lang].partition("-")[0],
        "region": HTML_LANG[lang].partition("-")[2] or None,
        "fonts": list(face.families),
        "blocks": book.blocks,
    }
    # names of drawings hold ids of sites, which may be anything: the typesetter gets numbered ones
    files = {name: f"{number}.svg" for number, name in enumerate(book.drawings)}
    content = settable(content, face.covered) | {
        "files": {writable(name, face.covered): file for name, file in files.items()}
    }
    sources = {
        "main.typ": package_text("dossier.typ").encode("utf-8"),
        "content.json": json.dumps(content).encode("utf-8"),
        **{files[name]: writable(svg, face.covered).encode("utf-8") for name, svg in book.drawings.items()},
    }
    made = typst.compile(
        sources, format="pdf", font_paths=face.book, ignore_system_fonts=True, pdf_standards=STANDARDS, timestamp=0
    )
    return bytes(made)
