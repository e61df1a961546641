"""``site_prices.json`` beside a result: what it would cost to force sites in or out, as far as that was computed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from hubopt.instance.errors import InputError, Problem, problems_of
from hubopt.instance.text import read_text
from hubopt.instance.types import Record
from hubopt.solution.types import Solution

SITE_PRICES = "site_prices.json"

Action = Literal["in", "out"]
"""Forced open (in) or closed (out), in every period."""

Kind = Literal["rest-stays", "re-solve"]
"""How a price was found.

``rest-stays``: an estimate for every site. The other sites and links stay, goods find another way, sizes are
continuous; it is no bound. ``re-solve``: a run of its own, whose plan the checker has confirmed.
"""


class SitePrice(Record):
    """What it costs to force a site (CNY/year)."""

    site: str = Field(description="site id")
    action: Action = Field(description="forced open (in) or closed (out) in every period")
    kind: Kind = Field(description="how it was found")
    estimate: float | None = Field(
        default=None,
        description="rise of the objective while the rest stays, or in the plan of the run; None: there was no plan",
    )
    least: float | None = Field(default=None, description="proven rise of the optimum, at least", ge=0)
    most: float | None = Field(default=None, description="proven rise of the optimum, at most")
    possible: bool | None = Field(default=None, description="whether a plan with it exists; None: not known")
    status: str = Field(default="", description="how the run ended; 'rest must change': no plan while the rest stays")


class LandPrice(Record):
    """What one more hectare of a land limit would save, with the sites and links of the plan as they are."""

    scope: str = Field(description="parcel, district, city or total")
    id: str = Field(description="of the parcel, district or city")
    period: str = Field(description="period id")
    price: float = Field(description="CNY/year per hectare", ge=0)


class SitePrices(Record):
    """All prices of a result, with what ties them to it."""

    format: Literal[1] = Field(default=1, description="version of the layout")
    instance_sha256: str = Field(description="digest of the instance")
    objective: float = Field(description="objective of the result (CNY/year)")
    bound: float | None = Field(description="proven lower bound of the result (CNY/year)")
    asked: int = Field(default=0, description="prices that there were to estimate")
    sites: tuple[SitePrice, ...] = Field(default=(), description="what it costs to force sites")
    land: tuple[LandPrice, ...] = Field(
        default=(), description="land limits that bind, and what one more hectare would save with the network as it is"
    )

    def belongs_to(self, solution: Solution) -> bool:
        """Whether the prices are those of this result."""
        proof = solution.proof
        if proof.objective is None or self.instance_sha256 != proof.instance_sha256:
            return False
        return abs(self.objective - proof.objective) <= 1e-6 * max(1.0, abs(proof.objective))

    def text(self) -> str:
        """As a file."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def read_site_prices(folder: Path, solution: Solution) -> SitePrices | None:
    """The prices beside a result; None if there are none.

    Raises
    ------
    InputError
        If the file is damaged or belongs to another result.
    """
    path = folder / SITE_PRICES
    mend = "compute them again with: hubopt review RESULT --prices"
    if not path.is_file():
        return None
    text = read_text(path, inside=folder)
    if isinstance(text, Problem):
        raise InputError([text])
    try:
        prices = SitePrices.model_validate_json(text)
    except ValidationError as error:
        raise InputError(problems_of(error, str(path))) from None
    if not prices.belongs_to(solution):
        raise InputError([Problem(str(path), "belongs to another result than the one beside it", mend)])
    return prices
