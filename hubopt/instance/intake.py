"""Files from outside, before they are opened: regular, of bounded size (unpacked too), and inside their own folder.

Instances, results and recipes are passed around by mail. A file may be a link to another place, a pipe that never ends,
or a few kilobytes that unpack to terabytes; each of these is a problem with a name here, never a hang.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO

from hubopt.instance.errors import Problem

LIMIT_VARIABLE = "HUBOPT_MAX_INPUT_MB"
"""Environment variable that replaces :data:`LIMIT_MB`."""

LIMIT_MB = 2048
"""Most megabytes that one input file may take, on the disk and unpacked."""

TEXT_MB = 64
"""Most megabytes of a text that is read as a whole tree (TOML, the JSON of a result)."""

_CHUNK = 1 << 20
_PACKED = (".gz", ".bz2", ".xz", ".zip")


def limit_bytes() -> int:
    """Most bytes that one input file may take: :data:`LIMIT_MB`, or what the environment asks for."""
    given = os.environ.get(LIMIT_VARIABLE, "")
    return (int(given) if given.isdigit() and int(given) > 0 else LIMIT_MB) * 1_000_000


def too_large(name: str, size: float, most: float | None = None) -> Problem | None:
    """The problem of ``size`` bytes (unpacked, if the file is packed) that are above the limit."""
    most = limit_bytes() if most is None else most
    if size <= most:
        return None
    message = f"takes more than {most / 1e6:,.0f} MB"
    return Problem(name, message, f"give a smaller file, or raise {LIMIT_VARIABLE} if you trust where it comes from")


def leads_out(path: Path, folder: Path) -> bool:
    """Whether ``path`` lies in ``folder`` by its name only: a link on the way leads to another place."""
    return not path.resolve().is_relative_to(folder.resolve())


def unfit(path: Path, *, inside: Path | None = None, most: float | None = None) -> Problem | None:
    """Why ``path`` must not be opened; None if it may.

    Parameters
    ----------
    path
        A file; links are followed unless they lead out of ``inside``.
    inside
        The folder of an instance or result that the file belongs to.
    most
        Largest size in bytes; None: that of every input file.
    """
    name = path.name
    try:
        if inside is not None and leads_out(path, inside):
            return Problem(name, "is a link that leads out of its folder", "put the file itself in its place")
        found = path.stat()
    except FileNotFoundError:
        return Problem(name, "there is no such file", "add the file, or correct its path")
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a name with a zero byte
        return Problem(name, f"cannot be read: {error}", "give a file that you may read")
    if stat.S_ISDIR(found.st_mode):
        return Problem(name, "is a folder", "give a file")
    if not stat.S_ISREG(found.st_mode):
        return Problem(name, "is not a file but a device or pipe", "give a file")
    return too_large(name, found.st_size, most)


@contextmanager
def unpacked(path: Path) -> Iterator[BinaryIO | BufferedIOBase]:
    """The bytes of a file, those of a packed one (by its ending: .gz, .bz2, .xz) unpacked."""
    stream: BinaryIO | BufferedIOBase
    match path.suffix.lower():
        case ".gz":
            stream = gzip.GzipFile(path, "rb")
        case ".bz2":
            stream = bz2.BZ2File(path, "rb")
        case ".xz":
            stream = lzma.LZMAFile(path, "rb")  # noqa: SIM115 - closed below, as the others are
        case _:
            stream = path.open("rb")
    with stream:
        yield stream


def unfit_unpacked(path: Path, most: float | None = None) -> Problem | None:
    """As :func:`unfit`, also of what a packed file (.gz, .bz2, .xz, .zip) unpacks to, without keeping any of it."""
    problem = unfit(path, most=most)
    if problem is not None or path.suffix.lower() not in _PACKED:
        return problem
    most = limit_bytes() if most is None else most
    size = 0
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                return too_large(path.name, sum(item.file_size for item in archive.infolist()), most)
        with unpacked(path) as stream:
            while size <= most and (chunk := stream.read(_CHUNK)):
                size += len(chunk)
    except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error, zipfile.BadZipFile) as error:
        return Problem(path.name, f"cannot be unpacked: {error}", "pack it again, or give it unpacked")
    return too_large(path.name, size, most)
