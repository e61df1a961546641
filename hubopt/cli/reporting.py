"""The report and charts commands: a result told as a page, as a dossier to print, and as drawings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from hubopt.cli.results import checked, instance_of, plan_of, write_bytes, write_whole
from hubopt.instance import InputError, Problem
from hubopt.solution import read_solution
from hubopt.solution.site_prices import read_site_prices

if TYPE_CHECKING:
    from hubopt.viz.decided import Reference
    from hubopt.viz.dossier_sheets import Prices
    from hubopt.viz.subject import Subject


class ReportFormat(StrEnum):
    """A page for the screen, or a dossier to print."""

    HTML = "html"
    PDF = "pdf"


class ChartFormat(StrEnum):
    """Kind of the files of charts."""

    SVG = "svg"
    PDF = "pdf"
    PNG = "png"


NO_CHINESE = (
    "needs a font with Chinese characters, and none is installed",
    "install one (Debian, Ubuntu: apt-get install fonts-noto-cjk)",
)
"""What is wrong, and its mend, where characters would be boxes."""

NO_ENGINE = ("needs the typesetter, which is not installed", "install it with: pip install 'hubopt[pdf]'")


@dataclass(frozen=True)
class Options:
    """Options of the report command; None: not given."""

    instance: Path | None
    out: Path | None
    lang: str
    format: ReportFormat
    against: Path | None
    explained: Path | None


def _subject(folder: Path, given: Path | None) -> Subject:
    solution = read_solution(folder)
    plan = plan_of(solution, folder)
    instance = instance_of(solution, folder, given)
    from hubopt.viz.subject import Subject

    return Subject(instance, solution, checked(instance, solution, plan))


def _reference(subject: Subject, folder: Path | None) -> Reference | None:
    """The result to hold the plan against; it must have a plan of the same instance."""
    if folder is None:
        return None
    from hubopt.viz.decided import Reference

    solution = read_solution(folder)
    plan_of(solution, folder)
    if solution.proof.instance_sha256 != subject.solution.proof.instance_sha256:
        mend = "give a result of the same instance, so that the difference is the price of what was decided"
        raise InputError([Problem(str(folder), "was solved for another instance", mend)])
    return Reference(folder.resolve().name, solution)


def _prices(subject: Subject, folder: Path, given: Path | None) -> Prices:
    """What has been computed about other site sets and about doing without sites."""
    from hubopt.viz.dossier_sheets import Prices
    from hubopt.viz.explained import EXPLAINED, read_explained

    path = given or (folder / EXPLAINED if (folder / EXPLAINED).exists() else None)
    explained = None if path is None else read_explained(path, subject.solution)
    return Prices(read_site_prices(folder, subject.solution), explained)


def write_report(folder: Path, options: Options) -> None:
    """Write the report on the result in ``folder`` as a page or as a dossier.

    Raises
    ------
    InputError
        For mistakes in the folders or files given, or if the dossier cannot be set on this machine.
    """
    subject = _subject(folder, options.instance)
    against, prices = _reference(subject, options.against), _prices(subject, folder, options.explained)
    target = options.out or folder / f"report.{options.format}"
    if options.format is ReportFormat.PDF:
        write_bytes(target, _dossier(subject, options.lang, prices, against, target))
        return
    from hubopt.viz.report import report_page

    write_whole(target, report_page(subject, options.lang, prices=prices, against=against))


def _dossier(subject: Subject, lang: str, prices: Prices, against: Reference | None, target: Path) -> bytes:
    from hubopt.viz.dossier import dossier_pdf
    from hubopt.viz.glyphs import MissingEngineError, MissingFontError

    try:
        return dossier_pdf(subject, lang, prices=prices, against=against)
    except MissingEngineError:
        raise InputError([Problem(str(target), *NO_ENGINE)]) from None
    except MissingFontError:
        raise InputError([Problem(str(target), *NO_CHINESE)]) from None


def write_charts(folder: Path, given: Path | None, target: Path | None, lang: str, kind: ChartFormat) -> None:
    """Write every chart of the result in ``folder`` into the folder ``target`` (charts in the result if None).

    Raises
    ------
    InputError
        For mistakes in the folders given, or if no font has what must be drawn.
    """
    from hubopt.viz.chart_set import charts_of
    from hubopt.viz.plotting import MissingGlyphsError

    subject = _subject(folder, given)
    place = target or folder / "charts"
    try:
        drawn = {f"{chart.name}.{kind}": chart.file(kind.value) for chart in charts_of(subject, lang)}
    except MissingGlyphsError:
        raise InputError([Problem(str(place), *NO_CHINESE)]) from None
    if place.exists() and not place.is_dir():
        raise InputError([Problem(str(place), "is a file, not a folder", "give another folder with --out")])
    place.mkdir(parents=True, exist_ok=True)
    for name, content in drawn.items():
        write_bytes(place / name, content)
