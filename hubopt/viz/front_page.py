"""A Pareto front as one page in both languages that opens without a network, and as a chart of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hubopt.texts import HTML_LANG, LANGUAGES, Texts, language
from hubopt.viz.front import TradeAxis, TradePoint, TradeTexts, trade_chart
from hubopt.viz.numbers import Numbers
from hubopt.viz.offline import CONTENT_SECURITY_POLICY
from hubopt.viz.plotting import Chart


@dataclass(frozen=True)
class FrontMeasure:
    """A measure: its kind, such as ``cost`` or ``service``, and the names of its target, if it has one alone."""

    kind: str
    target: Mapping[str, str] | None = None


@dataclass(frozen=True)
class FrontRow:
    """A point: the values of the measures, the bound on the first, its gap; the run that found it and its status."""

    values: tuple[float, ...]
    bound: float | None
    gap: float | None
    knee: bool
    run: str
    status: str
    served_share: float


@dataclass(frozen=True)
class PayoffRow:
    """A row of the pay-off table: which measure is best, the values of all, the bound on that one."""

    best: int
    values: tuple[float, ...]
    bound: float | None


@dataclass(frozen=True)
class FrontContent:
    """All that the page shows; ``names`` and ``policy`` are those of instance and policy by language."""

    names: Mapping[str, str]
    policy: Mapping[str, str]
    currency: str
    measures: tuple[FrontMeasure, ...]
    rows: tuple[FrontRow, ...]
    payoff: tuple[PayoffRow, ...]
    no_plan: tuple[tuple[float | None, ...], ...]
    counts: Mapping[str, int]
    unmet_share_max: float
    complete: bool


@dataclass(frozen=True)
class _Words:
    """A front in one language."""

    content: FrontContent
    texts: Texts

    @property
    def numbers(self) -> Numbers:
        return Numbers(self.texts, self.content.currency)

    def name(self, measure: FrontMeasure) -> str:
        if measure.kind == "service" and measure.target is not None:
            return self.texts("front-measure.service-of", target=measure.target[self.texts.lang])
        return self.texts(f"front-measure.{measure.kind}")

    def short(self, measure: FrontMeasure, value: float | None) -> str:
        """A value on an axis."""
        if value is not None and measure.kind == "cost":
            return self.numbers.money(value)
        return self.full(measure, value)

    def full(self, measure: FrontMeasure, value: float | None) -> str:
        """A value in a table."""
        if value is None or measure.kind == "cost":
            return self.numbers.full_money(value)
        if measure.kind in ("service", "resilience"):
            return self.numbers.percent(value, 2)
        return self.numbers.figures(value)

    def limit(self, measure: FrontMeasure, value: float) -> str:
        more = measure.kind in ("service", "resilience")
        key = "front.at-least" if more else "front.at-most"
        return self.texts(key, name=self.name(measure), value=self.full(measure, value))

    def chart(self) -> Chart:
        names = [self.name(measure) for measure in self.content.measures]
        keys = dict(zip(("first", "second", "third"), names, strict=False))
        words = TradeTexts(
            title=self.texts("front.chart-three" if len(names) > 2 else "front.chart", **keys),
            found=self.texts("front.found"),
            interval=self.texts("front.interval"),
            knee=self.texts("front.bend"),
        )
        axes = [
            TradeAxis(name, lambda value, measure=measure: self.short(measure, value))  # type: ignore[misc]
            for name, measure in zip(names, self.content.measures, strict=True)
        ]
        points = [
            TradePoint(number, row.values, row.bound, row.knee) for number, row in enumerate(self.content.rows, start=1)
        ]
        return trade_chart(points, axes, words)

    def page(self) -> dict[str, object]:
        content = self.content
        return {
            "t": self.texts, "n": self.numbers, "lang": HTML_LANG[self.texts.lang],
            "name": content.names[self.texts.lang], "policy": content.policy[self.texts.lang],
            "chart": Markup(self.chart().svg()),
            "measures": [self.name(measure) for measure in content.measures],
            "rows": [
                {"row": row, "cells": [self.full(m, v) for m, v in zip(content.measures, row.values, strict=True)],
                 "bound": self.full(content.measures[0], row.bound)}
                for row in content.rows
            ],
            "payoff": [
                {"best": self.name(content.measures[row.best]),
                 "cells": [self.full(m, v) for m, v in zip(content.measures, row.values, strict=True)],
                 "bound": self.full(content.measures[row.best], row.bound)}
                for row in content.payoff
            ],
            "no_plan": [
                "; ".join(self.limit(m, v) for m, v in zip(content.measures, box, strict=True) if v is not None)
                for box in content.no_plan
            ],
        }  # fmt: skip


def front_svg(content: FrontContent, lang: str) -> bytes:
    """The chart as a file of its own."""
    return _Words(content, Texts(language(lang))).chart().file("svg")


def front_html(content: FrontContent, lang: str) -> str:
    """The page: chart and tables in each language, ``lang`` first.

    Raises
    ------
    ValueError
        If ``lang`` is not a language of the catalogue.
    """
    first = language(lang)
    order: Sequence[str] = sorted(LANGUAGES, key=lambda item: item != first)
    pages = [_Words(content, Texts(code)).page() for code in order]
    environment = Environment(
        loader=PackageLoader("hubopt.viz"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("front.html").render(pages=pages, content=content, policy=CONTENT_SECURITY_POLICY)
