"""What ``hubopt explain`` wrote about a result: other site sets, prices of limits and standards; for the report."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hubopt.instance.errors import InputError, Problem, problems_of
from hubopt.instance.text import read_text
from hubopt.solution.types import Solution

EXPLAINED = "explained.json"
"""Name under which the report looks for it in a result folder."""

_MEND = "write it again with: hubopt explain INSTANCE RESULT --out FILE.json"


class _Part(BaseModel):
    """A part of the file; what the report does not show is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Alternative(_Part):
    """Another set of hubs and centres, checked: what it closes and opens against the result, and what it costs more."""

    opened: tuple[str, ...]
    closed: tuple[str, ...]
    extra: float
    extra_share: float


class Alternatives(_Part):
    """A finished search: how much worse (a share) an alternative was allowed to be, and what was found."""

    within: float
    found: tuple[Alternative, ...]


class Limit(_Part):
    """A limit with the price of its last unit."""

    family: str
    what: str
    limit: float
    used: float
    unit: str
    price: float
    price_unit: str
    binding: bool


class Standard(_Part):
    """A standard or count with what it costs to keep (CNY/year): at least and at most; None: not proven."""

    what: str
    unit: str
    least: float | None
    most: float | None


class Limits(_Part):
    """Every limit with its price."""

    rows: tuple[Limit, ...] = ()


class Explained(_Part):
    """The content of the file as far as the report shows it."""

    instance: str
    objective_cny_year: float
    limits: Limits = Limits()
    standards: tuple[Standard, ...] = ()
    alternatives: Alternatives | None = Field(default=None)

    @property
    def binding(self) -> tuple[Limit, ...]:
        """Limits that bind, the dearest first."""
        return tuple(sorted((item for item in self.limits.rows if item.binding), key=lambda item: -item.price))


def read_explained(path: Path, solution: Solution) -> Explained:
    """Read the file at ``path``, which must be about ``solution``.

    Raises
    ------
    InputError
        If it cannot be read, holds something else, or is about another result.
    """
    text = read_text(path)
    if isinstance(text, Problem):
        raise InputError([text])
    try:
        explained = Explained.model_validate_json(text)
    except ValidationError as error:
        raise InputError(problems_of(error, str(path))) from None
    objective = solution.proof.objective
    same = objective is not None and abs(explained.objective_cny_year - objective) <= 1e-6 * max(1.0, abs(objective))
    if explained.instance != solution.instance_id or not same:
        raise InputError([Problem(str(path), "explains another result than the one given", _MEND)])
    return explained
