"""What another room has a solver process do beside its programs and jobs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class Errand(ABC):
    """Work that is sent to a solver process as it is and carried out there; its result is sent back.

    ``seconds`` is how long it may take; a process that overstays them is ended.
    """

    seconds: float

    @abstractmethod
    def carry_out(self, memory: dict[str, Any]) -> object:
        """Do it; ``memory`` is kept from one errand to the next for as long as the process lives."""
