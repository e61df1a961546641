"""What a diagnosis finds: a key of the texts, the figures and the places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing found.

    ``key`` is that of its text below ``diagnose``; ``values`` fill it in, by the sort of what they are: identifiers
    (``site``, ``zones``, ...), shares (``..._share``), amounts in the unit that the text names. ``limits`` are the ids
    of the limits that it is about.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
