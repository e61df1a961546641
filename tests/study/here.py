"""A solver without a process of its own that answers what-if questions too."""

from __future__ import annotations

import threading
from typing import Any

from hubopt.solve.engine.probe import Probe, probe
from tests.solve.conftest import InThisProcess


class AnswersHere(InThisProcess):
    """Answers questions where it stands."""

    def run(self, job: Any, listen: Any = None) -> Any:
        if not isinstance(job, Probe):
            return super().run(job, listen)

        class Pipe:
            @staticmethod
            def send(report: tuple[object, ...]) -> None:
                listen(report)

        return probe(self._program, job, Pipe(), threading.Event())  # type: ignore[arg-type]
