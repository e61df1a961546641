"""The check of a result against its instance."""

from __future__ import annotations

from dataclasses import replace

from hubopt.api.cases import InstanceLike, ResultLike, as_instance, as_result
from hubopt.api.results import checked, plan_of, proof_findings, stranger
from hubopt.check.report import Finding, Report


def check(instance: InstanceLike, result: ResultLike) -> Report:
    """Check a result with the independent checker, which shares no formula with the model.

    Parameters
    ----------
    instance
        The instance that was solved, its folder, or the name of one that comes with hubopt.
    result
        The solution, or the folder of the result.

    Returns
    -------
    Report
        ``ok`` if everything holds; otherwise ``findings`` says what does not (rule ``result``: the result contradicts
        itself or belongs to another instance). Cost, indicators and tables are the checker's own.

    Raises
    ------
    InputError
        If one of them cannot be read, the result has no plan, or its policy does not fit the instance.
    """
    case, solution = as_instance(instance), as_result(result)
    report = checked(case, solution, plan_of(solution, "the result"))
    own = (*stranger(case, solution), *proof_findings(solution))
    return replace(report, findings=(*(Finding("result", text, "result.json") for text in own), *report.findings))
