"""What every test stands on."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Hear Ctrl-C also where a shell started the tests in the background and told them to ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
