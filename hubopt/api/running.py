"""Solving, from an instance or its place to a solution and, where asked for, a result folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hubopt.api.cases import (
    InstanceLike,
    Place,
    PolicyLike,
    ResultLike,
    as_instance,
    as_policy,
    as_result,
    instance_place,
)
from hubopt.api.results import checked
from hubopt.instance import Instance
from hubopt.instance.folder import refuse_unless_free
from hubopt.solution import Solution, read_duals, write_solution
from hubopt.solution.write import RESULT

if TYPE_CHECKING:
    from hubopt.solve import Method, Progress


def solve(
    instance: InstanceLike,
    policy: PolicyLike | None = None,
    *,
    method: Method = "auto",
    gap: float = 0.01,
    time_limit: float = 300.0,
    node_limit: int | None = None,
    memory_gib: float | None = None,
    threads: int = 2,
    seed: int = 0,
    deterministic: bool = False,
    warm_start: ResultLike | None = None,
    progress: Callable[[Progress], None] | None = None,
    log_path: Path | None = None,
    out: Place | None = None,
    force: bool = False,
    lang: str = "en",
) -> Solution:
    """Find a network and prove how good it is.

    HiGHS runs in processes of its own: in a script, call this below ``if __name__ == "__main__":``.

    Parameters
    ----------
    instance
        The instance, its folder, or the name of one that comes with hubopt (``"tiny"``, ``"shenzhen"``).
    policy
        The policy, its file, or the name of one that comes with hubopt; none: as the instance stands.
    method
        ``"auto"`` chooses by size.
    gap
        Stop when (incumbent - bound) / incumbent is at most this.
    time_limit
        Seconds for everything, building and the last check included.
    node_limit
        Nodes of branch and bound after which the run stops; such a run is deterministic.
    memory_gib
        Memory (GiB) of all processes together above which the run stops.
    threads
        Threads of HiGHS (``monolith``); the other methods use one thread in each of two processes.
    seed
        Random seed of the solver.
    deterministic
        Let nothing but the time limit depend on the clock.
    warm_start
        A result to start from, as far as it is still allowed.
    progress
        Called at every change of phase, incumbent or bound.
    log_path
        File that receives HiGHS's log.
    out
        Folder to write the result to, with map and report, as the command does; nothing is written without a plan that
        the checker confirms. With an instance given by its place, the result remembers where that lies.
    force
        Replace the result in ``out`` if there is one.
    lang
        ``"en"`` or ``"zh"``, in which the pages in ``out`` open.

    Returns
    -------
    Solution
        ``proof.status`` says how the run ended: ``optimal`` within the gap, ``feasible``, ``infeasible``,
        ``no-solution`` within the limit, ``error`` if the checker found the plan wanting. After Ctrl-C the best so far.

    Raises
    ------
    InputError
        If something cannot be read, does not fit together, or may not be written.
    """
    from hubopt.solve import solve as run

    if out is not None:
        refuse_unless_free(Path(out), force, [RESULT])
    case, asked = as_instance(instance), as_policy(policy)
    solution = run(
        case,
        asked,
        method=method,
        gap=gap,
        time_limit=time_limit,
        node_limit=node_limit,
        memory_gib=memory_gib,
        threads=threads,
        seed=seed,
        deterministic=deterministic,
        warm_start=None if warm_start is None else _start(warm_start),
        progress=progress,
        log_path=log_path,
    )
    if out is not None and solution.proof.status in ("optimal", "feasible"):
        where = None if isinstance(instance, Instance) else instance_place(instance)
        _write(case, solution, Path(out), where, force, lang)
    return solution


def _start(result: ResultLike) -> Solution:
    """A result to start from; one that is read brings along where its proof had got to."""
    if isinstance(result, Solution):
        return result
    return replace(as_result(result), duals=read_duals(Path(result)))


def _write(case: Instance, solution: Solution, folder: Path, where: Path | None, force: bool, lang: str) -> None:
    """Write the result folder with its pages; a plan is there."""
    from hubopt.viz import network_map, report_html

    assert solution.plan is not None
    report = checked(case, solution, solution.plan)
    pages = {
        "map.html": network_map(case, solution, lang, report=report),
        "report.html": report_html(case, solution, report, lang),
    }
    write_solution(solution, case, folder, pages, force=force, instance_path=where)
