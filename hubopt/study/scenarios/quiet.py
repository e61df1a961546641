"""What runs inside dask's processes: workers that know the base case, without ports for pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from distributed import Scheduler, Worker, WorkerPlugin, get_worker

from hubopt.instance import Instance, Policy
from hubopt.solve.cores import keep_to
from hubopt.study.scenarios.question import Question
from hubopt.study.scenarios.variation import Variations
from hubopt.study.scenarios.work import Answer, Files, News, answer


class QuietScheduler(Scheduler):
    """A scheduler that opens no port for pages."""

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Open none."""


class QuietWorker(Worker):
    """A worker that opens no port for pages and, with its solver processes, keeps to a core of its own.

    Parameters
    ----------
    place, cores
        Which of the workers side by side it is, and what cores there are for all of them.
    """

    def __init__(self, *arguments: Any, place: int = 0, cores: tuple[int, ...] = (), **options: Any) -> None:
        # before it starts the thread that solves, which inherits this, as all do that are started from there
        keep_to(place, cores)
        super().__init__(*arguments, **options)

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Open none."""


class CasePlugin(WorkerPlugin):
    """Brings the base case of a study to a worker, once, before its first question."""

    def __init__(self, instance: Instance, policy: Policy, name: str) -> None:
        self.instance = instance
        self.policy = policy
        self.name = name
        self.variations: Variations | None = None

    def setup(self, worker: Worker) -> None:
        """Make room for the variations of the case."""
        self.variations = Variations(self.instance, self.policy)


def answer_on_worker(mark: str, question: Question, start: Files | None) -> Answer:
    """Answer a question on the worker where this runs.

    Raises
    ------
    KeyboardInterrupt
        In the solver, which then stops, if nobody waits for the answer any more.
    """
    worker = get_worker()
    plugin = worker.plugins[mark]
    assert isinstance(plugin, CasePlugin) and plugin.variations is not None
    key = worker.get_current_task()

    def tell(news: News) -> None:
        task = worker.state.tasks.get(key)
        if task is None or task.state == "cancelled":
            raise KeyboardInterrupt
        worker.log_event(mark, asdict(news))

    return answer(plugin.variations, question, start, tell)
