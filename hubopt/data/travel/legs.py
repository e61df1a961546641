"""Legs: km, minutes and costs between origins and destinations, sparse."""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from hubopt.data.ground.coordinates import Floats
from hubopt.data.roads.graph import Bools, Ints


@dataclass(frozen=True)
class Legs:
    """One value per pair that was found, shape (pairs,), sorted by origin and destination.

    ``origin``, ``destination``: positions in the tables asked for. ``minutes`` is driving and terminal time, without
    ``wait_minutes`` at borders and ferries; ``toll_cny`` is per vehicle, ``wait_cny_t`` (border costs) per tonne.
    ``estimated``: part of the way is not drawn from road data. ``shape``: origins and destinations asked for.
    """

    shape: tuple[int, int]
    origin: Ints
    destination: Ints
    km: Floats
    minutes: Floats
    toll_cny: Floats
    wait_minutes: Floats
    wait_cny_t: Floats
    estimated: Bools

    def __len__(self) -> int:
        return len(self.origin)

    @property
    def whole_minutes(self) -> Floats:
        """Minutes with the waiting, shape (pairs,)."""
        return self.minutes + self.wait_minutes

    def dense(self) -> tuple[Floats, Floats]:
        """Km and minutes (with waiting) of every pair, shapes (origins, destinations); infinite where none is."""
        km, minutes = np.full(self.shape, np.inf), np.full(self.shape, np.inf)
        km[self.origin, self.destination] = self.km
        minutes[self.origin, self.destination] = self.whole_minutes
        return km, minutes


ARRAYS = tuple(item.name for item in fields(Legs) if item.name != "shape")


def empty(shape: tuple[int, int]) -> Legs:
    """No pair at all."""
    return stacked([], shape)


def stacked(parts: Sequence[Legs], shape: tuple[int, int]) -> Legs:
    """Several sets of legs as one."""
    kinds: dict[str, type] = {"origin": np.int64, "destination": np.int64, "estimated": np.bool_}
    columns: dict[str, NDArray[np.generic]] = {
        name: np.concatenate([np.zeros(0, kinds.get(name, np.float64)), *(getattr(part, name) for part in parts)])
        for name in ARRAYS
    }
    order = np.lexsort((columns["destination"], columns["origin"]))
    arrays: dict[str, Any] = {
        name: column[order].astype(kinds.get(name, np.float64)) for name, column in columns.items()
    }
    return Legs(shape, **arrays)


def save_arrays(file: Path, arrays: dict[str, NDArray[np.generic]]) -> None:
    """Write arrays to a .npz file that is there whole or not at all."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".npz")
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load_arrays(file: Path) -> dict[str, NDArray[np.generic]] | None:
    """The arrays of a .npz file; None if it is not there or not sound."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile, zlib.error):
        return None


def write_legs(legs: Legs, file: Path) -> None:
    """Write legs to a .npz file, atomically."""
    save_arrays(file, {name: getattr(legs, name) for name in ARRAYS} | {"shape": np.array(legs.shape)})


def read_legs(file: Path) -> Legs | None:
    """Legs from a .npz file; None if it is not there or not sound."""
    arrays = load_arrays(file)
    if arrays is None or set(arrays) != {*ARRAYS, "shape"}:
        return None
    rows, columns = arrays.pop("shape").tolist()
    return Legs((rows, columns), **arrays)  # type: ignore[arg-type]
