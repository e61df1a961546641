"""The report for people: one HTML page in both languages, to be read, sorted and printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
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
from hubopt.viz.base import region_names
from hubopt.viz.chart_set import charts_of
from hubopt.viz.credits import credits_openstreetmap, synthetic_counts
from hubopt.viz.numbers import Numbers
from hubopt.viz.offline import CONTENT_SECURITY_POLICY, package_text
from hubopt.viz.subject import Subject
from hubopt.viz.values import names_of, web_link


@dataclass(frozen=True)
class Page:
    """What the template needs to write the report in one language."""

    t: Texts
    numbers: Numbers
    opening: bool
    charts: Mapping[str, Markup]
    notes: tuple[str, ...]
    phases: str
    versions: str
    regions: dict[str, dict[str, str]]

    @property
    def html_lang(self) -> str:
        """Language as HTML names it."""
        return HTML_LANG[self.t.lang]

    @property
    def other_html_lang(self) -> str:
        """The language that the button leads to, as HTML names it."""
        return HTML_LANG["zh" if self.t.lang == "en" else "en"]

    def name(self, names: dict[str, str]) -> str:
        """A name in this language."""
        return names[self.t.lang]

    def region(self, region: str) -> str:
        """A district or city in this language where its name is known, else as the tables have it."""
        return self.regions[region][self.t.lang] if region in self.regions else region

    def leg(self, leg: str) -> str:
        """A leg by its ends."""
        upper, _, lower = leg.partition("-")
        return self.t("layer.leg", upper=self.t(f"leg-end.{upper}"), lower=self.t(f"leg-end.{lower}"))


def report_html(instance: Instance, solution: Solution, report: Report | None, lang: str = "en") -> str:
    """A self-contained report on ``solution``, opening in ``lang`` (``en`` or ``zh``) with a button for the other.

    ``instance`` is the raw one; ``report`` is the checker's report on the plan, None if there is no plan. All figures
    but the proof are the checker's. The page asks for nothing over a network. Raises ValueError for an unknown
    language.
    """
    opening = language(lang)
    subject = Subject(instance, solution, report)
    effective = subject.instance
    pages = [_page(subject, name, name == opening) for name in LANGUAGES]
    environment = Environment(
        loader=PackageLoader("hubopt.viz", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("report.html").render(
        policy=Markup(CONTENT_SECURITY_POLICY),
        style=Markup(package_text("report.css")),
        script=Markup(package_text("report.js")),
        opening=next(page for page in pages if page.opening),
        pages=pages,
        **_facts(effective, solution, report),
    )


def _page(subject: Subject, lang: Language, opening: bool) -> Page:
    t = Texts(lang)
    instance, solution = subject.instance, subject.solution
    numbers = Numbers(t, instance.info.currency)
    proof = solution.proof
    drawn = {chart.name: Markup(chart.svg()) for chart in charts_of(subject, lang)}
    versions = ", ".join(f"{name} {version}" for name, version in proof.versions.items())
    return Page(
        t=t,
        numbers=numbers,
        opening=opening,
        charts=defaultdict(Markup, drawn),
        notes=tuple(_notes(instance, solution, t, numbers)),
        phases=_phases(proof, t, numbers),
        versions=versions,
        regions=region_names(instance.geometry),
    )


def _phases(proof: Proof, t: Texts, numbers: Numbers) -> str:
    names = {phase: t.or_id("phase", phase.replace(" ", "-")) for phase in proof.seconds}
    return t("map.separator").join(f"{names[phase]} {numbers.unit('seconds', s)}" for phase, s in proof.seconds.items())


def _notes(instance: Instance, solution: Solution, t: Texts, numbers: Numbers) -> Sequence[str]:
    notes = []
    counted = synthetic_counts(instance)
    if instance.info.synthetic:
        notes.append(t("report.synthetic-case"))
    elif counted:
        parts = [
            t(f"map.synthetic-{table}", count=numbers.figures(count), all=numbers.figures(total))
            for table, (count, total) in counted.items()
        ]
        notes.append(t("map.synthetic-rows", list=t("map.separator").join(parts)))
    if solution.plan is None:
        notes.append(t("report.no-plan"))
    elif len(instance.structure.periods) > 1:
        notes.append(t("report.as-of", period=accounts.last_period(instance)))
    return notes


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
            "modes": movement.modes(instance, plan),
            "exchanges": movement.exchanges(instance, plan),
            "outages": movement.outages(instance, solution.policy, plan),
            "check": accounts.agreement(solution, report),
            "land": accounts.land(instance, report),
            "sites": [{**row, "rank": LEVELS.index(row["level"])} for row in accounts.sites(instance, report)],
            "gateways": accounts.gateways(instance, plan),
            "stock": accounts.stock(instance, report),
            "carbon": movement.carbon(instance, plan, last),
        }
    return facts
