"""Travel matrices: km and minutes for every leg, in row chunks over processes, resumable and kept by content hash."""

from __future__ import annotations

import hashlib
import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from hubopt.data.ground.coordinates import Floats, to_metric
from hubopt.data.roads.graph import Ints, RoadGraph
from hubopt.data.travel.attach import attach
from hubopt.data.travel.cache import default_cache
from hubopt.data.travel.contract import cheapest, compact, contract
from hubopt.data.travel.legs import Legs, empty, load_arrays, read_legs, save_arrays, stacked, write_legs
from hubopt.data.travel.rows import Rows, Task
from hubopt.data.travel.weights import Speeds, Vehicle, Weights
from hubopt.instance.errors import InputError, Problem

VERSION = 2
"""Raised whenever the same input gives other legs, so that nothing outdated is taken from the cache."""

CHUNK_ROWS = 64
"""Most rows of a chunk: what is lost at worst when a run is killed, per process."""

SECONDS_PER_NODE = 2e-7
"""Time of one row per node of the contracted graph, measured; decides whether processes are worth their start."""

START_SECONDS = 6.0
"""Below this estimated time everything runs in the calling process."""

Progress = Callable[[int, int], None]
"""Called with the rows done and the rows in all."""

_TASK = "task.npz"


def _checked(lonlat: Floats, what: str) -> Floats:
    """Points as floats, shape (n, 2); raises InputError if they are no longitudes and latitudes."""
    points = np.asarray(lonlat, dtype=float).reshape(-1, 2)
    wrong = ~np.isfinite(points).all(axis=1) | (np.abs(points[:, 0]) > 180) | (np.abs(points[:, 1]) > 90)
    if wrong.any():
        row = int(np.argmax(wrong))
        lon, lat = points[row]
        swapped = abs(lat) > 90 >= abs(lon)
        mend = "longitude comes first: the two are swapped" if swapped else "give longitude and latitude in degrees"
        raise InputError([Problem(what, "is no place on the earth", mend, row=row + 2, value=(float(lon), float(lat)))])
    return points


def make_task(
    graph: RoadGraph,
    speeds: Speeds,
    origins: Floats,
    destinations: Floats,
    *,
    limit_km: float | None = None,
    limit_minutes: float | None = None,
    vehicle: Vehicle | None = None,
    mean: bool = True,
) -> Task:
    """The task of a matrix: all places tied to the graph, and the graph contracted to where routes have a choice."""
    places = np.concatenate([origins, destinations])
    tied = attach(graph, places, speeds, vehicle)
    ends = np.concatenate([tied.origin, tied.destination])
    slim, number = compact(contract(cheapest(tied.weights), ends), ends)
    out_of, into = number[: len(places)], number[len(places) :]
    count = len(origins)
    xy = to_metric(places)
    return Task(
        slim,
        out_of[:count],
        into[:count],
        out_of[count:],
        into[count:],
        xy[:count],
        xy[count:],
        np.inf if limit_km is None else limit_km,
        np.inf if limit_minutes is None else limit_minutes,
        mean,
    )


def _arrays(task: Task) -> dict[str, np.ndarray]:
    arrays = {f"weights.{item.name}": np.asarray(getattr(task.weights, item.name)) for item in fields(Weights)}
    return arrays | {item.name: np.asarray(getattr(task, item.name)) for item in fields(Task) if item.name != "weights"}


def _task(arrays: dict[str, np.ndarray]) -> Task:
    own: dict[str, Any] = {key.removeprefix("weights."): arrays[key] for key in arrays if key.startswith("weights.")}
    weights = Weights(**{**own, "nodes": int(own["nodes"])})
    rest: dict[str, Any] = {key: value for key, value in arrays.items() if not key.startswith("weights.")}
    scalars = {"limit_km": float(rest["limit_km"]), "limit_minutes": float(rest["limit_minutes"])}
    return Task(weights, **(rest | scalars | {"mean": bool(rest["mean"])}))


def key_of(task: Task) -> str:
    """Content hash of a task."""
    digest = hashlib.sha256(f"travel {VERSION}".encode())
    for name, array in sorted(_arrays(task).items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


_rows: dict[str, Rows] = {}
"""The task of a worker process, made ready once."""


def _start(folder: str) -> None:
    arrays = load_arrays(Path(folder) / _TASK)
    if arrays is None:
        raise FileNotFoundError(f"there is no sound {_TASK} in {folder}")
    _rows[folder] = Rows(_task(arrays))


def _run(folder: str, number: int, rows: Ints) -> int:
    """Make one chunk and write it; the number of its rows."""
    write_legs(_rows[folder].legs(rows), _chunk(Path(folder), number))
    return len(rows)


def _chunk(folder: Path, number: int) -> Path:
    return folder / f"chunk-{number:05d}.npz"


def _in_processes(task: Task, folder: Path, chunks: dict[int, Ints], workers: int, tell: Progress, rows: int) -> None:
    save_arrays(folder / _TASK, _arrays(task))
    done = rows - sum(len(chunk) for chunk in chunks.values())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(str(folder),))
    try:
        for made in as_completed([pool.submit(_run, str(folder), number, chunk) for number, chunk in chunks.items()]):
            done += made.result()
            tell(done, rows)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_place(task: Task, folder: Path, chunks: dict[int, Ints], tell: Progress, rows: int) -> None:
    done = rows - sum(len(chunk) for chunk in chunks.values())
    ready = Rows(task)
    for number, chunk in chunks.items():
        write_legs(ready.legs(chunk), _chunk(folder, number))
        done += len(chunk)
        tell(done, rows)


@contextmanager
def _folder(cache: Path | None, key: str) -> Iterator[Path]:
    """Where chunks are kept: in the cache, to be resumed; or in a temporary folder."""
    if cache is None:
        with tempfile.TemporaryDirectory() as name:
            yield Path(name)
    else:
        folder = cache / "travel" / key
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


def run_task(task: Task, *, workers: int = 2, cache: Path | None = None, progress: Progress | None = None) -> Legs:
    """The legs of a task; chunks found in ``cache`` are not made again, and the whole is kept there.

    Args:
        task: what to do.
        workers: processes.
        cache: folder of results; None: keep nothing.
        progress: told of the rows done.
    """
    rows = len(task.origins)
    shape = (rows, len(task.destinations))
    if not all(shape):
        return empty(shape)
    key = key_of(task)
    whole = None if cache is None else cache / "travel" / f"{key}.npz"
    if whole is not None and (kept := read_legs(whole)) is not None and kept.shape == shape:
        return kept
    tell = progress or (lambda done, total: None)
    size = max(1, min(CHUNK_ROWS, -(-rows // (4 * workers))))
    chunks = {number: np.arange(first, min(first + size, rows)) for number, first in enumerate(range(0, rows, size))}
    with _folder(cache, key) as folder:
        wanted = {number: chunk for number, chunk in chunks.items() if read_legs(_chunk(folder, number)) is None}
        tell(rows - sum(len(chunk) for chunk in wanted.values()), rows)
        seconds = sum(map(len, wanted.values())) * task.weights.nodes * SECONDS_PER_NODE * (2 if task.mean else 1)
        if workers > 1 and len(wanted) > 1 and seconds > START_SECONDS:
            _in_processes(task, folder, wanted, workers, tell, rows)
        else:
            _in_place(task, folder, wanted, tell, rows)
        parts = [read_legs(_chunk(folder, number)) for number in chunks]
        legs = stacked([part for part in parts if part is not None], shape)
        if whole is not None:
            write_legs(legs, whole)
    return legs


def matrix(
    graph: RoadGraph,
    speeds: Speeds,
    origins: Floats,
    destinations: Floats,
    *,
    limit_km: float | None = None,
    limit_minutes: float | None = None,
    vehicle: Vehicle | None = None,
    mean: bool = True,
    workers: int = 2,
    cache: Path | None = None,
    keep: bool = True,
    progress: Progress | None = None,
) -> Legs:
    """Km, minutes and costs of the best route of every pair within the limits.

    The best route is the one of least cost (see :class:`~hubopt.data.travel.weights.Speeds`); limits hold for its km
    and its minutes.

    Args:
        graph: the road graph; every node must reach every other, or pairs are missing.
        speeds: how fast it is driven.
        origins: lon, lat, shape (n, 2).
        destinations: lon, lat, shape (m, 2).
        limit_km: pairs beyond are left out; None: none.
        limit_minutes: pairs beyond (with waiting) are left out; None: none.
        vehicle: whose weight, height and class bans hold; None: no bans.
        mean: the average of there and back, for legs that are run both ways; else there only.
        workers: processes; small tasks run in the calling one.
        cache: folder of results; None: ``HUBOPT_CACHE`` or the user's cache folder.
        keep: whether results are kept and taken from there.
        progress: told of the rows done and in all.

    Raises:
        InputError: if a place is not on the earth or a road class has no speed.
    """
    starts, ends = _checked(origins, "origins"), _checked(destinations, "destinations")
    if not len(starts) or not len(ends):
        return empty((len(starts), len(ends)))
    task = make_task(graph, speeds, starts, ends, limit_km=limit_km, limit_minutes=limit_minutes, vehicle=vehicle,
                     mean=mean)  # fmt: skip
    place = (cache or default_cache()) if keep else None
    return run_task(task, workers=workers, cache=place, progress=progress)
