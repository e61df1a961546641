"""Folders that are written whole or not at all."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from glob import escape as glob_escape
from pathlib import Path

from hubopt.instance.errors import InputError, Problem


def refuse_unless_free(target: Path, force: bool, markers: Sequence[str]) -> None:
    """Raise :class:`InputError` if ``target`` may not be written.

    It may if it does not exist, is an empty folder, or (with ``force``) is a folder that holds one of ``markers``, so
    that ``force`` never throws away a folder of another kind.
    """
    shown = str(target)
    if target.is_dir():
        if not any(target.iterdir()):
            return
        if not force:
            raise InputError([Problem(shown, "exists already", "give another folder, or --force to replace it")])
        if not any((target / marker).is_file() for marker in markers):
            message = f"holds no {' or '.join(markers)}, so it is not replaced even with --force"
            raise InputError([Problem(shown, message, "give another folder")])
    elif target.exists() or target.is_symlink():
        raise InputError([Problem(shown, "is not a folder", "give another place")])
    else:
        above = next(parent for parent in target.absolute().parents if parent.exists())
        if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
            raise InputError([Problem(shown, f"cannot be made in {above}", "give a place that you may write to")])


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fsync_all(folder: Path) -> None:
    for root, _, files in os.walk(folder):
        for name in files:
            _fsync(Path(root) / name)
        _fsync(Path(root))


_HERE = -100
"""AT_FDCWD of fcntl.h: paths are meant from the working folder."""
_EXCHANGE = 2
"""RENAME_EXCHANGE of renameat2(2)."""


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system or its file system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    return bool(rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


def _swap(new: Path, target: Path) -> None:
    """Put ``new`` in the place of the folder ``target``, which is lost only once ``new`` stands there."""
    if _exchanged(new, target):
        shutil.rmtree(new)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    target.rename(old / target.name)
    try:
        new.rename(target)
    except BaseException:
        (old / target.name).rename(target)
        old.rmdir()
        raise
    shutil.rmtree(old)


def _temporary_prefix(target: Path) -> str:
    """How the temporary siblings of this process are called."""
    return f".{target.name}-{socket.gethostname()}.{os.getpid()}-"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def remove_folder(folder: Path) -> None:
    """Remove a folder so that it is there whole or not at all, wherever the removal is broken off."""
    if not folder.exists():
        return
    gone = Path(tempfile.mkdtemp(prefix=_temporary_prefix(folder), dir=folder.parent))
    folder.rename(gone / folder.name)
    shutil.rmtree(gone)


def tidy(target: Path) -> None:
    """Mend what a process that was killed while it wrote ``target`` has left beside it.

    Its temporary folders are removed, and an old folder that it had put aside is put back.
    """
    if not target.parent.is_dir():
        return
    if not target.exists():
        for old in sorted(target.parent.glob(f"{glob_escape(f'.{target.name}-old-')}*/{glob_escape(target.name)}")):
            old.rename(target)
            old.parent.rmdir()
            break
    ours = f".{target.name}-{socket.gethostname()}."
    for left in target.parent.glob(f"{glob_escape(ours)}*-*"):
        number = left.name.removeprefix(ours).partition("-")[0]
        if number.isdigit() and not _is_alive(int(number)):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def whole_folder(target: Path, *, markers: Sequence[str], force: bool = False) -> Iterator[Path]:
    """A temporary sibling of ``target`` to write into; it becomes ``target`` at the end, or vanishes on any exception.

    Parameters
    ----------
    target
        The folder to write; missing parents are made.
    markers
        Files that tell such a folder; ``force`` replaces only folders that hold one of them.
    force
        Whether an existing folder may be replaced.

    Raises
    ------
    InputError
        If the target may not be replaced or its parent cannot be written to.
    """
    target = target.resolve()
    tidy(target)
    refuse_unless_free(target, force, markers)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=_temporary_prefix(target), dir=target.parent))
    except OSError as error:
        problem = Problem(str(target), f"cannot be written: {error.strerror}", "give a place that you may write to")
        raise InputError([problem]) from None
    try:
        yield temporary
        temporary.chmod(0o777 & ~_umask())
        _fsync_all(temporary)
        if target.exists():
            _swap(temporary, target)
        else:
            temporary.rename(target)
        _fsync(target.parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
