"""What the user can say about a published file beyond what stands in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """Options of an import; None or False where nothing was said. Which format uses which: ``FORMATS``.

    ``single_source``: True each customer has one source, False it may have several, None as the format has it.
    ``facilities``: number of open sites in place of the file's. ``capacities``, ``fixed_costs``: beside a hub file.
    """

    name: str | None = None
    capacity: float | None = None
    single_source: bool | None = None
    facilities: int | None = None
    maximal: bool = False
    matrices: bool = False
    capacities: Path | None = None
    fixed_costs: Path | None = None

    def name_of(self, path: Path) -> str:
        """Id of the instance: as the user says, or the name of the file without its endings."""
        if self.name is not None:
            return self.name
        endings = r"(\.(gz|txt|dat|cor|core|mps|tim|time|sto|stoch|stc))+$"
        stem = re.sub(endings, "", path.name, flags=re.IGNORECASE)
        return re.sub(r"[\s,;|]+", "-", stem)[:100] or "imported"
