"""Rules on planning periods: their years and what is asked in them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Protocol

from hubopt.instance.draft import TOML, Draft
from hubopt.instance.errors import Problem, choose_from

_TOLERANCE = 1e-9


class _Dated(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def year(self) -> int | None: ...

    @property
    def years(self) -> float: ...


def overlapping(periods: Sequence[_Dated], file: str, name: str) -> Iterator[Problem]:
    """Problems of periods (or phases) that begin before the one before them has ended."""
    dated = [period for period in periods if period.year is not None]
    for earlier, later in itertools.pairwise(dated):
        end = (earlier.year or 0) + earlier.years
        if (later.year or 0) < end - _TOLERANCE:
            message = f"is before the end of {earlier.id!r} ({end:g})"
            mend = "list them in order of time, without overlap"
            yield Problem(file, message, mend, column=f"{name}.{later.id}.year", value=later.year)


def periods_follow_each_other(draft: Draft) -> Iterator[Problem]:
    """Periods are in the order of their years and do not overlap."""
    if draft.structure is not None:
        yield from overlapping(draft.structure.periods, TOML, "periods")


def shares_of_periods_are_of_targets(draft: Draft) -> Iterator[Problem]:
    """Shares that a period sets are shares, and of targets that exist."""
    if draft.structure is None:
        return
    targets = {item.id for item in draft.structure.service.targets}
    for period in draft.structure.periods:
        for name, share in period.target_shares.items():
            where = f"periods.{period.id}.target_shares.{name}"
            if name not in targets:
                yield Problem(TOML, "is no service target", choose_from(name, targets), column=where, value=name)
            if not 0 <= share <= 1:
                yield Problem(TOML, "is not a share", "give a value from 0 to 1", column=where, value=share)


RULES = (periods_follow_each_other, shares_of_periods_are_of_targets)
