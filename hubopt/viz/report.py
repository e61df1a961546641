"""The report for people: one HTML page in both languages, to be read, sorted and printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import hubopt
from hubopt.check import Report
from hubopt.instance.types import LEVELS, Instance
from hubopt.solution.types import Proof, Solution
from hubopt.texts import HTML_LANG, LANGUAGES, Language, Texts, language
from hubopt.viz import accounts, movement, timeline
from hubopt.viz.chart_set import charts_of
from hubopt.viz.credits import credits_openstreetmap
from hubopt.viz.decided import Reference
from hubopt.viz.dossier_blocks import Block
from hubopt.viz.dossier_maps import subject_maps, subject_sheets
from hubopt.viz.dossier_movement import Movement
from hubopt.viz.dossier_sections import Chapters
from hubopt.viz.dossier_sheets import Prices, sheet_block, site_names
from hubopt.viz.dossier_summary import notes
from hubopt.viz.insets import Drawing
from hubopt.viz.numbers import Numbers
from hubopt.viz.offline import CONTENT_SECURITY_POLICY, package_text
from hubopt.viz.subject import Subject
from hubopt.viz.values import names_of, web_link
from hubopt.viz.wording import Wording


@dataclass(frozen=True)
class Page(Wording):
    """What the template needs to write the report in one language."""

    opening: bool
    charts: Mapping[str, Markup]
    chapters: Mapping[str, list[Block]]
    notes: tuple[str, ...]
    phases: str
    versions: str

    @property
    def lang(self) -> str:
        """The language's code."""
        return self.t.lang

    @property
    def numbers(self) -> Numbers:
        """Numbers in this language."""
        return self.n

    @property
    def other_html_lang(self) -> str:
        """The language that the button leads to, as HTML names it."""
        return HTML_LANG["zh" if self.t.lang == "en" else "en"]


def report_html(instance: Instance, solution: Solution, report: Report | None, lang: str = "en") -> str:
    """A self-contained report on ``solution``, opening in ``lang`` (``en`` or ``zh``) with a button for the other.

    ``instance`` is the raw one; ``report`` is the checker's report on the plan, None if there is no plan. All figures
    but the proof are the checker's. The page asks for nothing over a network. Raises ValueError for an unknown
    language.
    """
    return report_page(Subject(instance, solution, report), lang)


def report_page(
    subject: Subject, lang: str = "en", *, prices: Prices | None = None, against: Reference | None = None
) -> str:
    """The report with what else is known: ``prices`` of doing without sites, a reference to hold the plan ``against``.

    As :func:`report_html`.
    """
    opening = language(lang)
    drawings = subject_maps(subject)
    identified = {name: Shown(f"map-{number}", drawing) for number, (name, drawing) in enumerate(drawings.items())}
    told = Told(subject, drawings, prices or Prices(), against)
    pages = [_page(told, name, name == opening) for name in LANGUAGES]
    environment = Environment(
        loader=PackageLoader("hubopt.viz", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("report.html").render(
        policy=Markup(CONTENT_SECURITY_POLICY),
        style=Markup(package_text("report.css")),
        script=Markup(package_text("report.js")),
        opening=next(page for page in pages if page.opening),
        pages=pages,
        drawings=identified,
        **_facts(subject.instance, subject.solution, subject.report),
    )


@dataclass(frozen=True)
class Shown:
    """A drawing that stands once in the page and is used by its id."""

    id: str
    drawing: Drawing

    @property
    def size(self) -> str:
        """Width and height."""
        return " ".join(self.drawing.view.split()[2:])

    @property
    def symbol(self) -> Markup:
        """The drawing itself; it holds numbers only."""
        return Markup(self.drawing.symbol(self.id))


@dataclass(frozen=True)
class Told:
    """What a report tells of beside the result: its maps, what is known of other plans, a reference."""

    subject: Subject
    drawings: Mapping[str, Drawing]
    prices: Prices
    against: Reference | None


def _page(told: Told, lang: Language, opening: bool) -> Page:
    subject, proof = told.subject, told.subject.solution.proof
    words = Wording.of(subject.instance, lang)
    charts = charts_of(subject, lang)
    chapters = Chapters(subject, words, {chart.name: chart.title for chart in charts}, told.prices, told.against)
    versions = ", ".join(f"{name} {version}" for name, version in proof.versions.items())
    return Page(
        t=words.t,
        n=words.n,
        regions=words.regions,
        opening=opening,
        charts=defaultdict(Markup, {chart.name: Markup(chart.svg()) for chart in charts}),
        chapters=_chapters(told, words, chapters),
        notes=tuple(notes(subject, words)),
        phases=_phases(proof, words.t, words.n),
        versions=versions,
    )


def _chapters(told: Told, words: Wording, chapters: Chapters) -> dict[str, list[Block]]:
    """The parts of the page that the dossier has too, by name; empty ones for what there is not."""
    found: dict[str, list[Block]] = {"beforehand": list(chapters.beforehand()), "money": [], "land": [], "movement": []}
    found["sheets"] = []
    if told.subject.found is not None:
        plan, report = told.subject.found
        movement = Movement(chapters)
        found["money"], found["land"] = list(chapters.money(report)), list(chapters.land(report))
        found |= {"exchange": list(movement.exchange(plan)), "modes": list(movement.modes(plan))}
        found["outages"] = list(movement.outages(plan))
        names = site_names(told.subject.instance, words)
        for number, sheet in enumerate(subject_sheets(told.subject)):
            found["sheets"].append({**sheet_block(sheet, words, told.prices, told.drawings, names), "number": number})
    return found


def _phases(proof: Proof, t: Texts, numbers: Numbers) -> str:
    names = {phase: t.or_id("phase", phase.replace(" ", "-")) for phase in proof.seconds}
    return t("map.separator").join(f"{names[phase]} {numbers.unit('seconds', s)}" for phase, s in proof.seconds.items())


def _facts(instance: Instance, solution: Solution, report: Report | None) -> dict[str, Any]:
    """Everything that is the same in both languages; ``instance`` is the effective one."""
    structure = instance.structure
    plan = solution.plan
    kpi = {} if report is None else dict(report.kpi)
    cost = {} if report is None else accounts.cost(report)
    facts: dict[str, Any] = {
        "version": hubopt.__version__,
        "instance": {
            "names": names_of(instance.info.model_dump()),
            "description": instance.info.description,
            "money_year": instance.info.money_year,
            "discount_rate": instance.info.discount_rate,
        },
        "policy_names": names_of(solution.policy.model_dump()),
        "proof": solution.proof,
        "report": report,
        "kpi": kpi,
        "cost": cost,
        "total": sum(cost.values()),
        "unmet": round(cost.get("unmet", 0.0)),
        "targets": accounts.targets(instance, kpi),
        "counts": accounts.counts(instance, kpi),
        "commodities": accounts.commodities(instance, plan),
        "parameters": accounts.parameters(instance),
        "openstreetmap": credits_openstreetmap(instance),
        "sources": [{**source.model_dump(), "url": web_link(source.url)} for source in structure.sources],
    }
    if report is not None and plan is not None:
        rows = timeline.periods(instance, report)
        last = timeline.in_period(instance, kpi, accounts.last_period(instance))
        facts |= {
            "last": last,
            "periods": rows,
            "waiting": timeline.waiting(rows),
            "check": accounts.agreement(solution, report),
            "sites": [{**row, "rank": LEVELS.index(row["level"])} for row in accounts.sites(instance, report)],
            "gateways": accounts.gateways(instance, plan),
            "stock": accounts.stock(instance, report),
            "carbon": movement.carbon(instance, plan, last),
        }
    return facts
