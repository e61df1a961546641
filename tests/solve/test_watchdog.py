"""The watch over a run: when a signal, the memory or the time ends it, and when it only notes that it should."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from hubopt.solve.engine import watchdog
from hubopt.solve.engine.watchdog import PRESSES_TO_GIVE_UP, Stopped, watching


def _press() -> None:
    signal.raise_signal(signal.SIGINT)


def test_a_signal_raises_at_once_while_nothing_is_found() -> None:
    """While the model is built Ctrl-C ends the run, and the handlers of before are back afterwards."""
    before = signal.getsignal(signal.SIGINT)
    with watching() as watch, pytest.raises(Stopped) as stop:
        watch.building(60)
        _press()
    assert stop.value.reason == "interrupt"
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_search_waits_to_be_heeded(number: signal.Signals) -> None:
    """In the search a signal is kept until somebody looks, so that it cannot be lost in between."""
    with watching() as watch:
        watch.searching()
        signal.raise_signal(number)
        assert watch.reason == "interrupt"
        with pytest.raises(Stopped):
            watchdog.heed()


def test_a_signal_at_the_end_is_noted_only() -> None:
    """While the plan is checked and written a press changes nothing; so many presses give it up."""
    heard: list[str] = []
    with watching(notice=heard.append) as watch:
        watch.closing()
        for _ in range(PRESSES_TO_GIVE_UP - 1):
            _press()
        watchdog.heed()
        assert watch.reason == "interrupt"
        with pytest.raises(KeyboardInterrupt):
            _press()
    assert heard == ["closing"] * PRESSES_TO_GIVE_UP


def test_a_second_press_after_the_search_loses_nothing() -> None:
    """Pressed once in the search and once in the last check: only the first counts."""
    with watching() as watch:
        watch.searching()
        _press()
        watch.closing()
        _press()
        watchdog.heed()
    assert watch.reason == "interrupt"


def test_too_much_memory_stops_the_search() -> None:
    """Above the limit the search is stopped with that reason, and without a limit it goes on."""
    with watching(memory_gib=0.001) as watch:
        watch.searching()
        ends = time.monotonic() + 5
        while watch.reason is None and time.monotonic() < ends:
            time.sleep(0.01)
        with pytest.raises(Stopped) as stop:
            watchdog.heed()
    assert stop.value.reason == "memory"
    with watching() as watch:
        assert watch.memory_in_use() > 0.01
        watchdog.heed()


def test_a_build_that_outlasts_its_time_is_stopped() -> None:
    """The build is ended from outside, wherever it is."""
    with watching() as watch, pytest.raises(Stopped) as stop:
        watch.building(0.2)
        ends = time.monotonic() + 10
        while time.monotonic() < ends:
            sum(range(1000))
    assert stop.value.reason == "time"


def test_a_run_in_another_thread_is_watched_without_signals() -> None:
    """Where no handler can be set there is none, and the rest works."""
    reasons: list[str] = []

    def run() -> None:
        with watching(memory_gib=0.001) as watch:
            watch.searching()
            try:
                while True:
                    watchdog.heed()
                    time.sleep(0.01)
            except Stopped as stop:
                reasons.append(stop.reason)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(10)
    assert reasons == ["memory"]
