"""Every kind of fault: how each is brought about, and what must hold afterwards."""

from __future__ import annotations

from tests.faults import of_answers, of_disk, of_earlier, of_kills, of_limits, of_signals
from tests.faults.kind import KINDS, Kind

__all__ = ["KINDS", "Kind"]

_MODULES = (of_kills, of_signals, of_limits, of_disk, of_earlier, of_answers)
_PLACES = {module.__name__: place for place, module in enumerate(_MODULES)}
KINDS.sort(key=lambda kind: _PLACES[kind.strike.__module__])
