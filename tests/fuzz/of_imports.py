"""Readers of published benchmark files, of marks that come back by mail, and of what an unfinished run leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hubopt.formats.imports import Options, import_file
from hubopt.instance import Policy, sha256
from hubopt.instance.decisions import read_decisions
from hubopt.solution.partial import RUN, Question, read_question
from hubopt.solution.site_prices import SITE_PRICES, SitePrice, SitePrices, read_site_prices
from hubopt.solution.types import Asked
from tests.cases import tiny
from tests.formats import files
from tests.fuzz.reader import Reader, single
from tests.solution.whole_plan import whole_solution

_IMPORTS = "hubopt.formats.imports"

LAYOUTS: dict[str, tuple[str, str | bytes, dict[str, Any]]] = {
    "orlib-cflp": ("orlib-cflp", files.ORLIB, {}),
    "orlib-cflp, capacity": ("orlib-cflp", files.ORLIB_WORD, {"capacity": 33.0}),
    "orlib-uflp": ("orlib-uflp", files.ORLIB, {}),
    "sscflp": ("sscflp", files.HOLMBERG, {}),
    "tscflp": ("tscflp", files.TWO_STAGES, {}),
    "mptscflp": ("mptscflp", files.TWO_PRODUCTS, {}),
    "pmedian": ("pmedian", files.GRAPH, {}),
    "covering": ("covering", files.COVER, {}),
    "maximal covering": ("covering", files.POINTS, {"maximal": True}),
    "hub location": ("hub", files.NODES, {}),
}
"""A small file in each layout, and the options it is read with."""


def _layout(name: str) -> Reader:
    format, content, options = LAYOUTS[name]

    def read(file: Path) -> None:
        import_file(format, file, Options(**options))

    covers: tuple[str, ...] = (f"{_IMPORTS}.formats.import_file", f"{_IMPORTS}.tokens.content_of")
    covers += (f"{_IMPORTS}.cflp.read_orlib",) if name == "orlib-cflp" else ()
    covers += (f"{_IMPORTS}.cflp.read_holmberg",) if name == "sscflp" else ()
    covers += (f"{_IMPORTS}.covering.read_rows",) if name == "covering" else ()
    text = content if isinstance(content, bytes) else content.encode()
    return single(f"import {name}", "file.txt", text, read, *covers, share=0.5)


_MARKS = (
    "site_id,mark,comment,reviewer,date,instance_sha256\n"
    f's1,accept,,A,2025-01-02,{"0" * 64}\nh-air,拒绝,"too, far",B,2025-01-03,\nu-mid,question,\'=1+1,,,\n'
).encode()


def _decisions(file: Path) -> None:
    found = read_decisions(file)
    assert all(problem.message and problem.mend for problem in found.problems)


def _question() -> bytes:
    asked = Asked(method="auto", time_limit=60.0)
    question = Question(
        instance_path="../tiny",
        instance_sha256=sha256(tiny()),
        policy=Policy(),
        asked=asked,
        gap=0.01,
        threads=2,
        seed=0,
    )
    return json.dumps(question.model_dump(mode="json")).encode()


def _prices() -> bytes:
    solution = whole_solution()
    site = SitePrice(site="s1", action="in", kind="rest-stays", estimate=5.0)
    prices = SitePrices(
        instance_sha256=solution.proof.instance_sha256,
        objective=solution.proof.objective or 0.0,
        bound=None,
        sites=(site,),
    )
    return prices.text().encode()


def _site_prices(folder: Path) -> None:
    read_site_prices(folder, whole_solution())


def _folder(read: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda file: read(file.parent)


READERS = (
    *(_layout(name) for name in LAYOUTS),
    single("decisions", "decisions.csv", _MARKS, _decisions, "hubopt.instance.decisions.read_decisions"),
    single("unfinished run", RUN, _question, _folder(read_question), "hubopt.solution.partial.read_question"),
    single("site prices", SITE_PRICES, _prices, _folder(_site_prices), "hubopt.solution.site_prices.read_site_prices"),
)
"""Readers of what other programs and people send."""
