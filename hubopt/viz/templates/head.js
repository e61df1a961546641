"use strict";
/* The panel's head and foot: what the case is, how good the answer is, what the page must say about its data. */
(() => {
  const { data, t, name, el, format, unit, now } = hubopt;
  const { money, percent, figures } = format;

  hubopt.title = () => {
    const other = hubopt.lang === "en" ? "zh" : "en";
    return el("header", {},
      el("div", { class: "top" },
        el("span", { class: "kicker" }, t("brand.kicker")),
        el("button", { type: "button", id: "language", lang: other === "zh" ? "zh-CN" : "en", title: t("language.switch"), onclick: () => hubopt.setLanguage(other) }, t("language.other"))),
      el("h1", {}, name(data.instance.name)),
      el("p", { class: "policy" }, t("map.policy", { name: name(data.policy) })));
  };

  hubopt.notes = () => {
    const rows = [];
    if (data.instance.synthetic) rows.push(t("map.synthetic-case"));
    else if (Object.keys(data.synthetic).length) {
      const parts = Object.entries(data.synthetic).map(([table, [count, all]]) => t("map.synthetic-" + table, { count: figures(count), all: figures(all) }));
      rows.push(t("map.synthetic-rows", { list: parts.join(t("map.separator")) }));
    }
    if (!data.solved) rows.push(t("map.no-plan"));
    if (data.schematic) rows.push(t("map.schematic"));
    if (data.unplaced) rows.push(t("map.unplaced", { count: figures(data.unplaced) }));
    return rows.map((text) => el("p", { class: "note" }, text));
  };

  hubopt.headline = () => {
    const { proof, total } = data;
    const several = data.periods.length > 1;
    const kpi = several ? now().kpi : data.kpi;
    const card = (key, value) => (value === null ? null : el("div", {}, el("dt", {}, t(key)), el("dd", {}, value)));
    const known = (value) => value !== null && value !== undefined;
    const standing = [
      card("map.served", known(kpi.served) ? percent(kpi.served, 1) : null),
      card("map.land", known(kpi.land) ? unit("ha", kpi.land) : null),
      several && known(kpi.investment) ? card("map.investment", money(kpi.investment)) : null,
      several && known(kpi.cost) ? card("map.period-cost", t("money.per-year", { amount: money(kpi.cost) })) : null,
    ];
    return [
      el("p", { class: "status " + proof.status }, t("status." + proof.status),
        proof.limit === "none" ? null : el("small", {}, " · " + t("limit." + proof.limit))),
      el("dl", { class: "cards" },
        card("map.cost", known(total) ? t("money.per-year", { amount: money(total) }) : null),
        card("map.gap", known(proof.gap) ? percent(proof.gap, 2) : null),
        several ? null : standing),
      data.unmet > 0 ? el("p", { class: "penalty" }, t("map.without-penalty", { amount: money(data.unmet) })) : null,
      several && hubopt.period >= 0 ? el("dl", { class: "cards of-period" }, standing) : null,
    ];
  };

  hubopt.sources = () => {
    const line = (source) => el("li", {},
      source.url ? el("a", { href: source.url, rel: "noopener noreferrer", target: "_blank" }, source.title) : source.title,
      el("small", {}, [source.date, source.licence, source.note].filter(Boolean).join(" · ")));
    return el("details", { id: "sources" }, el("summary", {}, t("sources.heading")),
      data.instance.description ? el("p", {}, data.instance.description) : null,
      el("ul", {}, data.openstreetmap ? el("li", {}, t("sources.openstreetmap")) : null, data.sources.map(line)),
      el("p", {}, t("brand.made-with", { version: data.version })));
  };
})();
