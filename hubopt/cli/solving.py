"""The solve command: a new run, one that is gone on with, or one that is repeated."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from rich.markup import escape

from hubopt.cli.exits import CHECK_FAILED, DONE, err, out, print_doubts_of
from hubopt.cli.progress import amount
from hubopt.cli.results import plan_of
from hubopt.cli.reviewing import with_decisions
from hubopt.cli.sitting import MethodName, Options, Sitting, warn, watched
from hubopt.cli.speech import say
from hubopt.instance import InputError, Policy, Problem, apply, read_instance, read_policy, sha256
from hubopt.instance.folder import refuse_unless_free
from hubopt.solution import Solution, instance_folder, read_duals, read_solution
from hubopt.solution.differences import Difference, circumstances, outcomes
from hubopt.solution.partial import BEST, RUN, Question, partial_of, read_question
from hubopt.solution.types import Asked
from hubopt.solution.write import RESULT

__all__ = ["MethodName", "Options", "repeat", "resume", "run"]

_ANOTHER_RESULT = "give the folder of a result, or the --out of a run that was broken off"


def _default_out(instance: Path, *changes: Path | None) -> Path:
    """``results/INSTANCE``, with the names of the files that change what is asked behind it."""
    return Path("results") / "-".join([instance.resolve().name, *(file.stem for file in changes if file is not None)])


def _refuse_log(log: Path | None) -> None:
    if log is not None and not log.absolute().parent.is_dir():
        raise InputError([Problem(str(log), "lies in no folder", "make the folder, or give another place")])


def _warm_start(options: Options) -> Solution | None:
    if options.warm_start is None:
        return None
    solution = read_solution(options.warm_start)
    plan_of(solution, options.warm_start)
    return replace(solution, duals=read_duals(options.warm_start))


def run(instance_path: Path, policy_path: Path | None, options: Options) -> int:
    """Solve, check and write; the exit code.

    Raises
    ------
    InputError
        For mistakes in the instance, the policy, the warm start or the output folder; nothing is written.
    """
    with watched(options):
        folder = options.out or _default_out(instance_path, policy_path, options.decisions)
        refuse_unless_free(folder, options.force, [RESULT])
        _refuse_log(options.log)
        instance = read_instance(instance_path)
        policy = Policy() if policy_path is None else read_policy(policy_path)
        apply(instance, policy)
        print_doubts_of(instance, instance_path)
        if options.decisions is not None:
            policy = with_decisions(instance, policy, options.decisions)
        return Sitting(instance_path, instance, policy, folder, options, _warm_start(options)).run()


def _with(options: Options, question: Question, given: Collection[str]) -> Options:
    """The options of an earlier run, but for those that were given now (by name)."""
    asked = question.asked
    earlier = {
        "method": asked.method, "gap": question.gap, "time_limit": asked.time_limit, "threads": question.threads,
        "seed": question.seed, "node_limit": asked.node_limit, "memory_limit": asked.memory_gib,
        "deterministic": asked.deterministic,
    }  # fmt: skip
    return replace(options, **{name: value for name, value in earlier.items() if name not in given})  # type: ignore[arg-type]


def _question_of(solution: Solution, folder: Path) -> Question:
    """What the run of a result was asked.

    Raises
    ------
    InputError
        If the result does not say where its instance lay.
    """
    proof = solution.proof
    where = instance_folder(folder)
    if where is None:
        raise InputError([Problem(str(folder), "does not say what it was asked", "give the instance as well")])
    return Question(
        instance_path=str(where),
        instance_sha256=proof.instance_sha256,
        policy=solution.policy,
        asked=proof.asked or Asked(proof.method, 300.0),
        gap=proof.gap_asked,
        threads=max(1, proof.threads),
        seed=proof.seed,
    )


def _left_behind(folder: Path) -> tuple[Question, Solution | None, Path]:
    """What a run towards ``folder`` was asked, its best plan if there is one, and where that lies."""
    partial = partial_of(folder)
    found = [(read_solution(source), source) for source in (partial / BEST, folder) if (source / RESULT).is_file()]
    if found:
        solution, source = found[0]
        question = read_question(partial) if (partial / RUN).is_file() else _question_of(solution, source)
        if len(found) > 1:
            solution = _together(solution, found[1][0])
        return question, solution if solution.plan is not None else None, source
    if (partial / RUN).is_file():
        return read_question(partial), None, partial
    raise InputError([Problem(str(folder), "holds no run to go on with", _ANOTHER_RESULT)])


def _together(kept: Solution, earlier: Solution) -> Solution:
    """The better plan of the two with the better bound; what is kept alone, if they do not answer one question."""
    one, other = kept.proof, earlier.proof
    alike = kept.policy == earlier.policy and one.instance_sha256 == other.instance_sha256
    if not alike or one.versions.get("code") != other.versions.get("code") or other.objective is None:
        return kept
    sign = 1 if one.sense == "min" else -1
    best = kept if one.objective is not None and sign * one.objective <= sign * other.objective else earlier
    bounds = [bound for bound in (one.bound, other.bound) if bound is not None]
    bound = sign * max((sign * bound for bound in bounds), default=float("-inf"))
    return replace(best, proof=replace(best.proof, bound=bound)) if bounds else best


def resume(
    folder: Path, instance_path: Path | None, policy_path: Path | None, options: Options, given: Collection[str]
) -> int:
    """Go on with the run whose result, or what is left of it, lies in ``folder``; the exit code.

    Raises
    ------
    InputError
        If there is no such run, or its instance is not found, or a result of another question would be replaced.
    """
    with watched(options):
        question, earlier, source = _left_behind(folder)
        path = instance_path or (partial_of(folder) / question.instance_path).resolve()
        options = _with(options, question, given)
        target = options.out or folder
        _refuse_log(options.log)
        instance = read_instance(path)
        policy = question.policy if policy_path is None else read_policy(policy_path)
        apply(instance, policy)
        same = question.instance_sha256 == sha256(instance) and question.policy == policy
        own = same and target.resolve() == folder.resolve() and _answers(folder, question)
        refuse_unless_free(target, own or options.force, [RESULT])
        if earlier is None:
            err.print(say("cli-run.begins-anew"))
        else:
            figures = {"objective": amount(earlier.proof.objective), "bound": amount(earlier.proof.bound)}
            err.print(say("cli-run.goes-on", path=escape(str(source)), **figures))
            if not same:
                warn(say("cli-run.bound-void"))
            earlier = replace(earlier, duals=read_duals(source))
        goes_on = target.resolve() == folder.resolve()
        return Sitting(
            path, instance, policy, target, options, earlier=earlier, goes_on=goes_on, replaces=own
        ).run()  # fmt: skip


def _answers(folder: Path, question: Question) -> bool:
    """Whether the result in ``folder``, if there is one, answers the question."""
    if not (folder / RESULT).is_file():
        return True
    solution = read_solution(folder)
    return solution.proof.instance_sha256 == question.instance_sha256 and solution.policy == question.policy


def repeat(folder: Path, instance_path: Path | None, options: Options) -> int:
    """Repeat the run of the result in ``folder`` and say what differs; the exit code, 1 if anything does.

    Raises
    ------
    InputError
        If the result cannot be read or its instance is not found, or the output may not be written.
    """
    earlier = read_solution(folder)
    question = _question_of(earlier, folder)
    options = _with(options, question, ())
    target = options.out or folder.resolve().with_name(folder.resolve().name + "-rerun")
    with watched(options):
        refuse_unless_free(target, options.force, [RESULT])
        path = instance_path or Path(question.instance_path)
        instance = read_instance(path)
        apply(instance, earlier.policy)
        for caveat in _caveats(earlier, options):
            warn(caveat)
        code = Sitting(path, instance, earlier.policy, target, options, _warm_start(options)).run()
    if code != DONE:
        return code
    return _compared(earlier, read_solution(target), folder)


def _caveats(earlier: Solution, options: Options) -> list[str]:
    """Why the earlier run may not come out the same, as far as that can be known before."""
    proof, found = earlier.proof, []
    if proof.limit in ("time", "interrupt", "memory", "crash"):
        found.append(say("cli-run.by-the-clock"))
    elif proof.method != "monolith" and not (proof.asked is not None and proof.asked.steady):
        found.append(say("cli-run.by-the-race", method=proof.method))
    if proof.asked is not None and proof.asked.start_sha256 is not None and options.warm_start is None:
        found.append(say("cli-run.from-a-start"))
    return found


def _compared(before: Solution, after: Solution, folder: Path) -> int:
    differing = outcomes(before, after)
    aside = circumstances(before, after)
    if not differing:
        out.print(say("cli-run.same"))
    if differing or aside:
        out.print(say("cli-run.differs", path=escape(str(folder))))
    for item in (*aside, *differing):
        for line in _lines(item):
            out.print(f"  {escape(line)}")
    return CHECK_FAILED if differing else DONE


def _lines(item: Difference) -> list[str]:
    if item.what == "facilities":
        sides = (("only-before", item.before), ("only-after", item.after))
        return [
            say("run-difference.list", name=say(f"run-difference.{side}"), items="; ".join(names))
            for side, names in sides
            if names
        ]
    name = say(f"run-difference.{item.what}", **({"name": item.detail} if item.detail else {}))
    if item.before:
        return [say("run-difference.line", name=name, before=item.before, after=item.after)]
    return [say("run-difference.list", name=name, items=item.after)]
