"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

READABLE = 0o644
"""Rights of a file that everybody may read."""

OWN = 0o600
"""Rights of a file that is its owner's alone."""


def write_whole(path: Path, content: bytes, rights: int = READABLE) -> None:
    """Write a file with these rights, beside its place first; what stood there stays until all is written."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(temporary).chmod(rights)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
