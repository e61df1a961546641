"""The folder of a study while it is worked in: what is there already, and what comes in."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from hubopt.instance import InputError, Instance, Problem, write_instance
from hubopt.instance.folder import remove_folder, tidy, whole_folder
from hubopt.solution import read_solution
from hubopt.solution.schema import PLAN_FILES
from hubopt.solution.write import RESULT
from hubopt.study.scenarios.layout import (
    FIXED,
    INSTANCES,
    LOCK,
    RECORD,
    REFUSED,
    RUNS,
    STATED,
    STORE,
    relative,
    write_whole,
)
from hubopt.study.scenarios.parts import OF_RUN, failed_part, parts_of_run, record_sha256
from hubopt.study.scenarios.question import Question, answers, read_record
from hubopt.study.scenarios.variation import Varied
from hubopt.study.scenarios.work import Answer, Files

PLAN_OF_RESULT = (RESULT, *PLAN_FILES)
"""Files of a result that a run can start from."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a study's folder, which the system lets go when the process ends in whatever way.

    Raises
    ------
    InputError
        If another process holds it, or the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise InputError([Problem(str(folder), message, "give a place that you may write to")]) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        mend = "wait for it, or give another folder with --out"
        raise InputError([Problem(str(folder), "another run is at work here", mend)]) from None
    finally:
        os.close(handle)


def refuse_other_folders(folder: Path) -> None:
    """Raise :class:`InputError` if something other than a study lies in ``folder``."""
    if folder.is_dir():
        if (folder / RECORD).is_file() or not any(path.name != LOCK for path in folder.iterdir()):
            return
        raise InputError([Problem(str(folder), "is in use and holds no study", "give another folder")])
    if folder.exists() or folder.is_symlink():
        raise InputError([Problem(str(folder), "is not a folder", "give another place")])


def forget(folder: Path) -> None:
    """Take away everything that a study has found."""
    for name in (RUNS, INSTANCES, STORE, REFUSED, FIXED):
        remove_folder(folder / name)
    for name in (RECORD, STATED):
        (folder / name).unlink(missing_ok=True)


class Keeper:
    """Keeps results of runs as folders in ``place`` and their tables in the store.

    Parameters
    ----------
    folder
        Folder of the study.
    place
        Folder in it that has a result folder for each run.
    instance_path
        Folder of the base instance.
    stored
        Whether the runs have parts in the store.
    """

    def __init__(self, folder: Path, place: str, instance_path: Path, *, stored: bool = True) -> None:
        self.folder = folder
        self.place = folder / place
        self.instance_path = instance_path
        self._stored = stored

    def result(self, name: str) -> Path:
        """The result folder of a run."""
        return self.place / name

    def keeps(self, question: Question) -> bool:
        """Whether the answer to a question is there already."""
        tidy(self.result(question.name).absolute())
        record = read_record(self.result(question.name))
        if record is None or not answers(record, question):
            return False
        if record["status"] in ("optimal", "feasible"):
            return all((self.result(question.name) / file).is_file() for file in ("facilities.csv", "flows.parquet"))
        return True

    def has_plan(self, name: str) -> bool:
        """Whether the run found a plan."""
        return (self.result(name) / "facilities.csv").is_file()

    def start_files(self, name: str) -> Files:
        """The files of a result that another run starts from."""
        folder = self.result(name)
        return {file: (folder / file).read_bytes() for file in PLAN_OF_RESULT if (folder / file).is_file()}

    # -- what comes in -------------------------------------------------------------------------------------------

    def take(self, found: Answer, instance_path: Path) -> None:
        """Write the result of a run and its parts; what the checker refused goes aside."""
        target = self.result(found.name)
        if found.findings:
            target = self.folder / REFUSED / found.name
        files = dict(found.files)
        files[RESULT] = _with_instance(files[RESULT], instance_path, target)
        with whole_folder(target, markers=[RESULT], force=True) as folder:
            for name, content in files.items():
                (folder / name).write_bytes(content)
        if found.findings:
            self.note_failure(found.name, "error", "; ".join(found.findings[:5]))
        elif self._stored:
            self._write_parts(found.name, found.parts)

    def note_failure(self, name: str, status: str, message: str) -> None:
        """Write that a run came to no result."""
        remove_folder(self.result(name))
        if self._stored:
            for table in OF_RUN:
                (self.folder / STORE / table / f"{name}.parquet").unlink(missing_ok=True)
            self._write_parts(name, failed_part(name, status, message))

    def _write_parts(self, name: str, parts: Mapping[str, bytes]) -> None:
        # the part of runs comes last: when it is there the others are
        for table in sorted(parts, key=lambda table: table == "runs"):
            write_whole(self.folder / STORE / table / f"{name}.parquet", parts[table])

    def mend_parts(self, question: Question, varied: Varied) -> bool:
        """Write the parts of a run whose result is there anew if they are not its own; whether that was needed."""
        record = read_record(self.result(question.name))
        assert record is not None
        if self._part_is_of(question.name, record):
            return False
        solution = read_solution(self.result(question.name))
        self._write_parts(
            question.name, parts_of_run(question.name, solution, varied.instance, record, question.policy_sha256)
        )
        return True

    def _part_is_of(self, name: str, record: Mapping[str, Any]) -> bool:
        paths = [self.folder / STORE / table / f"{name}.parquet" for table in OF_RUN]
        if not all(path.is_file() for path in paths):
            return False
        try:
            found = pq.read_table(paths[0], columns=["record_sha256"]).column(0).to_pylist()
        except (OSError, ValueError, KeyError):
            return False
        return bool(found == [record_sha256(record)])


def _with_instance(content: bytes, instance_path: Path, target: Path) -> bytes:
    """A ``result.json`` that says where the instance lies as seen from ``target``."""
    record = json.loads(content)
    record["instance_path"] = relative(instance_path, target)
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"


def instance_folder_of(folder: Path, digest: str) -> Path:
    """Where a study keeps a changed instance."""
    return folder / INSTANCES / digest[:16]


def keep_instance(folder: Path, digest: str, instance: Instance) -> None:
    """Write a changed instance into the study's folder, unless it is there."""
    target = instance_folder_of(folder, digest)
    tidy(target.absolute())
    if not (target / "instance.toml").is_file():
        write_instance(instance, target)
