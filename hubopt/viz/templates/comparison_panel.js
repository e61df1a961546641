"use strict";
/* The panel: the two results, the switch of views, figures, and lists of changes that fly to the place. */
(() => {
  const { data, t, name, el, format, unit } = hubopt;
  const { figures, money, percent } = format;
  const panel = document.getElementById("panel");
  const LISTED = 10;
  const whole = new Set();
  const letter = (side) => el("span", { class: "letter" }, "AB"[side]);

  function title() {
    const other = hubopt.lang === "en" ? "zh" : "en";
    return el("header", {},
      el("div", { class: "top" }, el("span", { class: "kicker" }, t("comparison.kicker")),
        el("button", { type: "button", id: "language", lang: other === "zh" ? "zh-CN" : "en", title: t("language.switch"), onclick: () => hubopt.setLanguage(other) }, t("language.other"))),
      el("h1", {}, name(data.instance.name)),
      el("ul", { class: "results" }, data.sides.map((side, i) => el("li", {}, letter(i), el("span", {}, side.name,
        el("small", {}, [t("map.policy", { name: name(side.policy) }), t("status." + side.status)].join(" · ")))))));
  }

  function notes() {
    const { onlyFirst, onlySecond, moved, periods, instance } = data.unmatched;
    const list = (counts) => Object.entries(counts).map(([table, count]) => t("comparison.of-" + table, { count: figures(count) })).join(t("map.separator"));
    const rows = [
      instance ? t("comparison.other-instance") : null,
      ...[["comparison.only-first", onlyFirst], ["comparison.only-second", onlySecond], ["comparison.moved", moved]]
        .map(([key, counts]) => (Object.keys(counts).length ? t(key, { list: list(counts) }) : null)),
      periods ? t("comparison.periods-left", { count: figures(periods) }) : null,
      data.schematic ? t("map.schematic") : null,
    ];
    return rows.filter(Boolean).map((text) => el("p", { class: "note" }, text));
  }

  const views = () => el("div", { class: "switch", role: "group", "aria-label": t("comparison.view") }, ["sides", "difference"].map((view) => el("button", {
    type: "button", id: "show-" + view, "aria-pressed": String(hubopt.view === view), onclick: () => hubopt.look(view) }, t("comparison.view-" + view))));

  function slider() {
    if (data.pairs.length < 2) return null;
    const go = (i) => { hubopt.pair = i; hubopt.redraw(); hubopt.render(); };
    return el("section", { class: "time" },
      el("div", { class: "slide" }, el("input", { type: "range", id: "pair", min: 0, max: data.pairs.length - 1, value: hubopt.pair, "aria-label": t("map.period"), oninput: (event) => go(Number(event.target.value)) })),
      el("div", { class: "ticks" }, data.pairs.map((pair, i) => el("button", { type: "button", class: i === hubopt.pair ? "now" : "", onclick: () => go(i) }, pair.period))));
  }

  const shown = {
    money, count: figures, percent: (value) => percent(value, 1), ha: (value) => unit("ha", value), m2: (value) => unit("m2", value), kg: (value) => unit("tonnes-year", value / 1000),
  };
  function delta(row) {
    const [a, b] = row.values;
    if (a === null || b === null || a === undefined || b === undefined) return format.number(null);
    const change = b - a;
    if (Math.abs(change) <= 1e-9 * Math.max(1, Math.abs(a))) return "=";
    const text = row.unit === "percent" ? t("comparison.points", { value: format.number(100 * Math.abs(change), 1) }) : shown[row.unit](Math.abs(change));
    return (change > 0 ? "+" : "−") + text;
  }
  function numbers() {
    const rows = data.figures[hubopt.pair];
    const table = el("table", { class: hubopt.allParts ? "figures all" : "figures" },
      el("thead", {}, el("tr", {}, el("td", {}), ["A", "B"].map((side) => el("th", { scope: "col" }, side)), el("th", { scope: "col" }, t("comparison.delta")))),
      el("tbody", {}, rows.map((row) => el("tr", { class: row.part ? "part" : "" }, el("th", { scope: "row" }, row.key ? t(row.key) : name(row.name)),
        row.values.map((value) => el("td", {}, value === null || value === undefined ? format.number(null) : shown[row.unit](value))),
        el("td", { class: "delta" }, delta(row))))));
    const more = hubopt.link(t(hubopt.allParts ? "comparison.fewer-parts" : "comparison.all-parts"), () => { hubopt.allParts = !hubopt.allParts; hubopt.render(); });
    return [table, rows.some((row) => row.part) ? el("p", { class: "hint" }, more) : null];
  }

  /* --- what changes --------------------------------------------------------------------------------------------- */

  const opened = new Set(["opened", "closed"]);
  function change(layer, label, swatch, list, amount) {
    const row = (one) => el("li", {}, one.thing.at ? hubopt.link(name(one.thing.name), () => hubopt.goTo(one)) : name(one.thing.name), el("span", {}, amount(one)));
    const box = el("input", { type: "checkbox", id: "layer-" + layer, checked: !hubopt.off.has(layer), "aria-label": label, onclick: (event) => event.stopPropagation(), onchange: (event) => hubopt.toggleChange(layer, event.target.checked) });
    return el("details", { class: list.length ? "change" : "change none", open: opened.has(layer) && list.length > 0, ontoggle: (event) => (event.target.open ? opened.add(layer) : opened.delete(layer)) },
      el("summary", {}, box, el("span", { class: "swatch" }, swatch), el("span", { class: "name" }, label), el("span", { class: "count" }, figures(list.length))),
      el("ul", {}, list.slice(0, whole.has(layer) ? list.length : LISTED).map(row),
        list.length > LISTED && !whole.has(layer) ? el("li", {}, hubopt.link(t("popup.more", { count: figures(list.length - LISTED) }), () => { whole.add(layer); hubopt.render(); })) : null));
  }
  const patch = (style) => el("i", { class: "square", style: { background: style.fillColor, borderColor: style.color || style.fillColor, borderWidth: style.weight ? "2px" : "1px", borderStyle: style.dashArray ? "dashed" : "solid" } });
  const size = (one) => (one.gfa ? (one.gfa > 0 ? "+" : "−") + unit("m2", Math.abs(one.gfa)) : t("level." + one.level));

  function changes() {
    const flows = hubopt.difference().flows;
    const scale = hubopt.flowScale();
    const step = (value) => el("span", {}, hubopt.stroke("#7b8794", hubopt.scaled(value, scale)), unit("t_d", value));
    const steps = scale.largest > 0 ? [scale.largest, scale.largest / 5].map((value) => Number(value.toPrecision(1))).filter((value) => value > 0) : [];
    return el("section", {}, el("h2", {}, t("comparison.changes")),
      el("p", { class: "hint" }, t("comparison.changes-note")),
      Object.keys(hubopt.CHANGES).map((one) => change(one, t("comparison." + one), hubopt.mark(one), hubopt.sitesOf(one), size)),
      change("reassigned", t("comparison.reassigned"), patch(hubopt.ZONE_CHANGES.reassigned), hubopt.reassigned(), (one) => unit("t_d", one.t_d)),
      change("better", t("comparison.better"), patch(hubopt.ZONE_CHANGES.better), hubopt.serviceOf(true), (one) => t("service." + one.after)),
      change("worse", t("comparison.worse"), patch(hubopt.ZONE_CHANGES.worse), hubopt.serviceOf(false), (one) => t("service." + one.after)),
      el("label", { class: "toggle" }, el("input", { type: "checkbox", id: "layer-flows", checked: !hubopt.off.has("flows"), onchange: (event) => hubopt.toggleChange("flows", event.target.checked) }),
        el("span", {}, t("comparison.flows", { count: figures(flows.length) }))),
      el("div", { class: "row" }, ["more", "less"].map((way) => el("span", {}, hubopt.stroke(hubopt.FLOW_CHANGES[way], 3, 26, way === "less" ? "6 4" : null), t("comparison." + way))), steps.map(step)));
  }

  function sides() {
    const steps = data.scales.width.steps;
    return el("section", {}, el("h2", {}, t("comparison.on-sides")),
      data.legs.map((leg) => el("label", { class: "toggle" }, el("input", { type: "checkbox", id: "leg-" + leg, checked: hubopt.legs.has(leg), onchange: (event) => { if (event.target.checked) hubopt.legs.add(leg); else hubopt.legs.delete(leg); hubopt.redraw(); } }),
        el("span", {}, hubopt.legTitle(leg)), el("span", { class: "swatches" }, hubopt.stroke(hubopt.legColour(leg), 3)))),
      steps.length ? [el("h3", {}, t("legend.width")), el("div", { class: "row" }, steps.map((value) => el("span", {}, hubopt.stroke("#7b8794", hubopt.scaled(value, data.scales.width)), unit("t_d", value))))] : null,
      el("h3", {}, t("legend.size")), el("div", { class: "row" }, data.scales.radius.steps.map((value) => el("span", {}, hubopt.dot("#8a949e", hubopt.scaled(value, data.scales.radius)), figures(value)))),
      el("h3", {}, t("layer.service")), ["within", "beyond", "unmet"].map((state) => el("div", { class: "sample shades" }, el("i", { class: "square", style: { background: data.zoneColours[state] } }), el("span", {}, t("service." + state)))),
      el("p", { class: "hint" }, t("comparison.halo")));
  }

  function sources() {
    const line = (source) => el("li", {}, source.url ? el("a", { href: source.url, rel: "noopener noreferrer", target: "_blank" }, source.title) : source.title,
      el("small", {}, [source.date, source.licence].filter(Boolean).join(" · ")));
    return el("details", { id: "sources" }, el("summary", {}, t("sources.heading")),
      el("ul", {}, data.openstreetmap ? el("li", {}, t("sources.openstreetmap")) : null, data.sources.map(line)), el("p", {}, t("brand.made-with", { version: data.version })));
  }

  hubopt.render = () => {
    const scroll = panel.scrollTop;
    const focus = panel.contains(document.activeElement) ? document.activeElement.id : "";
    panel.replaceChildren(...[title(), notes(), views(), slider(), numbers(), changes(), sides(), sources()].flat(Infinity).filter(Boolean));
    panel.scrollTop = scroll;
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    document.title = t("comparison.title", { name: name(data.instance.name) });
    for (const [id, view] of Object.entries(hubopt.views)) {
      const side = ["first", "second"].indexOf(id);
      view.box.querySelector("h2").replaceChildren(...(side < 0 ? [el("span", {}, t("comparison.view-difference")), el("small", {}, t("comparison.from-to", { first: data.sides[0].name, second: data.sides[1].name }))]
        : [letter(side), el("span", {}, data.sides[side].name), el("small", {}, name(data.sides[side].policy))]));
    }
  };
})();
