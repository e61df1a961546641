"""Road fabric: where people and firms are, for want of a finer census, is read off the density of road vertices."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np

from hubopt.data.coordinates import Floats


def read_vertices(path: Path) -> Floats:
    """Road vertices as lon, lat in degrees WGS84, shape (n, 2).

    The file is text, or a tar.gz of one text file, with ``lat lon`` on each line; other lines are headings.
    """
    if path.name.endswith(".tar.gz"):
        with tarfile.open(path) as archive:
            member = archive.extractfile(next(item for item in archive.getmembers() if item.isfile()))
            text = member.read().decode("utf-8") if member else ""
    else:
        text = path.read_text(encoding="utf-8")
    pairs = [line.split() for line in text.splitlines() if line[:1] != "#"]
    latlon = np.array([pair for pair in pairs if len(pair) == 2], dtype=float).reshape(-1, 2)
    return latlon[:, ::-1].copy()
