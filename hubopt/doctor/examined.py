"""What was looked at, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["ok", "optional", "wrong"]
"""ok: as it should be; optional: absent, and only some commands need it; wrong: hubopt does not work as it should."""


@dataclass(frozen=True)
class Examined:
    """One part of an installation.

    ``part`` names its text (``doctor.PART``), ``found`` are plain facts such as versions and paths, which need no
    translation. ``mend`` names the text that says how to mend it (``doctor.MEND``), filled in with ``values``; empty
    where there is nothing to mend.
    """

    part: str
    state: State
    found: str
    mend: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
