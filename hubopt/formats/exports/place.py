"""Files that are written whole or not at all, and never over another one unless asked to."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hubopt.instance import InputError, Problem

_READABLE = 0o666


def refuse_unless_free(target: Path, force: bool) -> None:
    """Raise :class:`InputError` if the file ``target`` may not be written: it is there already, or its folder is not.

    With ``force`` an existing file may be replaced, but no folder.
    """
    shown = str(target)
    if target.is_dir():
        raise InputError([Problem(shown, "is a folder", "give the path of a file")])
    if target.exists() and not force:
        raise InputError([Problem(shown, "exists already", "give another file, or --force to replace it")])
    folder = target.absolute().parent
    if not folder.is_dir():
        raise InputError([Problem(shown, "lies in no folder", "make the folder, or give another place")])
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError([Problem(shown, f"cannot be made in {folder}", "give a place that you may write to")])


@contextmanager
def whole_file(target: Path, *, force: bool = False) -> Iterator[Path]:
    """A path beside ``target`` to write to; it becomes ``target`` at the end, or vanishes on any exception.

    The path has the suffix of ``target`` and nothing stands there yet.

    Raises
    ------
    InputError
        If the target may not be written.
    """
    refuse_unless_free(target, force)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.absolute().parent) as scratch:
        made = Path(scratch) / f"new{target.suffix}"
        yield made
        mask = os.umask(0)
        os.umask(mask)
        made.chmod(_READABLE & ~mask)
        with made.open("rb") as stream:
            os.fsync(stream.fileno())
        made.replace(target)
