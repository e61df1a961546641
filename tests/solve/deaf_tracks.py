"""Tracks that do not hear of the proof until something has happened: a test decides which of them is quicker."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hubopt.solve.tracks import Tracks


def deaf_until(monkeypatch: pytest.MonkeyPatch, happened: Callable[[], bool]) -> None:
    """Until ``happened`` says so, a run on two tracks hears nothing of its proof; a plan is wanted all the while."""
    hear = Tracks._hear

    def deaf(self: Tracks, wait: float = 0.0) -> bool:
        return hear(self, wait) if happened() else True

    monkeypatch.setattr(Tracks, "_hear", deaf)
