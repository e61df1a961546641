"""Maps and reports as pages: shown in a notebook, saved as a file that opens without a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from hubopt.api.cases import InstanceLike, Place, ResultLike, as_instance, as_result, load_result
from hubopt.api.results import checked, instance_of, plan_of, stranger
from hubopt.instance import InputError, Instance, Problem
from hubopt.instance.whole_file import write_whole
from hubopt.solution import Solution


@dataclass(frozen=True)
class Page:
    """A page: one HTML file that needs nothing else. Notebooks show it in a frame."""

    title: str
    html: str = field(repr=False)

    def save(self, path: Place) -> Path:
        """Write the page to ``path``, whole or not at all; the path."""
        target = Path(path)
        write_whole(target, self.html.encode())
        return target

    def __repr__(self) -> str:
        return f"Page({self.title!r}, {len(self.html) / 1e6:.1f} MB of HTML)"

    def _repr_html_(self) -> str:
        frame = 'sandbox="allow-scripts allow-downloads allow-popups" style="width:100%;height:640px;border:0"'
        return f'<iframe title="{escape(self.title)}" {frame} srcdoc="{escape(self.html)}"></iframe>'


def _both(result: ResultLike, instance: InstanceLike | None) -> tuple[Instance, Solution]:
    """The result and its instance; a result folder remembers where that lies."""
    if not isinstance(result, Solution) and instance is None:
        solution = load_result(result)
        return instance_of(solution, Path(result), None), solution
    solution = as_result(result)
    if instance is None:
        raise InputError([Problem("instance", "is missing", "give the instance that was solved beside its solution")])
    case = as_instance(instance)
    if wrong := next(stranger(case, solution), None):
        raise InputError([Problem("instance", wrong, "give the instance that was solved, or solve again")])
    return case, solution


def map(
    result: ResultLike,
    instance: InstanceLike | None = None,
    *,
    against: ResultLike | None = None,
    lang: str = "en",
    tiles: str | None = None,
    tiles_credit: str = "",
) -> Page:
    """Draw the map of a result.

    Parameters
    ----------
    result
        The solution, or the folder of the result.
    instance
        The instance that was solved; a folder of a result remembers where it lies.
    against
        Another result of the same places: both are drawn side by side with their difference.
    lang
        ``"en"`` or ``"zh"``, in which the page opens; it holds both.
    tiles, tiles_credit
        Online tiles under the map (``"osm"``, or an address with {z}, {x} and {y}) and whose they are; with tiles the
        page needs a network. Not with ``against``.

    Raises
    ------
    InputError
        If something cannot be read or found, the result has no plan, or belongs to another instance.
    ValueError
        If the language is unknown.
    """
    case, solution = _both(result, instance)
    plan_of(solution, "the result")
    if against is not None:
        from hubopt.viz.comparison import Side, comparison_map

        other = as_result(against)
        same = isinstance(against, Solution) or other.proof.instance_sha256 == solution.proof.instance_sha256
        other_case = _both(against, case if same else None)[0]
        plan_of(other, "the other result")
        sides = Side(solution.policy.name_en, case, solution), Side(other.policy.name_en, other_case, other)
        return Page(f"{case.info.id}: comparison", comparison_map(*sides, lang))
    from hubopt.viz import network_map
    from hubopt.viz.tiles import tiles_of

    service = None if tiles is None else tiles_of(tiles, tiles_credit)
    return Page(f"{case.info.id}: map", network_map(case, solution, lang, tiles=service))


def report(result: ResultLike, instance: InstanceLike | None = None, *, lang: str = "en") -> Page:
    """Write the report on a result: standards, money, land, facilities, proof, with charts.

    Parameters and errors are those of :func:`map`; a result without a plan has a report, too.
    """
    case, solution = _both(result, instance)
    from hubopt.viz import report_html

    found = None if solution.plan is None else checked(case, solution, solution.plan)
    return Page(f"{case.info.id}: report", report_html(case, solution, found, lang))
