"""Every reader of files from outside. A new reader is entered in one of the lists that are put together here."""

from __future__ import annotations

from tests.fuzz import of_cases, of_geography, of_imports, of_roads, of_runs, of_studies
from tests.fuzz.reader import Reader

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        *of_cases.READERS,
        *of_geography.READERS,
        *of_roads.READERS,
        *of_imports.READERS,
        *of_studies.READERS,
        *of_runs.READERS,
    )
}
"""All readers by name."""
