"""Which code and which versions of other packages a result was made with."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

import hubopt


@cache
def code_sha256() -> str:
    """Digest of the code that says what a bound is a bound of: the rooms of instance, model and solve."""
    digest = hashlib.sha256()
    root = Path(hubopt.__file__).parent
    for path in sorted(path for room in ("instance", "model", "solve") for path in (root / room).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions by name; ``code`` is the digest of hubopt's own."""
    names = ("highspy", "pyomo", "numpy", "scipy", "pandas")
    own = {"hubopt": hubopt.__version__, "code": code_sha256()[:16], "python": platform.python_version()}
    return own | {name: version(name) for name in names}
