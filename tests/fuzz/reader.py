"""What a reader under test is: sound input for it, how it is called, and how its files are changed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.fuzz import binaries, mutations, trees
from tests.fuzz.gentle import GENTLE
from tests.fuzz.mutations import Mutator

Files = Mapping[str, bytes]
"""Content by relative path."""


@dataclass(frozen=True)
class Reader:
    """A reader under test.

    ``files``: a sound input; ``read``: called with the folder that holds it; ``covers``: dotted names of the public
    functions that it exercises; ``changed``: endings of the names of files that are changed (none given: all);
    ``share``: how many inputs it gets in a long run, over those of others (slow readers less); ``gentle``: whether most
    changes leave the files readable, for what comes after reading.
    """

    name: str
    files: Callable[[], Files]
    read: Callable[[Path], object]
    covers: tuple[str, ...]
    changed: tuple[str, ...] = field(default=("",))
    share: float = 1.0
    gentle: bool = False


def single(
    name: str,
    file: str,
    content: Callable[[], bytes] | bytes,
    read: Callable[[Path], object],
    *covers: str,
    share: float = 1.0,
) -> Reader:
    """A reader of one file, which is called with its path."""
    files = cache(lambda: {file: content if isinstance(content, bytes) else content()})
    return Reader(name, files, lambda folder: read(folder / file), covers, share=share)


def files_in(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def written(write: Callable[[Path], object]) -> Callable[[], Files]:
    """The files that ``write`` leaves in a folder, made once."""

    @cache
    def files() -> Files:
        with tempfile.TemporaryDirectory() as scratch:
            write(Path(scratch) / "input")
            return files_in(Path(scratch) / "input")

    return files


MUTATORS: Mapping[str, tuple[Mutator, ...]] = {
    ".csv": (mutations.cells, mutations.cells, mutations.cells, mutations.any_bytes, mutations.encoding),
    ".toml": (trees.toml, trees.toml, trees.toml, mutations.any_bytes, mutations.lines, mutations.encoding),
    ".json": (trees.json_tree, trees.json_tree, mutations.any_bytes, mutations.encoding),
    ".geojson": (trees.geojson, trees.geojson, trees.geojson, mutations.any_bytes),
    ".parquet": (binaries.parquet,),
    ".gpkg": (binaries.geopackage,),
    ".osm": (trees.xml, trees.xml, mutations.any_bytes),
    ".graphml": (trees.xml, trees.xml, mutations.any_bytes),
    ".pbf": (binaries.pbf,),
    ".osm.gz": (mutations.packed(trees.xml), mutations.any_bytes),
    ".osm.bz2": (mutations.packed(trees.xml), mutations.any_bytes),
    ".csv.gz": (mutations.packed(mutations.cells), mutations.any_bytes),
    ".tar.gz": (mutations.packed(mutations.lines), mutations.packed(mutations.any_bytes), mutations.any_bytes),
    ".tif": (binaries.raster,),
}
"""How files are changed, by the longest ending that fits; others are text, changed by lines and bytes."""

TEXT: tuple[Mutator, ...] = (mutations.lines, mutations.lines, mutations.any_bytes, mutations.encoding)


def mutators_of(name: str, *, gentle: bool = False) -> tuple[Mutator, ...]:
    """The changes that suit a file of this name."""
    kind = Path(name).suffix
    if gentle and kind in GENTLE:
        return (GENTLE[kind],)
    fitting = [ending for ending in MUTATORS if name.endswith(ending)]
    return MUTATORS[max(fitting, key=len)] if fitting else TEXT
