"""A study from its file to its folder: what is there is kept, what is missing is solved, whatever happens."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hubopt.instance import InputError, Problem, read_instance
from hubopt.solve.cores import available
from hubopt.study.scenarios.expand import Scenario, Study, read_study
from hubopt.study.scenarios.file import RunOptions
from hubopt.study.scenarios.keeping import (
    Keeper,
    forget,
    instance_folder_of,
    keep_instance,
    locked,
    refuse_other_folders,
)
from hubopt.study.scenarios.layout import (
    RUNS,
    STATED,
    STORE,
    GridRecord,
    ScenarioRecord,
    StudyRecord,
    is_study,
    read_record,
    relative,
    write_record,
    write_whole,
)
from hubopt.study.scenarios.neighbours import starts
from hubopt.study.scenarios.parts import parquet
from hubopt.study.scenarios.pool import Cluster, Failure, Here, Pool
from hubopt.study.scenarios.question import Question, named_policy, policy_sha256
from hubopt.study.scenarios.variation import Variations
from hubopt.study.scenarios.work import Answer, Files, News

WAIT_SECONDS = 0.2
"""How long the main thread waits at a stretch: so soon it hears of Ctrl-C."""


@dataclass(frozen=True)
class Standing:
    """How a study stands: questions in all, kept from before, done now, failed now; and what has just happened.

    ``event`` is an answer, a failure or news of a run that is under way; None at the beginning.
    """

    total: int
    kept: int
    done: int
    failed: int
    workers: int
    event: Answer | Failure | News | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a study: names of the runs that were kept, solved now, failed, and not begun."""

    folder: Path
    kept: tuple[str, ...]
    solved: tuple[str, ...]
    failed: Mapping[str, str]
    missing: tuple[str, ...]
    interrupted: bool = False
    stale: tuple[str, ...] = ()
    """Folders of runs that belong to no scenario any more."""


Told = Callable[[Standing], None]


@dataclass(frozen=True)
class Workers:
    """Who does the work: so many processes here (0: this process itself), or the workers of a scheduler."""

    count: int = field(default_factory=lambda: len(available()) or os.cpu_count() or 1)
    scheduler: str | None = None


def questions_of(study: Study, variations: Variations, options: RunOptions) -> list[Question]:
    """The questions of a study in the order in which they are to be asked."""
    scenarios = study.scenarios
    found = []
    for one, start in starts([item.tree for item in scenarios], warm=options.warm_starts):
        scenario = scenarios[one]
        policy = variations.varied(scenario.tree).policy
        question = Question(
            name=scenario.name,
            name_en=scenario.name_en,
            name_zh=scenario.name_zh,
            description=scenario.description,
            tree=scenario.tree,
            options=options,
            instance_sha256=variations.instance_sha256(scenario.tree),
            policy_sha256="",
            start=None if start is None else scenarios[start].name,
            parameters=scenario.leaves,
        )
        found.append(replace(question, policy_sha256=policy_sha256(named_policy(policy, question))))
    return found


def _record(study: Study, questions: Sequence[Question], options: RunOptions, folder: Path, base: str) -> StudyRecord:
    asked = {question.name: question for question in questions}

    def of(scenario: Scenario) -> ScenarioRecord:
        question = asked[scenario.name]
        return ScenarioRecord(
            name=scenario.name,
            name_en=scenario.name_en,
            name_zh=scenario.name_zh,
            description=scenario.description,
            based_on=scenario.based_on,
            grid=scenario.grid,
            start=question.start,
            tree=dict(scenario.tree),
            parameters=scenario.leaves,
            instance_sha256=question.instance_sha256,
            policy_sha256=question.policy_sha256,
        )

    grids = {}
    for name, (drawn, names) in study.samples.items():
        grid = study.stated.grids[name]
        grids[name] = GridRecord(
            method=grid.method,
            parameters=tuple(grid.parameters),
            levels=grid.levels,
            rows=tuple(names[point] for point in drawn.rows),
            units=() if drawn.units is None else tuple(map(tuple, drawn.units.tolist())),
        )
    return StudyRecord(
        name=study.name,
        name_en=study.stated.name_en,
        name_zh=study.stated.name_zh,
        instance_path=relative(study.instance_path, folder),
        instance_sha256=base,
        policy=study.policy.model_dump(mode="json", exclude_defaults=True),
        options=options,
        scenarios=tuple(map(of, study.scenarios)),
        grids=grids,
    )


def _store_scenarios(record: StudyRecord, folder: Path) -> None:
    """The tables of the dataset that say what is asked."""
    columns: dict[str, list[Any]] = {
        name: [getattr(item, name) for item in record.scenarios]
        for name in ("name_en", "name_zh", "based_on", "grid", "start")
    }
    names = [item.name for item in record.scenarios]
    scenarios: dict[str, list[Any]] = {"scenario": names, "position": list(range(1, len(names) + 1)), **columns}
    rows = [(item.name, path, value) for item in record.scenarios for path, value in item.parameters.items()]
    parameters: dict[str, list[Any]] = {
        "scenario": [name for name, _, _ in rows],
        "parameter": [path for _, path, _ in rows],
        "value": [str(value) for _, _, value in rows],
        "number": [
            float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
            for _, _, value in rows
        ],
    }
    for table, content in (("scenarios", scenarios), ("parameters", parameters)):
        write_whole(folder / STORE / table / "all.parquet", parquet(table, content))


def starts_up_the_line(keeper: Keeper, questions: Sequence[Question]) -> Callable[[Question], Files | None]:
    """What each question starts from: the nearest run up its line of starts that has a plan."""
    starts_of = {question.name: question.start for question in questions}

    def files(question: Question) -> Files | None:
        start = question.start
        while start is not None and not keeper.has_plan(start):
            start = starts_of.get(start)
        return None if start is None else keeper.start_files(start)

    return files


def ask(
    pool: Pool,
    keeper: Keeper,
    questions: Sequence[Question],
    paths: Mapping[str, Path],
    start_of: Callable[[Question], Files | None],
    told: Told,
) -> Outcome:
    """Have every question answered that is not answered yet.

    Parameters
    ----------
    pool
        Who does the work.
    questions
        In their order; one that starts from another waits for it.
    paths
        Folder of each question's instance.
    start_of
        The files of the result that a question starts from; asked once the run that it names has ended.
    told
        Called at every answer and with news of runs.
    """
    names = {question.name for question in questions}
    kept = tuple(question.name for question in questions if keeper.keeps(question))
    settled, failed, solved = set(kept), dict[str, str](), list[str]()
    waiting = [question for question in questions if question.name not in settled]
    running = 0

    def standing(event: Answer | Failure | News | None) -> Standing:
        return Standing(len(questions), len(kept), len(solved), len(failed), pool.workers(), event)

    told(standing(None))
    try:
        while waiting or running:
            ready = [item for item in waiting if item.start is None or item.start in settled or item.start not in names]
            for question in ready:
                waiting.remove(question)
                pool.submit(question, start_of(question))
                running += 1
            event = pool.wait(WAIT_SECONDS)
            if event is None:
                continue
            if isinstance(event, Answer):
                keeper.take(event, paths[event.name])
                if event.findings:
                    failed[event.name] = "; ".join(event.findings[:5])
                else:
                    solved.append(event.name)
            elif isinstance(event, Failure):
                if event.gone:
                    failed[event.name] = event.message
                    break
                keeper.note_failure(event.name, "lost" if event.lost else "error", event.message)
                failed[event.name] = event.message
            if not isinstance(event, News):
                running -= 1
                settled.add(event.name)
            told(standing(event))
        interrupted = False
    except KeyboardInterrupt:
        interrupted = True
    missing = tuple(item.name for item in questions if item.name not in {*kept, *solved, *failed})
    return Outcome(keeper.folder, kept, tuple(solved), failed, missing, interrupted)


def pool_of(stack: ExitStack, variations: Variations, workers: Workers, most: int) -> Here | Cluster:
    """The pool for ``most`` questions, entered into ``stack``."""
    if workers.scheduler is None and workers.count == 0:
        return stack.enter_context(Here(variations))
    return stack.enter_context(Cluster(variations, max(1, min(workers.count, most)), workers.scheduler))


def _stale(folder: Path, names: Iterable[str]) -> tuple[str, ...]:
    there = {path.name for path in (folder / RUNS).glob("[!.]*")} if (folder / RUNS).is_dir() else set()
    return tuple(sorted(there - set(names)))


def run_study(
    path: Path | str,
    folder: Path | str,
    *,
    options: Mapping[str, object] | None = None,
    workers: Workers | None = None,
    force: bool = False,
    told: Told | None = None,
) -> Outcome:
    """Run the study in the file ``path``, or what is missing of it, into ``folder``.

    Parameters
    ----------
    options
        Fields of :class:`~hubopt.study.scenarios.file.RunOptions` in place of the file's.
    force
        Throw away what lies in the folder and begin anew.
    told
        Called at every answer and with news of runs.

    Raises
    ------
    InputError
        With every mistake in the study, before anything runs; or if the folder is in use, or holds another study.
    """
    folder, told, workers = Path(folder), told or (lambda _: None), workers or Workers()
    study, variations = read_study(path)
    options_now = study.run.model_copy(update=dict(options or {}))
    refuse_other_folders(folder)
    questions = questions_of(study, variations, options_now)
    with locked(folder), ExitStack() as stack:
        if force:
            forget(folder)
        elif is_study(folder) and (other := read_record(folder).name) != study.name:
            mend = "give another folder, or --force to throw that study away"
            raise InputError([Problem(str(folder), f"holds the study {other!r}, not {study.name!r}", mend)])
        record = _record(study, questions, options_now, folder, variations.instance_sha256({}))
        write_record(record, folder)
        write_whole(folder / STATED, Path(path).read_bytes())
        _store_scenarios(record, folder)
        paths = _instances(study, variations, questions, folder)
        keeper = Keeper(folder, RUNS, study.instance_path)
        open_questions = [item for item in questions if not keeper.keeps(item)]
        for item in questions:
            if item not in open_questions:
                keeper.mend_parts(item, variations.varied(item.tree))
        try:
            pool: Pool = (
                pool_of(stack, variations, workers, len(open_questions)) if open_questions else Here(variations)
            )
        except KeyboardInterrupt:
            kept = tuple(item.name for item in questions if item not in open_questions)
            missing = tuple(item.name for item in open_questions)
            return Outcome(folder, kept, (), {}, missing, interrupted=True)
        outcome = ask(pool, keeper, questions, paths, starts_up_the_line(keeper, questions), told)
        return replace(outcome, stale=_stale(folder, (item.name for item in questions)))


def _instances(study: Study, variations: Variations, questions: Sequence[Question], folder: Path) -> dict[str, Path]:
    """Folder of each question's instance; changed ones are written into that of the study, map layers and all."""
    base = variations.instance_sha256({})
    paths = {}
    drawn: Variations | None = None
    for question in questions:
        digest = question.instance_sha256
        if digest == base:
            paths[question.name] = study.instance_path
            continue
        paths[question.name] = target = instance_folder_of(folder, digest)
        if not (target / "instance.toml").is_file():
            if drawn is None:
                drawn = Variations(read_instance(study.instance_path), study.policy)
            keep_instance(folder, digest, drawn.varied(question.tree).instance)
    return paths
