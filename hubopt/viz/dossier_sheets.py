"""The page of a hub or transfer centre in the dossier and in the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hubopt.instance.types import Instance
from hubopt.solution.site_prices import SitePrice, SitePrices
from hubopt.viz import dossier_blocks as blocks
from hubopt.viz.dossier_blocks import Block, Cell
from hubopt.viz.explained import Explained
from hubopt.viz.insets import Drawing
from hubopt.viz.values import names_of, rows_of
from hubopt.viz.wording import Wording

Record = dict[str, Any]


@dataclass(frozen=True)
class Prices:
    """What has been computed about doing without sites; None: not computed."""

    sites: SitePrices | None = None
    explained: Explained | None = None


def sheet_block(
    sheet: Record, words: Wording, prices: Prices, maps: Mapping[str, Drawing], names: Mapping[str, str]
) -> Block:
    """The page of a site; ``maps`` has its drawings by file name, ``names`` those of all sites by id."""
    t, n = words.t, words.n
    kicker = words.joined(
        [
            t(f"level.{sheet['level']}"),
            words.name(sheet["type"]) if sheet["type"] else "",
            words.region(sheet["district"]),
            t(f"action.{sheet['action']}"),
            t("report.synthetic-mark") if sheet["synthetic"] else "",
        ]
    )
    parts: list[Block] = [
        blocks.cards(
            [
                (t("report.site-cost"), n.money(sheet["total"]), ""),
                (t("popup.throughput"), n.unit("t_d", sheet["throughput"]), ""),
                (t("report.utilisation"), n.percent(sheet["utilisation"], 0), ""),
                (t("popup.land"), n.unit("ha", sheet["land"]), ""),
                (t("report.invested"), n.money(sheet["investment"]), ""),
            ],
            columns=5,
        ),
        blocks.columns(_map_blocks(sheet, words, maps), [_facts(sheet, words)], widths=(1.15, 1.0)),
        blocks.columns([blocks.heading(t("dossier.costs")), _costs(sheet, words)], _goods(sheet, words)),
    ]
    if sheet["periods"]:
        parts += [blocks.heading(t("popup.course")), _periods(sheet, words)]
    parts += [blocks.columns(_links(sheet["sources"], words, upper=True), _links(sheet["takers"], words, upper=False))]
    parts += [
        blocks.heading(t("dossier.without")),
        *(blocks.text(line) for line in without(sheet["site"], names, words, prices)),
    ]
    return blocks.sheet(sheet["site"], kicker, words.name(sheet["names"]), words.other_name(sheet["names"]), parts)


def _map_blocks(sheet: Record, words: Wording, maps: Mapping[str, Drawing]) -> list[Block]:
    t, n = words.t, words.n
    found, outlined = [], f"parcel-{sheet['site']}.svg" in maps
    for kind, key in (("site", "dossier.map"), ("parcel", "dossier.parcel-map")):
        drawing = maps.get(file := f"{kind}-{sheet['site']}.svg")
        if drawing is not None:
            caption = t(key, km=n.unit("km", drawing.bar_km))
            if kind == "site":
                caption += " " + t("dossier.outline" if outlined else "dossier.outline-none")
            wide = 62.0 if kind == "parcel" else 100.0
            found.append(blocks.image(file, words.name(sheet["names"]), caption=caption, width=wide))
    return found or [blocks.text(t("dossier.no-map"), soft=True)]


def _facts(sheet: Record, words: Wording) -> Block:
    t, n, served = words.t, words.n, sheet["catchment"]
    key = "dossier.serves-hub" if sheet["level"] == "hub" else "dossier.serves-utc"
    people = n.unit("persons", served["people"])
    counts = {name: n.figures(served[name]) for name in ("centres", "stations")}
    used = n.unit("ha", sheet["land"])
    rows: list[tuple[str, Cell]] = [
        (t("dossier.design"), t("dossier.storeys", design=words.name(sheet["design"]), count=sheet["storeys"])),
        (
            t("dossier.floor"),
            t("dossier.size", gfa=n.unit("m2", sheet["gfa"]), modules=n.unit("modules", sheet["modules"])),
        ),
        (
            t("popup.land"),
            used if sheet["available"] is None else t("dossier.land", used=used, all=n.unit("ha", sheet["available"])),
        ),
        (t("dossier.capacity"), n.unit("t_d", sheet["capacity"])),
        (t("dossier.serves"), t(key, zones=n.figures(len(served["zones"])), people=people, **counts)),
        (t("dossier.staff"), t("dossier.persons", count=n.figures(sheet["staff"]))),
        (t("dossier.emissions"), t("report.tonnes-year", value=n.figures(sheet["carbon"]))),
    ]
    if sheet["land_price"] is not None:
        rows.append((t("dossier.land-price"), t("dossier.per-m2", amount=n.money(sheet["land_price"]))))
    if sheet["operator"]:
        rows.append((t("dossier.operator"), sheet["operator"]))
    if sheet["score"] is not None:
        rows.append((t("dossier.score"), t("dossier.score-value", value=n.figures(sheet["score"]))))
    if sheet["forced"]:
        rows.append((t("dossier.forced"), t(f"popup.forced-{sheet['forced']}")))
    if sheet["source"] or sheet["reliability"]:
        told = t.or_id("reliability", sheet["reliability"]) if sheet["reliability"] else ""
        rows.append((t("dossier.data"), {"soft": True, "text": words.joined([told, sheet["source"]])}))
    return blocks.facts(rows)


def _costs(sheet: Record, words: Wording) -> Block:
    t, n = words.t, words.n
    total = sheet["total"]
    rows: list[list[Cell]] = [
        [t(f"cost.{part}"), n.money(value), n.percent(value / total if total else 0.0)]
        for part, value in sheet["cost"].items()
        if value
    ]
    rows.append([t("report.total"), n.money(total), ""])
    return blocks.table(
        [t("report.part"), "#" + t("report.amount"), "#" + t("report.share")], rows, (2, 1.4, 1), total=True, small=True
    )


def _goods(sheet: Record, words: Wording) -> list[Block]:
    t, n = words.t, words.n
    rows = [
        [words.name(item["names"]), t(f"direction.{item['direction']}"), n.figures(item["t_d"])]
        for item in sheet["handled"]
    ]
    heads = [t("dossier.goods-name"), t("report.direction"), "#" + t("dossier.tonnes")]
    return [blocks.heading(t("dossier.goods")), blocks.table(heads, rows, (2.6, 1, 0.9), small=True)]


def _links(links: list[Record], words: Wording, *, upper: bool) -> list[Block]:
    t, n = words.t, words.n
    found: list[Block] = []
    for link in links:
        end = link["leg"].partition("-")[0 if upper else 2]
        title = t("dossier.from", upper=t(f"leg-end.{end}")) if upper else t("dossier.to", lower=t(f"leg-end.{end}"))
        summed = t("dossier.link-sum", count=n.figures(link["count"]), km=n.unit("km", link["km"]))
        rows: list[list[Cell]] = [
            [
                words.name(item["names"]),
                words.listed(words.name(mode) for mode in item["modes"]),
                n.figures(item["t_d"]),
                n.figures(item["km"]),
                n.figures(item["minutes"]),
            ]
            for item in link["largest"]
        ]
        if link["others"]:
            rows.append([{"soft": True, "text": t("dossier.others", count=link["others"])}, "", "", "", ""])
        rows.append([summed, "", n.figures(link["t_d"]), "", n.figures(link["minutes"])])
        heads = [
            title,
            t("dossier.mode"),
            *("#" + t(key) for key in ("dossier.tonnes", "dossier.km", "dossier.minutes")),
        ]
        found.append(blocks.table(heads, rows, (2.5, 1.5, 0.9, 0.65, 0.65), total=True, small=True))
    return found


def _periods(sheet: Record, words: Wording) -> Block:
    t, n = words.t, words.n
    heads = [
        t("report.period"),
        t("report.action"),
        *(
            "#" + t(f"report.{key}")
            for key in ("modules", "gfa", "land-ha", "throughput", "utilisation", "investment", "site-cost")
        ),
    ]
    rows: list[list[Cell]] = [
        [
            row["period"],
            t(f"action.{row['action']}"),
            n.figures(row["modules"]),
            n.figures(row["gfa"]),
            n.figures(row["land"]),
            n.figures(row["throughput"]),
            n.percent(row["utilisation"], 0),
            n.money(row["investment"]),
            n.money(row["cost"]),
        ]
        for row in sheet["periods"]
    ]
    return blocks.table(heads, rows, (1, 1.2, 0.8, 1.1, 0.8, 1.1, 0.9, 1.3, 1.3), small=True)


def without(site: str, names: Mapping[str, str], words: Wording, prices: Prices) -> list[str]:
    """What is known about doing without a site, or how to find out; ``names`` of all sites by id, in this language."""
    t, n = words.t, words.n
    own = [item for item in prices.sites.sites if item.site == site and item.action == "out"] if prices.sites else []
    found = [line for item in own if (line := _price(item, words))] or [t("dossier.without-none")]
    search = None if prices.explained is None else prices.explained.alternatives
    if search is None:
        return [*found, t("dossier.alternatives-none")]
    lines = [
        t(
            "dossier.alternative",
            extra=n.money(item.extra),
            share=n.percent(item.extra_share, 2),
            opened=words.listed(names.get(name, name) for name in item.opened) or t("dossier.nothing"),
            closed=words.listed(names.get(name, name) for name in item.closed),
        )
        for item in search.found
        if site in item.closed
    ]
    return [*found, *(lines or [t("dossier.alternative-none", within=n.percent(search.within))])]


def _price(item: SitePrice, words: Wording) -> str:
    t, n = words.t, words.n
    if item.possible is False:
        return t("dossier.without-impossible")
    if item.kind == "rest-stays":
        return (
            t("dossier.without-change")
            if item.estimate is None
            else t("dossier.without-estimate", estimate=n.money(item.estimate))
        )
    if item.least is None or item.most is None:
        return ""
    interval = t("dossier.least-most", least=n.money(item.least), most=n.money(item.most))
    return t("dossier.without-solved", interval=interval, estimate=n.money(item.estimate))


def site_names(instance: Instance, words: Wording) -> dict[str, str]:
    """Names of all sites by id in this language."""
    return {str(row["id"]): words.name(names_of(row)) for row in rows_of(instance.sites)}
