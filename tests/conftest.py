"""What every test stands on."""

from __future__ import annotations

import signal

from hypothesis import settings

# What fails once fails again for whoever looks into it; `--hypothesis-profile=explore` draws new examples.
settings.register_profile("repeatable", derandomize=True, print_blob=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile("repeatable")


def pytest_configure() -> None:
    """Hear Ctrl-C also where a shell started the tests in the background and told them to ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
