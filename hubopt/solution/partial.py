"""What an unfinished run keeps beside its result folder: what it was asked, and the best checked plan so far.

``OUT.partial`` holds ``run.json`` and, once there is a plan, ``best``: a result folder like any other. It goes when the
result stands in ``OUT``. A lock, which the system lets go when the process ends in whatever way, tells whether
somebody is at work in it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from hubopt.instance.errors import InputError, Problem, problems_of
from hubopt.instance.folder import remove_folder, tidy
from hubopt.instance.policy import Policy
from hubopt.instance.records import Record
from hubopt.instance.text import read_text
from hubopt.instance.trees import json_of
from hubopt.instance.types import Instance
from hubopt.solution.types import Asked, Solution
from hubopt.solution.write import RESULT, write_solution

SUFFIX = ".partial"
BEST = "best"
RUN = "run.json"
_LOCK = "lock"
_MEND = "begin anew with --force"


class Question(Record):
    """The content of ``run.json``: the whole of what a run was asked."""

    format: Literal[1] = 1
    instance_path: str = Field(description="folder of the instance, relative to this one")
    instance_sha256: str = Field(pattern="^[0-9a-f]{64}$", description="digest of the instance")
    policy: Policy = Field(description="the policy of the run")
    asked: Asked = Field(description="method and limits")
    gap: float = Field(ge=0, description="gap at which the run is to end")
    threads: int = Field(ge=1, description="threads that the solver may use")
    seed: int = Field(ge=0, description="random seed")


def partial_of(out: Path) -> Path:
    """The folder in which a run that writes to ``out`` keeps its best plan."""
    whole = out.resolve()
    return whole.with_name(whole.name + SUFFIX)


def read_question(partial: Path) -> Question:
    """What the run in ``partial`` was asked.

    Raises
    ------
    InputError
        If ``run.json`` is missing or damaged.
    """
    text = read_text(partial / RUN, inside=partial)
    content = text if isinstance(text, Problem) else json_of(text, RUN, _MEND)
    if isinstance(content, Problem):
        raise InputError([content])
    try:
        return Question.model_validate(content)
    except ValidationError as error:
        raise InputError(problems_of(error, RUN)) from None


class Partial:
    """The folder of a run that is under way; as a context manager it holds the lock.

    Parameters
    ----------
    out
        The result folder that the run is to write.
    goes_on
        Whether the run goes on with what lies there; otherwise a plan that lies there is in the way.
    force
        Throw such a plan away.

    Raises
    ------
    InputError
        On entering: if another run is at work there, or a plan is in the way, or the folder cannot be made.
    """

    def __init__(self, out: Path, *, goes_on: bool = False, force: bool = False) -> None:
        self.out = out
        self.path = partial_of(out)
        self._goes_on, self._force = goes_on, force
        self._held: int | None = None
        self._made: list[Path] = []

    @property
    def best(self) -> Path:
        """Folder of the best plan so far; perhaps not there yet."""
        return self.path / BEST

    @property
    def has_plan(self) -> bool:
        """Whether a plan is kept."""
        return (self.best / RESULT).is_file()

    def __enter__(self) -> Partial:
        try:
            tidy(self.path)
            self._made = [parent for parent in self.path.parents if not parent.exists()]
            self.path.mkdir(parents=True, exist_ok=True)
            self._held = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            mend = "give a place that you may write to"
            raise InputError([Problem(str(self.path), f"cannot be written: {error.strerror}", mend)]) from None
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._make_way()
        except BaseException as error:
            os.close(self._held)
            self._held = None
            if isinstance(error, BlockingIOError):
                message, mend = "another run is at work here", "wait for it, or give another folder with --out"
                raise InputError([Problem(str(self.path), message, mend)]) from None
            raise
        return self

    def _make_way(self) -> None:
        if self._goes_on or not self.has_plan:
            return
        if not self._force:
            mend = f"go on with it: hubopt solve --resume {self.out}; or begin anew with --force"
            raise InputError([Problem(str(self.path), "holds the best plan of an unfinished run", mend)])
        remove_folder(self.best)

    def __exit__(self, *_: object) -> None:
        """Let go of the lock; a folder without a plan is removed, and with it folders made for it that are empty."""
        if self._held is None:
            return
        if not self.has_plan:
            self.remove()
            with contextlib.suppress(OSError):
                for parent in self._made:
                    parent.rmdir()
        os.close(self._held)
        self._held = None

    def ask(self, question: Question) -> None:
        """Note what the run is asked."""
        text = json.dumps(question.model_dump(mode="json"), ensure_ascii=False, indent=1, allow_nan=False)
        temporary = self.path / f".{RUN}"
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(self.path / RUN)

    def keep(self, solution: Solution, instance: Instance, instance_path: Path) -> None:
        """Keep a checked plan in the place of the one before."""
        write_solution(solution, instance, self.best, force=True, instance_path=instance_path)

    def remove(self) -> None:
        """Remove the folder: the result stands, or there is nothing to keep."""
        with contextlib.suppress(OSError):
            remove_folder(self.path)
