"""The first page of the dossier: what the plan is, what it costs, and what it is worth, at one glance."""

from __future__ import annotations

from collections.abc import Iterator

from hubopt.viz import accounts
from hubopt.viz import dossier_blocks as blocks
from hubopt.viz.credits import synthetic_counts
from hubopt.viz.dossier_blocks import Block
from hubopt.viz.insets import Drawing
from hubopt.viz.subject import Subject
from hubopt.viz.values import names_of
from hubopt.viz.wording import Wording


def cover(subject: Subject, words: Wording, network: Drawing | None) -> Iterator[Block]:
    """The blocks of the first page, with the map of the network if there is one."""
    t, n, instance = words.t, words.n, subject.instance
    names = names_of(instance.info.model_dump())
    yield {
        "kind": "cover",
        "kicker": t("brand.kicker"),
        "title": words.name(names),
        "other": words.other_name(names),
        "lead": words.joined(
            [t("dossier.kicker"), t("map.policy", name=words.name(names_of(subject.solution.policy.model_dump())))]
        ),
    }
    yield from (blocks.note(line) for line in notes(subject, words))
    if subject.found is None:
        return
    yield blocks.cards(_figures(subject, words), columns=4)
    if network is not None:
        caption = t("dossier.network", km=n.unit("km", network.bar_km))
        legend = [
            [level, t(f"levels.{level}") if level != "gateway" else t("report.gateways")]
            for level in ("gateway", "hub", "utc", "station")
        ]
        yield {**blocks.image("network.svg", caption, caption=caption), "legend": legend}
    else:
        yield blocks.text(t("dossier.no-map"), soft=True)
    yield blocks.heading(t("dossier.verdicts"))
    yield from verdicts(subject, words)


def notes(subject: Subject, words: Wording) -> Iterator[str]:
    """What must be known before anything is read: made-up data, no network, which period tables show."""
    t, n, instance = words.t, words.n, subject.instance
    counted = synthetic_counts(instance)
    if instance.info.synthetic:
        yield t("report.synthetic-case")
    elif counted:
        parts = [
            t(f"map.synthetic-{table}", count=n.figures(count), all=n.figures(total))
            for table, (count, total) in counted.items()
        ]
        yield t("map.synthetic-rows", list=words.listed(parts))
    if subject.found is None:
        yield t("report.no-plan")
    elif len(instance.structure.periods) > 1:
        yield t("report.as-of", period=accounts.last_period(instance))


def _figures(subject: Subject, words: Wording) -> list[tuple[str, str, str]]:
    t, n, instance, proof = words.t, words.n, subject.instance, subject.solution.proof
    assert subject.report is not None
    kpi, cost = subject.report.kpi, accounts.cost(subject.report)
    total, unmet = sum(cost.values()), round(cost["unmet"])
    below = t("map.without-penalty", amount=n.money(unmet)) if unmet else ""
    found = [(t("report.total-cost"), n.money(total), below)]
    if "cost_cny_t" in kpi:
        found.append((t("report.cost-t"), t("report.per-tonne", amount=n.money(kpi["cost_cny_t"])), ""))
    found += [
        (t("report.served"), n.percent(kpi["served_share"], 2), ""),
        (t("report.gap-card"), n.percent(proof.gap, 2), ""),
        *((t(f"levels.{row['level']}"), n.figures(row["open"]), "") for row in accounts.counts(instance, kpi)),
        (t("report.land-used"), n.unit("ha", kpi["land_ha.total"]), ""),
        (t("report.invested"), n.money(kpi["investment_cny"]), ""),
        (t("report.emissions"), t("report.tonnes-year", value=n.figures(kpi["kgco2e_year.total"] / 1000)), ""),
    ]
    if kpi.get("staff.total"):
        found.append((t("report.staff"), n.figures(kpi["staff.total"]), ""))
    if kpi.get("stock.gfa_m2"):
        found.append((t("report.stock-share"), n.percent(kpi["stock.share"]), ""))
    return found[:12]


def verdicts(subject: Subject, words: Wording) -> Iterator[Block]:
    """Proof, check and each standard in a line."""
    t, n, proof, report = words.t, words.n, subject.solution.proof, subject.report
    if report is None:
        return
    yield blocks.verdict(t("dossier.checked") if report.ok else t("dossier.refused"), report.ok)
    if report.ok and proof.gap is not None:
        yield blocks.verdict(t("dossier.proven", gap=n.percent(proof.gap, 2)), True)
    elif proof.gap is None:
        yield blocks.verdict(t("dossier.unproven"), False)
    for row in accounts.targets(subject.instance, report.kpi):
        if row["reached"] is None:
            continue
        told = {
            "name": words.name(row["name"]),
            "limit": n.unit(row["measure"], row["limit"]),
            "reached": n.percent(row["reached"], 2),
        }
        if row["required"] > 0:
            good = row["reached"] >= row["required"] - 1e-6
            yield blocks.verdict(t("dossier.standard-met", **told, required=n.percent(row["required"])), good)
        else:
            yield {**blocks.verdict(t("dossier.standard-measured", **told), True), "neutral": True}
