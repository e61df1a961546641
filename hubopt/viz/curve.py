"""The curve of land against cost as one page in both languages that opens without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hubopt.texts import HTML_LANG, LANGUAGES, Texts, language
from hubopt.viz.front import FrontPoint, FrontTexts, front_chart
from hubopt.viz.numbers import Numbers
from hubopt.viz.offline import CONTENT_SECURITY_POLICY


@dataclass(frozen=True)
class CurvePoint:
    """Land (ha), objective and its bound (CNY/year), and the share of demand served."""

    land_ha: float
    objective: float
    bound: float | None
    served_share: float

    @property
    def gap(self) -> float | None:
        """|objective - bound| / |objective|; None without a bound."""
        return None if self.bound is None else abs(self.objective - self.bound) / max(abs(self.objective), 1e-9)


def curve_html(
    points: Sequence[CurvePoint], names: Mapping[str, str], lang: str, *, more_is_better: bool = False
) -> str:
    """The page: a chart and a table in each language, ``lang`` first; ``names`` are the instance's by language.

    ``more_is_better``: the instance states its objective as one to be large, so that its bound lies above.

    Raises
    ------
    ValueError
        If ``lang`` is not a language of the catalogue.
    """
    first = language(lang)
    pages = []
    for code in sorted(LANGUAGES, key=lambda item: item != first):
        texts = Texts(code)
        numbers = Numbers(texts)
        words = FrontTexts(
            title=texts("curve.chart"), x_axis=texts("curve.land-axis"), found=texts("curve.objective"),
            bound=texts("curve.upper-bound" if more_is_better else "curve.bound"), knee=texts("chart.knee"),
        )  # fmt: skip
        front = [FrontPoint(item.land_ha, item.objective, item.bound) for item in points]
        chart = front_chart(front, words, texts, numbers, name="land-curve", more_is_better=more_is_better).svg()
        pages.append({"t": texts, "n": numbers, "lang": HTML_LANG[code], "name": names[code], "chart": Markup(chart)})
    environment = Environment(
        loader=PackageLoader("hubopt.viz"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    template = environment.get_template("curve.html")
    return template.render(pages=pages, points=points, policy=CONTENT_SECURITY_POLICY, more_is_better=more_is_better)
