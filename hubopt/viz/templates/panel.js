"use strict";
/* The panel: what the case is, how good the answer is, search, and one legend whose rows switch the layers. */
(() => {
  const { data, t, name, el, format, unit, now } = hubopt;
  const { money, percent, figures } = format;
  const panel = document.getElementById("panel");

  /* --- layers --------------------------------------------------------------------------------------------------- */

  hubopt.toggle = (layer, on) => {
    const { map, groups } = hubopt;
    if (on) map.addLayer(groups[layer]);
    else map.removeLayer(groups[layer]);
    const box = document.getElementById("layer-" + layer);
    if (box) box.checked = on;
    hubopt.inOrder();
    hubopt.label();
  };

  const toggle = (layer, label, ...swatches) => el("label", { class: "toggle" },
    el("input", { type: "checkbox", id: "layer-" + layer, checked: hubopt.map.hasLayer(hubopt.groups[layer]), onchange: (event) => hubopt.toggle(layer, event.target.checked) }),
    el("span", {}, label), el("span", { class: "swatches" }, swatches));
  const section = (key, ...rows) => el("section", {}, el("h2", {}, t(key)), rows);
  const sample = (swatch, text) => el("div", { class: "sample" }, el("span", { class: "swatch" }, swatch), el("span", {}, text));
  const square = (colour) => el("i", { class: "square", style: { background: colour } });

  const opened = (level) => now().facilities.filter((facility) => facility.action !== "close" && data.sites[facility.site].level === level);

  function facilities() {
    const rows = [];
    for (const level of ["hub", "utc", "station"]) {
      if (!data.sites.some((site) => site.level === level)) continue;
      const open = opened(level);
      rows.push(toggle(level, t("levels." + level) + " (" + figures(open.length) + ")", hubopt.dot(data.endColours[level], 5)));
      const used = Object.keys(data.designColours[level]).filter((id) => open.some((facility) => facility.design === id));
      for (const id of used) rows.push(sample(hubopt.dot(data.designColours[level][id], 5), name(data.designs[id])));
    }
    if (now().facilities.some((facility) => facility.action === "close")) rows.push(toggle("closed", t("layer.closed"), hubopt.disc("", "close", 5)));
    rows.push(toggle("candidates", t("layer.candidates"), hubopt.dot("#c3c8cd", 4)));
    if (data.gateways.length) rows.push(toggle("gateways", t("layer.gateways")), kinds());
    return section("layer.facilities", rows, rings(), sizes());
  }
  function kinds() {
    const used = [...new Set(data.gateways.map((gateway) => gateway.kind))];
    return el("div", { class: "kinds" }, used.map((kind) => el("span", {}, el("span", { class: "gateway " + kind }, hubopt.pictogram(kind, 13)), t("kind." + kind))));
  }
  function rings() {
    const used = ["new", "keep", "expand", "upgrade", "close"].filter((action) => now().facilities.some((facility) => facility.action === action));
    if (!used.length) return null;
    return [el("h3", {}, t("legend.ring")), el("div", { class: "row" }, used.map((action) => el("span", {}, hubopt.disc(action === "new" ? "#8a949e" : "#c9d3dc", action, 6), t("action." + action))))];
  }
  function sizes() {
    const steps = data.scales.radius.steps;
    if (!steps.length) return null;
    return [el("h3", {}, t("legend.size")), el("div", { class: "row" }, steps.map((value) => el("span", {}, hubopt.dot("#8a949e", hubopt.scaled(value, data.scales.radius)), figures(value))))];
  }

  function flows() {
    if (!data.legs.length) return null;
    const steps = data.scales.width.steps;
    return section("layer.flows",
      data.legs.map((leg) => toggle("flow-" + leg, hubopt.legTitle(leg), hubopt.stroke(hubopt.legColour(leg), 3))),
      modes(),
      steps.length ? [el("h3", {}, t("legend.width")), el("div", { class: "row" }, steps.map((value) => el("span", {}, hubopt.stroke("#8a949e", hubopt.scaled(value, data.scales.width)), figures(value))))] : null);
  }

  /* What carries the goods, where it is not only the road. */
  function modes() {
    const used = [...new Set(data.periods.flatMap((period) => period.flows.flatMap((flow) => flow.modes.map((mode) => data.modes[mode].kind))))];
    const others = used.filter((kind) => !hubopt.isRoad(kind));
    if (!others.length) return null;
    const row = (kind) => el("span", {}, hubopt.stroke("#55606b", 2.5, 34, hubopt.DASHES[kind]), t("mode." + kind));
    return [el("h3", {}, t("legend.mode")), el("div", { class: "row" }, others.length < used.length ? row("road") : null, others.map(row))];
  }

  function service() {
    const legend = el("div", { class: "shades" });
    const refresh = () => legend.replaceChildren(...hubopt.shading.rows().map(([colour, text]) => sample(square(colour), text)));
    const choose = (event) => {
      hubopt.shading = hubopt.shadings[event.target.selectedIndex];
      hubopt.reshade();
      refresh();
    };
    const select = el("select", { id: "shading", "aria-label": t("layer.zones"), onchange: choose },
      hubopt.shadings.map((shading) => el("option", { selected: shading === hubopt.shading }, shading.label())));
    refresh();
    return section("layer.service", toggle("zones", t("layer.zones")), select, legend);
  }

  function base() {
    const layers = ["districts", "roads", "expressways"].filter((layer) => layer in data.base);
    return section("layer.base", toggle("labels", t("layer.labels")), layers.map((layer) => toggle(layer, t("layer." + layer))));
  }

  /* --- title, notes, headline ----------------------------------------------------------------------------------- */

  function title() {
    const other = hubopt.lang === "en" ? "zh" : "en";
    return el("header", {},
      el("div", { class: "top" },
        el("span", { class: "kicker" }, t("brand.kicker")),
        el("button", { type: "button", id: "language", lang: other === "zh" ? "zh-CN" : "en", title: t("language.switch"), onclick: () => hubopt.setLanguage(other) }, t("language.other"))),
      el("h1", {}, name(data.instance.name)),
      el("p", { class: "policy" }, t("map.policy", { name: name(data.policy) })));
  }

  function notes() {
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
  }

  function headline() {
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
      several ? [periods(), el("dl", { class: "cards" }, standing)] : null,
    ];
  }

  function periods() {
    const choose = (event) => {
      hubopt.period = event.target.selectedIndex;
      hubopt.map.closePopup();
      hubopt.draw();
      hubopt.render();
    };
    return el("label", { class: "period" }, t("map.period"), el("select", { id: "period", onchange: choose },
      data.periods.map((period, i) => el("option", { selected: i === hubopt.period }, period.id))));
  }

  function sources() {
    const line = (source) => el("li", {},
      source.url ? el("a", { href: source.url, rel: "noopener noreferrer", target: "_blank" }, source.title) : source.title,
      el("small", {}, [source.date, source.licence, source.note].filter(Boolean).join(" · ")));
    return el("details", { id: "sources" }, el("summary", {}, t("sources.heading")),
      data.instance.description ? el("p", {}, data.instance.description) : null,
      el("ul", {}, data.openstreetmap ? el("li", {}, t("sources.openstreetmap")) : null, data.sources.map(line)),
      el("p", {}, t("brand.made-with", { version: data.version })));
  }

  hubopt.render = () => {
    const scroll = panel.scrollTop;
    const open = document.getElementById("sources")?.open;
    panel.replaceChildren(...[title(), notes(), headline(), hubopt.searchBox(), facilities(), flows(), service(), base(), sources()].flat(Infinity).filter(Boolean));
    document.getElementById("sources").open = Boolean(open);
    panel.scrollTop = scroll;
    const fold = document.getElementById("fold");
    fold.title = t(document.body.classList.contains("folded") ? "map.panel-show" : "map.panel-hide");
    fold.setAttribute("aria-label", fold.title);
    hubopt.label();
  };

  hubopt.panelWidth = () => (document.body.classList.contains("folded") || innerWidth < 640 ? 0 : panel.offsetWidth + 12);
})();
