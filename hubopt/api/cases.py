"""Instances, policies and results, given as such, by their place on disk, or by the name of what comes with hubopt."""

from __future__ import annotations

import os
from pathlib import Path

from hubopt.instance import Instance, Policy, read_instance, read_policy
from hubopt.instance.shipped import shipped_instances, shipped_policies, shipped_unless_there
from hubopt.solution import Solution, read_solution

Place = str | os.PathLike[str]
InstanceLike = Instance | Place
PolicyLike = Policy | Place
ResultLike = Solution | Place


def instance_place(instance: Place) -> Path:
    """The folder given or, where there is none, that of the instance which comes with hubopt by this name."""
    return shipped_unless_there(Path(instance), shipped_instances())


def load(instance: Place, *, geometry: bool = True) -> Instance:
    """Read an instance.

    Parameters
    ----------
    instance
        Its folder; if there is none such, the name of one that comes with hubopt (``"tiny"``, ``"shenzhen"``).
    geometry
        Whether to read the layers for maps too.

    Raises
    ------
    InputError
        With every mistake in every file.
    """
    return read_instance(instance_place(instance), geometry=geometry)


def load_policy(policy: Place) -> Policy:
    """Read a policy file or, if there is none such, the policy that comes with hubopt by this name (``"least-land"``).

    Raises
    ------
    InputError
        With every mistake in it.
    """
    return read_policy(shipped_unless_there(Path(policy), shipped_policies()))


def load_result(result: Place) -> Solution:
    """Read the result folder that a run wrote.

    Raises
    ------
    InputError
        With everything that is damaged in it.
    """
    return read_solution(Path(result))


def as_instance(instance: InstanceLike) -> Instance:
    """The instance itself, read if it is not at hand."""
    return instance if isinstance(instance, Instance) else load(instance)


def as_policy(policy: PolicyLike | None) -> Policy:
    """The policy itself, read if it is not at hand; none: as the instance stands."""
    if policy is None:
        return Policy()
    return policy if isinstance(policy, Policy) else load_policy(policy)


def as_result(result: ResultLike) -> Solution:
    """The result itself, read if it is not at hand."""
    return result if isinstance(result, Solution) else load_result(result)
