"""Where results that took long are kept between runs."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "HUBOPT_CACHE"
"""Environment variable that names the cache folder."""


def default_cache() -> Path:
    """The environment's cache folder, else ``hubopt`` in the user's own."""
    if given := os.environ.get(CACHE_VARIABLE):
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "hubopt"
