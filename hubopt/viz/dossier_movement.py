"""Chapters of the dossier on how goods move and on the proof."""

from __future__ import annotations

from collections.abc import Iterator

from hubopt.check import Report
from hubopt.solution.types import Plan
from hubopt.viz import accounts, movement, timeline
from hubopt.viz import dossier_blocks as blocks
from hubopt.viz.dossier_blocks import Block, Cell
from hubopt.viz.dossier_sections import Chapters


class Movement:
    """The chapters that follow the goods; they share the words and charts of the others."""

    def __init__(self, chapters: Chapters) -> None:
        self.chapters = chapters
        self.instance, self.solution, self.words = chapters.instance, chapters.solution, chapters.words
        self.periods, self.t, self.n = chapters.periods, chapters.t, chapters.n

    def blocks(self, plan: Plan, report: Report) -> Iterator[Block]:
        """Flows, gateways, commodities, modes, in-city goods, outages and carbon."""
        t = self.t
        yield blocks.section(t("dossier.movement"))
        if "flows" in self.chapters.charts:
            yield blocks.text(t("report.flows-note"), soft=True)
            yield from self.chapters.chart("flows")
        yield from self._gateways(plan)
        yield from self._commodities(plan)
        yield from self.modes(plan)
        yield from self.exchange(plan)
        yield from self.outages(plan)
        yield from self._carbon(plan, report)

    def _gateways(self, plan: Plan) -> Iterator[Block]:
        t, n, words = self.t, self.n, self.words
        rows: list[list[Cell]] = []
        for row in accounts.gateways(self.instance, plan):
            capacity = t("popup.unlimited") if row["capacity"] is None else n.figures(row["capacity"])
            use: Cell = "" if row["use"] is None else blocks.bar(row["use"], n.percent(row["use"]))
            amounts = [n.figures(row[name]) for name in ("inbound", "outbound")]
            rows.append(
                [
                    words.name(row["name"]),
                    t.or_id("kind", row["kind"]),
                    *amounts,
                    n.percent(row["share"]),
                    capacity,
                    use,
                ]
            )
        if rows:
            yield blocks.heading(t("report.gateways"))
            heads = self.chapters.heads("name", "kind", "#inbound", "#outbound", "#share", "#capacity", "utilisation")
            yield blocks.table(heads, rows, (2.6, 1.3, 1, 1, 0.8, 1, 1.3), small=True)

    def _commodities(self, plan: Plan) -> Iterator[Block]:
        t, n, words = self.t, self.n, self.words
        rows: list[list[Cell]] = []
        for row in accounts.commodities(self.instance, plan):
            way = " › ".join(t(f"leg-end.{end}") for end in (*row["chain"], "zone"))
            share = row["delivered"] / row["demand"] if row["demand"] else 1.0
            rows.append(
                [
                    words.name(row["name"]),
                    t(f"direction.{row['direction']}"),
                    t.or_id("requirement", row["requirement"]),
                    way,
                    n.figures(row["demand"]),
                    n.figures(row["delivered"]),
                    n.percent(share, 2),
                ]
            )
        yield blocks.heading(t("report.commodities"))
        heads = self.chapters.heads("name", "direction", "requirement", "chain", "#demand", "#delivered", "#served")
        yield blocks.table(heads, rows, (2.2, 0.9, 0.9, 2.2, 0.9, 0.9, 0.9), small=True)

    def modes(self, plan: Plan) -> Iterator[Block]:
        """What the modes carry in every period."""
        t, n, words = self.t, self.n, self.words
        by_period = {
            period: {row["name"]["en"]: row for row in movement.modes(self.instance, plan, period)}
            for period in self.periods
        }
        last = by_period[self.periods[-1]]
        rows: list[list[Cell]] = [
            [
                words.name(row["name"]),
                t.or_id("mode", row["kind"]),
                *(n.figures(by_period[period].get(name, {}).get("t_d", 0.0)) for period in self.periods),
                t("popup.unlimited") if row["capacity"] is None else n.figures(row["capacity"]),
                n.figures(row["t_km"]),
                blocks.bar(row["share"], n.percent(row["share"])),
            ]
            for name, row in last.items()
        ]
        if rows:
            tonnes = (
                [t("report.tonnes")]
                if len(self.periods) == 1
                else [f"{t('report.tonnes')} {period}" for period in self.periods]
            )
            heads = [
                *self.chapters.heads("mode", "kind"),
                *("#" + head for head in tonnes),
                *self.chapters.heads("#capacity", "#tonne-km", "work-share"),
            ]
            yield blocks.heading(t("report.modes"))
            yield blocks.table(heads, rows, (2, 1, *[0.9] * len(tonnes), 1, 1, 1.3), small=True)

    def exchange(self, plan: Plan) -> Iterator[Block]:
        """In-city goods of every period."""
        t, n, words = self.t, self.n, self.words
        rows: list[list[Cell]] = [
            [
                words.name(row["name"]),
                *self._period(period),
                *(n.figures(row[name]) for name in ("total", "inside", "between")),
                n.percent(row["share"]),
            ]
            for period in self.periods
            for row in movement.exchanges(self.instance, plan, period)
        ]
        if rows:
            yield blocks.heading(t("report.exchange"))
            yield blocks.text(t("report.exchange-note"), soft=True)
            heads = self.chapters.heads("name", *self._head(), "#in-city", "#inside", "#across", "#across-share")
            yield blocks.table(heads, rows, (2.4, *[0.8] * len(self._head()), 1, 1.2, 1.2, 1.1), small=True)

    def _head(self) -> list[str]:
        return ["period"] if len(self.periods) > 1 else []

    def _period(self, period: str) -> list[str]:
        return [period] if len(self.periods) > 1 else []

    def outages(self, plan: Plan) -> Iterator[Block]:
        """What takes over in an outage, in every period."""
        t, n, words = self.t, self.n, self.words
        rows: list[list[Cell]] = []
        for period in self.periods:
            for row in movement.outages(self.instance, self.solution.policy, plan, period):
                takers = [
                    t("report.taker", name=words.name(name), amount=n.unit("t_d", amount))
                    for name, amount in row["takers"]
                ]
                takers += [t("popup.more", count=row["others"])] if row["others"] else []
                served = blocks.bar(row["share"], n.percent(row["share"]))
                rows.append(
                    [
                        words.name(row["name"]),
                        *self._period(period),
                        t(f"level.{row['kind']}"),
                        served,
                        n.percent(row["least"]),
                        words.listed(takers),
                    ]
                )
        if rows:
            yield blocks.heading(t("report.outages"))
            yield blocks.text(t("report.outages-note"), soft=True)
            heads = self.chapters.heads("out", *self._head(), "kind", "still-served", "#least", "takers")
            yield blocks.table(heads, rows, (1.7, *[0.7] * len(self._head()), 1, 1.2, 0.7, 3), small=True)

    def _carbon(self, plan: Plan, report: Report) -> Iterator[Block]:
        t, n, words = self.t, self.n, self.words
        last = timeline.in_period(self.instance, report.kpi, self.periods[-1])
        total = last["kgco2e_year.total"]

        def share(kg: float) -> Cell:
            part = kg / total if total else 0.0
            return blocks.bar(part, n.percent(part))

        rows: list[list[Cell]] = [
            [
                words.leg(row["leg"]),
                n.figures(row["t_d"]),
                n.figures(row["t_km"]),
                n.figures(row["km"]),
                n.figures(row["kg"] / 1000),
                share(row["kg"]),
            ]
            for row in movement.carbon(self.instance, plan, last)
        ]
        causes = (
            ("empty", "report.empty-of-which"),
            ("handling", "report.handling"),
            ("building", "report.building"),
            ("beyond", "cost.beyond"),
        )
        for cause, key in causes:
            kg = last.get(f"kgco2e_year.{cause}", 0.0)
            if kg:
                rows.append([t(key), "", "", "", n.figures(kg / 1000), share(kg)])
        rows.append([t("report.total"), "", "", "", n.figures(total / 1000), ""])
        yield blocks.heading(t("report.carbon"))
        heads = self.chapters.heads("leg", "#tonnes", "#tonne-km", "#mean-km", "#carbon-t", "share")
        yield blocks.table(heads, rows, (2.4, 1, 1.2, 1, 1.2, 1.4), total=True, small=True)

    def proof(self) -> Iterator[Block]:
        """The method in words, how the run went, and its figures."""
        t, n, proof = self.t, self.n, self.solution.proof
        yield blocks.section(t("dossier.method"))
        for key in ("dossier.method-1", "dossier.method-2", "dossier.method-3", "dossier.method-4"):
            yield blocks.text(t(key))
        yield blocks.heading(t("report.proof"))
        yield from self.chapters.chart("proof")
        yield from self.chapters.chart("gap")
        phases = [
            f"{t.or_id('phase', phase.replace(' ', '-'))} {n.unit('seconds', s)}" for phase, s in proof.seconds.items()
        ]
        versions = self.words.listed(f"{name} {version}" for name, version in proof.versions.items())
        yield blocks.heading(t("dossier.run"))
        yield blocks.facts(
            [
                (t("report.status"), t(f"status.{proof.status}")),
                (t("report.limit-reached"), t(f"limit.{proof.limit}")),
                (t("report.objective"), n.full_money(proof.objective)),
                (t("report.lower-bound"), n.full_money(proof.bound)),
                (t("report.gap"), n.percent(proof.gap, 3)),
                (t("report.gap-asked"), n.percent(proof.gap_asked, 3)),
                (t("report.method"), t.or_id("method", proof.method)),
                (t("report.time"), self.words.listed(phases)),
                (t("report.threads"), str(proof.threads)),
                (t("report.seed"), str(proof.seed)),
                (t("report.versions"), versions),
                (t("report.hash"), {"code": True, "text": proof.instance_sha256}),
            ]
        )
