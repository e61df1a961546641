"""One plotting style for every chart, and a chart as a thing that is drawn when it is asked for."""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from xml.sax.saxutils import quoteattr

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hubopt.viz.style import CHART_STYLE, FONTS

Format = Literal["svg", "pdf", "png"]
FORMATS: tuple[Format, ...] = ("svg", "pdf", "png")

PNG_DPI = 200
"""Dots per inch of a chart as an image."""

_FIXED = {"svg": {"Date": None, "Creator": None, "Format": None, "Type": None}, "pdf": {"CreationDate": None}}
"""Metadata that are left out, so that the same plan gives the same file."""


class MissingGlyphsError(Exception):
    """No installed font has the characters of a text that must be drawn."""


@cache
def installed_fonts() -> list[str]:
    """The fonts of :data:`~hubopt.viz.style.FONTS` that this machine has."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in FONTS if name in known] or ["sans-serif"]


@contextmanager
def _styled(salt: str) -> Iterator[list[str]]:
    """The plotting style; yields a list that receives what is said about characters that no font has."""
    settings: Any = {**CHART_STYLE, "font.sans-serif": installed_fonts(), "svg.hashsalt": salt}
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    missing: list[str] = []
    with matplotlib.rc_context(settings), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        log.setLevel(logging.ERROR)
        try:
            yield missing
        finally:
            log.setLevel(level)
    for item in caught:
        if re.match("Glyph .* missing from", str(item.message)):
            missing.append(str(item.message))
        else:
            warnings.warn_explicit(item.message, item.category, item.filename, item.lineno)


@dataclass(frozen=True)
class Chart:
    """A chart by ``name`` (its file's), with a ``title`` for those who cannot see it, and what paints it.

    ``size`` is width and height in inches; ``panels`` the number of axes side by side that ``paint`` gets; ``filling``:
    one axes fills the figure to its edges, without room for a scale.
    """

    name: str
    title: str
    size: tuple[float, float]
    paint: Callable[[list[Axes]], None]
    panels: int = 1
    filling: bool = False

    def _figure(self) -> Figure:
        if self.filling:
            figure = Figure(figsize=self.size)
            self.paint([figure.add_axes((0.0, 0.0, 1.0, 1.0))])
            return figure
        figure = Figure(figsize=self.size, layout="constrained")
        axes = figure.subplots(1, self.panels, squeeze=False)[0]
        self.paint(list(axes))
        engine = figure.get_layout_engine()
        if engine is not None:  # once is enough: saving would lay the figure out again
            engine.execute(figure)
            figure.set_layout_engine("none")
        return figure

    def svg(self) -> str:
        """The chart as an SVG element that fills its column and tells screen readers what it shows.

        Texts stay texts, to be searched and copied; a font without Chinese glyphs only shifts a label.
        """
        text = self.file("svg").decode("utf-8")
        head, rest = text[text.index("<svg") :].split(">", 1)
        head = re.sub(r'\s(width|height)="[^"]*"', "", head)
        return f'{head} role="img" aria-label={quoteattr(self.title)} class="chart">{rest}'

    def file(self, kind: Format) -> bytes:
        """The chart as a file.

        Raises
        ------
        MissingGlyphsError
            If a PDF or an image is asked for and no font has what is written in it.
        """
        target = io.BytesIO()
        with _styled(self.name) as missing:
            self._figure().savefig(target, format=kind, dpi=PNG_DPI, metadata=_FIXED.get(kind))
        if missing and kind != "svg":
            raise MissingGlyphsError(missing[0])
        content = target.getvalue()
        return re.sub(rb"<metadata>.*?</metadata>", b"", content, flags=re.DOTALL) if kind == "svg" else content
