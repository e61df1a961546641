"""Which processor cores a process and all that it starts may use: how one of several runs keeps to its own."""

from __future__ import annotations

import os


def available() -> tuple[int, ...]:
    """The cores that this process may use, in order; empty where the system does not say."""
    return tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()


def keep_to(place: int, cores: tuple[int, ...]) -> int | None:
    """Confine this process, and those that it starts from now on, to one of some cores.

    A method of two processes (a proof beside a search) then shares one core among them, so that runs side by side do
    not take each other's time, and one thread means one thread.

    Parameters
    ----------
    place
        The how-many-eth of the runs side by side this is; cores are dealt out in turn.
    cores
        What :func:`available` said before anything was confined.

    Returns
    -------
    int or None
        The core; None where the system cannot confine a process, or there are no cores to choose from.
    """
    if not cores or not hasattr(os, "sched_setaffinity"):
        return None
    core = cores[place % len(cores)]
    os.sched_setaffinity(0, {core})
    return core
