"""The packages that only data of OpenStreetMap need (extra ``osm``), loaded when such data are read."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from hubopt.instance.errors import InputError, Problem


def needed(name: str, source: str) -> Any:
    """The package called ``name``, without which ``source`` cannot be read.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        message = f"needs the package {name.partition('.')[0]}, which is not installed"
        raise InputError([Problem(source, message, "install it with: pip install 'hubopt[osm]'")]) from None
