"""The public face of hubopt in Python: thin functions that read like the commands and join the rooms.

Use them as ``hubopt.load``, ``hubopt.solve``, ``hubopt.check``, ``hubopt.map``, ``hubopt.report`` and
``hubopt.compare``. Wherever an instance, a policy or a result is asked for, its place on disk will do, and for what
comes with hubopt its name. Mistakes in what is given raise :class:`InputError` with all of them.
"""

from hubopt.api.cases import InstanceLike, Place, PolicyLike, ResultLike, load, load_policy, load_result
from hubopt.api.checking import check
from hubopt.api.comparing import compare
from hubopt.api.drawing import Page, map, report
from hubopt.api.running import solve
from hubopt.check.report import Report
from hubopt.instance import InputError, Instance, Policy
from hubopt.solution import Solution
from hubopt.study.compare import Comparison

__all__ = [
    "Comparison",
    "InputError",
    "Instance",
    "InstanceLike",
    "Page",
    "Place",
    "Policy",
    "PolicyLike",
    "Report",
    "ResultLike",
    "Solution",
    "check",
    "compare",
    "load",
    "load_policy",
    "load_result",
    "map",
    "report",
    "solve",
]
