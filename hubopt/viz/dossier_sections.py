"""The chapters of the dossier: standards and decisions, money, land, facilities, parameters, sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hubopt.check import Report
from hubopt.viz import accounts, timeline
from hubopt.viz import dossier_blocks as blocks
from hubopt.viz.credits import credits_openstreetmap
from hubopt.viz.decided import Reference, decisions, difference
from hubopt.viz.dossier_blocks import Block, Cell
from hubopt.viz.dossier_sheets import Prices
from hubopt.viz.sheets import SHEET_LEVELS
from hubopt.viz.subject import Subject
from hubopt.viz.wording import Wording

Record = dict[str, Any]

Charts = Mapping[str, str]
"""Titles of the charts that there are, by name."""

BINDING = 20
"""Most binding limits that are listed."""


class Chapters:
    """The chapters on one result in one language; ``charts`` are drawn already, as ``NAME.svg``."""

    def __init__(
        self, subject: Subject, words: Wording, charts: Charts, prices: Prices, against: Reference | None
    ) -> None:
        self.subject, self.words, self.charts = subject, words, charts
        self.prices, self.against = prices, against
        self.instance, self.solution = subject.instance, subject.solution
        self.periods = [period.id for period in self.instance.structure.periods]
        self.t, self.n = words.t, words.n

    def chart(self, name: str) -> list[Block]:
        """A chart, if there is one of that name."""
        return [blocks.image(f"{name}.svg", self.charts[name])] if name in self.charts else []

    def heads(self, *keys: str) -> list[str]:
        """Heads of a table by their keys; ``#`` before a key: numbers."""
        return [
            ("#" if key.startswith("#") else "") + self.t(f"report.{key.lstrip('#')}") if key else "" for key in keys
        ]

    def standards(self) -> Iterator[Block]:
        """Standards, counts, decisions beforehand and their price, prices of limits."""
        t = self.t
        yield blocks.section(t("dossier.against"))
        yield from self._targets()
        yield from self.chart("service")
        yield from self._counts()
        yield from self.beforehand()

    def beforehand(self) -> Iterator[Block]:
        """What was decided beforehand and its price, and the prices of limits."""
        t = self.t
        yield blocks.heading(t("dossier.decided"))
        yield from self._decisions()
        if self.against is not None and self.subject.report is not None:
            yield from self._difference(self.against, self.subject.report)
        yield blocks.heading(t("dossier.limits"))
        yield from self._limits()

    def _targets(self) -> Iterator[Block]:
        t, n, words = self.t, self.n, self.words
        kpi = {} if self.subject.report is None else self.subject.report.kpi
        rows: list[list[Cell]] = []
        several = False
        for row in accounts.targets(self.instance, kpi):
            reached: list[tuple[float | None, float]] = [(row["reached"], row["required"])]
            if row["periods"]:
                several = True
                reached = [(cell["reached"], cell["required"]) for cell in row["periods"]]
            cells: list[Cell] = []
            for share, required in reached:
                if share is None:
                    cells.append(t("number.missing"))
                elif required <= 0:
                    cells.append({"text": n.percent(share, 2), "below": t("report.asked", share=t("number.missing"))})
                else:
                    asked = t("report.asked", share=n.percent(required))
                    cells.append({"good": share >= required - 1e-6, "text": n.percent(share, 2), "below": asked})
            rows.append(
                [blocks.strong(words.name(row["name"]), row["standard"]), n.unit(row["measure"], row["limit"]), *cells]
            )
        if rows:
            found = self.periods if several else [t("report.reached")]
            yield blocks.table([*self.heads("standard", "limit"), *found], rows, (4, 1, *[1.3] * len(found)))

    def _counts(self) -> Iterator[Block]:
        t, n = self.t, self.n
        kpi = {} if self.subject.report is None else self.subject.report.kpi
        rows: list[list[Cell]] = []
        for row in accounts.counts(self.instance, kpi):
            asked = ""
            if row["min"] and row["max"] is not None:
                asked = t("report.between", least=row["min"], most=row["max"])
            elif row["min"] or row["max"] is not None:
                asked = t("report.at-least", count=row["min"]) if row["min"] else t("report.at-most", count=row["max"])
            numbers = [n.figures(row[name]) for name in ("open", "planned", "candidates")]
            rows.append([t(f"levels.{row['level']}"), *numbers, asked])
        yield blocks.heading(t("report.counts"))
        yield blocks.table(self.heads("level", "#open", "#planned", "#candidates", "bounds"), rows, (2, 1, 1, 1, 1.4))

    def _decisions(self) -> Iterator[Block]:
        t, words = self.t, self.words
        decided = decisions(self.instance, self.solution)
        if not decided:
            yield blocks.text(t("dossier.decided-none"))
            return
        yield blocks.text(t("dossier.decided-note"))
        rows: list[list[Cell]] = [
            [
                words.name(row["names"]),
                t(f"level.{row['level']}"),
                words.region(row["district"]),
                t(f"popup.forced-{row['forced']}"),
                t("dossier.by-policy" if row["by"] == "policy" else "dossier.by-instance"),
            ]
            for row in decided
        ]
        heads = [*self.heads("name", "level", "district"), t("dossier.forced"), t("dossier.forced-by")]
        yield blocks.table(heads, rows, (2.4, 1.2, 1, 1.2, 1.2), small=True)
        if self.against is None:
            yield blocks.text(t("dossier.price-next"), soft=True)

    def _difference(self, against: Reference, report: Report) -> Iterator[Block]:
        t, n, words = self.t, self.n, self.words
        found = difference(self.instance, self.solution, against, accounts.cost(report))
        yield blocks.heading(t("dossier.price", name=found["name"]))
        yield from (blocks.text(line) for line in price_lines(found, words))
        rows: list[list[Cell]] = [
            [
                t(f"cost.{row['part']}"),
                n.money(row["reference"]),
                n.money(row["cost"]),
                n.money(row["cost"] - row["reference"]),
            ]
            for row in found["rows"]
            if max(abs(row["cost"]), abs(row["reference"])) >= 0.5
        ]
        rows.append([t("report.total"), n.money(found["reference"]), n.money(found["total"]), n.money(found["price"])])
        heads = [
            t("report.part"),
            *("#" + t(key) for key in ("dossier.reference", "dossier.this-plan", "dossier.more")),
        ]
        yield blocks.table(heads, rows, (2, 1.2, 1.2, 1.2), total=True)

    def _limits(self) -> Iterator[Block]:
        t, n, explained = self.t, self.n, self.prices.explained
        if explained is None:
            yield blocks.text(t("dossier.limits-none"), soft=True)
            return
        yield blocks.text(t("dossier.limits-note"))
        rows: list[list[Cell]] = [
            [
                item.what,
                item.family,
                f"{n.figures(item.limit)} {item.unit}",
                n.figures(item.used),
                f"{n.figures(item.price)} {item.price_unit}",
            ]
            for item in explained.binding[:BINDING]
        ]
        for standard in explained.standards:
            least = n.money(standard.least)
            price = (
                t("dossier.at-least", least=least)
                if standard.most is None
                else t("dossier.least-most", least=least, most=n.money(standard.most))
            )
            rows.append([standard.what, t("report.standard"), standard.unit, "", t("dossier.a-year", amount=price)])
        heads = [
            t("dossier.limit-what"),
            t("dossier.family"),
            t("dossier.limit-value"),
            "#" + t("dossier.limit-used"),
            t("dossier.limit-price"),
        ]
        yield blocks.table(heads, rows, (2.6, 1.4, 1.2, 0.8, 1.8), small=True)

    def when(self, report: Report) -> Iterator[Block]:
        """What is built when and what waiting costs; nothing for a single period."""
        if len(self.periods) < 2:
            return
        t, n = self.t, self.n
        rows = timeline.periods(self.instance, report)
        sums = timeline.waiting(rows)
        yield blocks.section(t("report.when"))
        heads = self.heads(
            "period",
            "#opened",
            "#expanded",
            "#upgraded",
            "#closed",
            "#investment",
            "#land-ha",
            "#carbon-t",
            "#served",
            "#cost-year",
        )
        table: list[list[Cell]] = [
            [
                row["id"],
                *(n.figures(row[name]) for name in ("opened", "expanded", "upgraded", "closed")),
                n.money(row["invested"]),
                n.figures(row["land"]),
                n.figures(row["carbon"]),
                n.percent(row["served"], 2),
                n.money(row["cost"]),
            ]
            for row in rows
        ]
        yield blocks.table(heads, table, (1, 0.8, 0.9, 0.9, 0.8, 1.3, 0.8, 1, 1, 1.3), small=True)
        yield blocks.heading(t("report.waiting"))
        rate, later = n.percent(self.instance.info.discount_rate, 2), n.percent(sums["later_share"])
        yield blocks.text(t("report.waiting-note", rate=rate, later=later), soft=True)
        money = ("invested", "invested_now", "spent", "spent_now")
        table = [
            [row["id"], n.figures(row["years"]), n.figures(row["factor"]), *(n.money(row[name]) for name in money)]
            for row in rows
        ]
        table.append([t("report.total"), "", "", *(n.money(sums[name]) for name in money)])
        heads = self.heads("period", "#years", "#factor", "#investment", "#investment-now", "#spent", "#spent-now")
        yield blocks.table(heads, table, (1, 0.7, 0.8, 1.3, 1.3, 1.3, 1.3), total=True, small=True)

    def money(self, report: Report) -> Iterator[Block]:
        """Cost by part, of every period where there are several."""
        t, n = self.t, self.n
        cost, costs = accounts.cost(report), self.subject.costs
        total = sum(cost.values())
        yield {**blocks.section(t("report.cost")), "flow": len(self.periods) > 1}
        info = self.instance.info
        yield blocks.text(
            t("report.money-note", year=info.money_year, rate=n.percent(info.discount_rate, 2)), soft=True
        )
        yield from self.chart("cost")
        several = self.periods if len(self.periods) > 1 else []
        rows: list[list[Cell]] = [
            [
                t(f"cost.{part}"),
                *(n.money(costs[period][part]) for period in several),
                n.money(value),
                n.percent(value / total if total else 0),
            ]
            for part, value in cost.items()
            if abs(value) >= 0.5 or any(abs(costs[period][part]) >= 0.5 for period in several)
        ]
        rows.append(
            [t("cost.total"), *(n.money(sum(costs[period].values())) for period in several), n.money(total), ""]
        )
        last = t("dossier.all-periods") if several else t("report.amount")
        heads = [t("report.part"), *("#" + period for period in several), "#" + last, "#" + t("report.share")]
        yield blocks.table(heads, rows, (2, *[1.2] * len(several), 1.2, 0.8), total=True)
        yield from self.chart("cost-periods")

    def land(self, report: Report) -> Iterator[Block]:
        """Land by district against its limits, in every period."""
        t, n, words = self.t, self.n, self.words
        yield blocks.section(t("report.land"))
        yield from self.chart("land")
        several = self.periods if len(self.periods) > 1 else [t("report.used")]
        rows: list[list[Cell]] = []
        for row in accounts.land(self.instance, report):
            name = t("report.total") if row["scope"] == "total" else words.region(row["id"])
            limit = t("report.unlimited") if row["limit"] is None else n.unit("ha", row["limit"])
            share = row["used"] / row["limit"] if row["limit"] else None
            use: Cell = "" if share is None else blocks.bar(share, n.percent(share))
            rows.append([name, *(n.unit("ha", used) for used in row["periods"]), limit, use])
        heads = [
            t("report.area"),
            *("#" + name for name in several),
            "#" + t("report.land-limit"),
            t("report.of-limit"),
        ]
        yield blocks.table(heads, rows, (1.8, *[1.0] * len(several), 1, 1.4), total=True)

    def facilities(self, report: Report) -> Iterator[Block]:
        """How facilities are used, and the list of hubs and centres with the pages of their sheets."""
        t, n, words = self.t, self.n, self.words
        yield blocks.section(t("dossier.facilities"))
        if "utilisation" in self.charts:
            yield blocks.heading(t("dossier.use"))
            yield from self.chart("utilisation")
        rows: list[list[Cell]] = [
            [
                words.name(row["name"]),
                t(f"level.{row['level']}"),
                words.region(row["district"]),
                t(f"action.{row['action']}"),
                n.figures(row["land"]),
                n.figures(row["throughput"]),
                n.percent(row["utilisation"], 0),
                n.money(row["cost"]),
                blocks.page_of(row["id"]) if row["modules"] else "",
            ]
            for row in accounts.sites(self.instance, report)
            if row["level"] in SHEET_LEVELS
        ]
        heads = [
            *self.heads("name", "level", "district", "action", "#land-ha", "#throughput", "#utilisation", "#site-cost"),
            "#" + t("dossier.on-page"),
        ]
        yield blocks.table(heads, rows, (2.7, 1.35, 1, 0.9, 0.7, 1, 0.9, 1.15, 0.55), small=True)

    def stations(self, report: Report) -> Iterator[Block]:
        """The stations in a table."""
        t, n, words = self.t, self.n, self.words
        rows: list[list[Cell]] = [
            [
                words.name(row["name"]),
                words.region(row["district"]),
                words.name(row["design"]) if row["design"] and row["modules"] else "",
                t(f"action.{row['action']}"),
                n.figures(row["gfa"]),
                n.figures(row["land"]),
                n.figures(row["throughput"]),
                n.percent(row["utilisation"], 0),
                n.money(row["cost"]),
            ]
            for row in accounts.sites(self.instance, report)
            if row["level"] not in SHEET_LEVELS
        ]
        if rows:
            yield blocks.section(t("dossier.stations"))
            heads = self.heads(
                "name", "district", "design", "action", "#gfa", "#land-ha", "#throughput", "#utilisation", "#site-cost"
            )
            yield blocks.table(heads, rows, (1.8, 1, 2.2, 0.9, 1, 0.8, 1.1, 0.95, 1.1), small=True)

    def stock(self, report: Report) -> Iterator[Block]:
        """What becomes of what stands today."""
        t, n, words = self.t, self.n, self.words
        stock = accounts.stock(self.instance, report)
        if not stock:
            return
        yield blocks.section(t("report.stock"))
        rows: list[list[Cell]] = []
        for row in stock:
            today = t("report.floor", design=words.name(row["design"]), area=n.unit("m2", row["gfa"]))
            then = ""
            if row["action"] != "close" and row["new_design"]:
                then = t("report.floor", design=words.name(row["new_design"]), area=n.unit("m2", row["new_gfa"]))
            rows.append([words.name(row["name"]), today, t(f"action.{row['action']}"), then])
        yield blocks.table(self.heads("name", "today", "action", "then"), rows, (2, 2.6, 0.9, 2.6), small=True)

    def parameters(self) -> Iterator[Block]:
        """Every figure with its source, and the sources."""
        t, n = self.t, self.n
        rows: list[list[Cell]] = []
        for row in accounts.parameters(self.instance):
            span = ""
            if row["low"] is not None and row["high"] is not None:
                span = t("report.range-value", low=n.exact(row["low"]), high=n.exact(row["high"]))
            told = t.or_id("reliability", row["reliability"])
            source: Cell = {"soft": True, "text": self.words.joined([told, str(row["year"] or ""), row["source"]])}
            rows.append([{"code": True, "text": row["name"]}, n.exact(row["value"]), row["unit"], span, source])
        if rows:
            yield blocks.section(t("report.parameters"))
            yield blocks.text(t("report.assumption-note"), soft=True)
            heads = [*self.heads("parameter", "#value", "unit", "range", "source")]
            yield {**blocks.table(heads, rows, (2.6, 0.9, 1.1, 1.1, 3.2), small=True), "tiny": True}
        openstreetmap = credits_openstreetmap(self.instance)
        if openstreetmap or self.instance.structure.sources:
            yield {**blocks.section(t("sources.heading")), "flow": bool(rows)}
        if openstreetmap:
            yield blocks.text(t("sources.openstreetmap"))
        for item in self.instance.structure.sources:
            told = self.words.joined([item.date, item.licence, item.note, item.url])
            yield {"kind": "source", "title": item.title, "text": told}


def price_lines(found: Record, words: Wording) -> list[str]:
    """The price of a plan against a reference in sentences, and the sites that differ."""
    t, n = words.t, words.n
    key = "dossier.price-more" if found["price"] >= 0 else "dossier.price-less"
    lines = [t(key, amount=n.money(abs(found["price"])), name=found["name"], share=n.percent(abs(found["share"]), 2))]
    if found["least"] is not None and found["most"] is not None:
        lines.append(t("dossier.price-proven", least=n.money(found["least"]), most=n.money(found["most"])))
    else:
        lines.append(t("dossier.price-unproven"))
    for key, sites in (("dossier.only-here", found["opened"]), ("dossier.only-there", found["closed"])):
        if sites:
            named = [words.name(site["names"]) for site in sites if site["level"] in SHEET_LEVELS]
            stations = len(sites) - len(named)
            lines.append(
                t(key, list=words.listed([*named, *([t("dossier.and-stations", count=stations)] if stations else [])]))
            )
    if not found["opened"] and not found["closed"]:
        lines.append(t("dossier.same-sites"))
    return lines
