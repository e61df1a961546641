"use strict";
/* The panel: what the case is, how good the answer is, search, and one legend whose rows switch the layers. */
(() => {
  const { data, t, name, el, format, unit, now } = hubopt;
  const { percent, figures } = format;
  const panel = document.getElementById("panel");

  /* --- layers --------------------------------------------------------------------------------------------------- */

  hubopt.toggle = (layer, on) => {
    const { map, groups } = hubopt;
    if (on) map.addLayer(groups[layer]);
    else map.removeLayer(groups[layer]);
    const box = document.getElementById("layer-" + layer);
    if (box) box.checked = on;
    if (layer.startsWith("flow-")) hubopt.drawFlows();
    hubopt.inOrder();
    hubopt.label();
  };

  const toggle = (layer, label, ...swatches) => el("label", { class: "toggle" },
    el("input", { type: "checkbox", id: "layer-" + layer, checked: hubopt.map.hasLayer(hubopt.groups[layer]), onchange: (event) => hubopt.toggle(layer, event.target.checked) }),
    el("span", {}, label), el("span", { class: "swatches" }, swatches));
  const folded = new Set();
  const section = (key, ...rows) => el("details", { class: "section", open: !folded.has(key), ontoggle: (event) => (event.target.open ? folded.delete(key) : folded.add(key)) },
    el("summary", {}, el("h2", {}, t(key))), rows);
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
    return section("layer.facilities", rows, el("p", { id: "clustered", class: "hint" }, hubopt.clustering() ? t("map.clustered") : ""), now() === hubopt.before ? null : [rings(), sizes()]);
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

  /* --- flows ---------------------------------------------------------------------------------------------------- */

  const { filter } = hubopt;
  const changed = () => {
    hubopt.redrawFlows();
    hubopt.render();
  };
  const among = (id, set, i, label, ...swatches) => el("label", { class: "toggle" },
    el("input", { type: "checkbox", id: id + "-" + i, checked: set.has(i), onchange: (event) => { if (event.target.checked) set.add(i); else set.delete(i); changed(); } }),
    el("span", {}, label), el("span", { class: "swatches" }, swatches));
  const choice = (id, label, options, chosen, choose) => el("label", { class: "choice" }, el("span", {}, label),
    el("select", { id, onchange: (event) => choose(options[event.target.selectedIndex][0]) }, options.map(([value, text]) => el("option", { value, selected: value === chosen }, text))));
  const palette = (i) => data.flowColours[i % data.flowColours.length];

  function flows() {
    if (!data.legs.length) return null;
    const steps = data.scales.width.steps;
    const colours = [["leg", t("flow.by-leg")], ["direction", t("flow.by-direction")], ["commodity", t("flow.by-commodity")], ["mode", t("flow.by-mode")]];
    const ways = [["both", t("flow.both")], ...["inbound", "outbound"].map((way) => [way, t("flow.only", { direction: t("direction." + way) })])];
    return section("layer.flows",
      data.legs.map((leg) => toggle("flow-" + leg, hubopt.legTitle(leg), filter.colour === "leg" ? hubopt.stroke(hubopt.legColour(leg), 3) : null)),
      el("p", { id: "thinned", class: "hint" }, thinned()),
      choice("colour-by", t("flow.colour"), colours, filter.colour, (value) => { filter.colour = value; changed(); }),
      choice("direction", t("flow.direction"), ways, filter.direction, (value) => { filter.direction = value; changed(); }),
      filter.colour === "direction" ? el("div", { class: "row" }, ["inbound", "outbound"].map((way) => el("span", {}, hubopt.stroke(hubopt.DIRECTIONS[way], 3), t("direction." + way)))) : null,
      steps.length ? [el("h3", {}, t("legend.width")), el("div", { class: "row" }, steps.map((value) => el("span", {}, hubopt.stroke("#7b8794", hubopt.scaled(value, data.scales.width)), unit("t_d", value))))] : null,
      modes(), commodities());
  }
  const thinned = () => (hubopt.thinned ? t("flow.thinned", { shown: figures(hubopt.thinned.shown), all: figures(hubopt.thinned.all) }) : "");
  hubopt.sayCoarse = () => {
    const [clusters, cells] = ["clustered", "in-cells"].map((id) => document.getElementById(id));
    if (clusters) clusters.textContent = hubopt.clustering() ? t("map.clustered") : "";
    if (cells) cells.textContent = hubopt.cells.length ? t("map.cells") : "";
  };
  hubopt.sayThinned = () => {
    const line = document.getElementById("thinned");
    if (line) line.textContent = thinned();
  };

  /* What carries the goods: dashes, and t/d over all arcs in the shown period. */
  function modes() {
    const used = [...new Set(data.periods.flatMap((period) => period.flows.flatMap((flow) => flow.modes)))].sort((a, b) => a - b);
    if (!used.length) return null;
    const title = (mode) => [name(data.modes[mode].name), el("small", {}, t("mode." + data.modes[mode].kind))];
    return [el("h3", {}, t("legend.mode")), used.map((mode) => among("mode", filter.modes, mode, title(mode),
      hubopt.stroke(filter.colour === "mode" ? palette(mode) : "#55606b", 2.4, 46, hubopt.dash(mode, 2.4), data.modes[mode].kind === "water")))];
  }
  function commodities() {
    return el("details", { id: "commodities" }, el("summary", {}, t("flow.commodities")),
      data.commodities.map((item, k) => among("commodity", filter.commodities, k, [name(item.name), el("small", {}, t("direction." + item.direction))],
        filter.colour === "commodity" ? hubopt.stroke(palette(k), 3) : null)));
  }

  /* --- zones ---------------------------------------------------------------------------------------------------- */

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
    return section("layer.service", toggle("zones", t("layer.zones")), select, legend, el("p", { id: "in-cells", class: "hint" }, hubopt.cells.length ? t("map.cells") : ""), gaps());
  }

  /* Zones outside a standard or not served: how many, how much, where. */
  function gaps() {
    if (!hubopt.GAPS.length || now() === hubopt.before) return null;
    const choose = (id) => {
      hubopt.gap = id;
      hubopt.drawGaps();
      hubopt.inOrder();
      hubopt.render();
    };
    const radio = (id, text, note, colour) => el("label", { class: "toggle gap" },
      el("input", { type: "radio", name: "gap", id: "gap-" + id, checked: hubopt.gap === id, onchange: () => choose(id) }),
      el("span", {}, text, note ? el("small", {}, note) : null),
      el("span", { class: "swatches" }, colour ? el("i", { class: "square", style: { background: colour + "38", borderColor: colour, borderWidth: "2px" } }) : null));
    const rows = hubopt.GAPS.map((gap) => {
      const { zones, share } = hubopt.inGap(gap);
      const asked = gap.target && now().kpi.targets[gap.id] ? now().kpi.targets[gap.id][1] : null;
      const note = [
        zones.length ? t("gap.zones", { count: figures(zones.length), share: percent(share) }) : t("gap.no-zones"),
        asked > 0 ? t("gap.asked", { share: percent(asked, 1) }) : gap.target ? t("gap.not-asked") : null,
      ].filter(Boolean).join(" · ");
      return radio(gap.id, gap.label(), note, gap.colour);
    });
    return [el("h3", {}, t("gap.heading")), radio("none", t("gap.none")), rows, gapList()];
  }
  const LISTED = 6;
  function gapList() {
    const gap = hubopt.GAPS.find((one) => one.id === hubopt.gap);
    if (!gap) return null;
    const { zones } = hubopt.inGap(gap);
    const row = ({ i, amount }) => el("li", {},
      hubopt.link(name(data.zones[i].name), () => hubopt.goTo({ kind: "zone", index: i, thing: data.zones[i] })),
      el("span", {}, unit("t_d", amount)));
    return el("ul", { class: "gaps" }, zones.slice(0, LISTED).map(row),
      zones.length > LISTED ? el("li", { class: "more" }, t("popup.more", { count: figures(zones.length - LISTED) })) : null);
  }

  function base() {
    const layers = ["districts", "roads", "expressways"].filter((layer) => layer in data.base);
    return section("layer.base", toggle("labels", t("layer.labels")),
      data.tiles ? el("label", { class: "toggle" }, el("input", { type: "checkbox", id: "tiles", checked: hubopt.hasTiles(), onchange: (event) => hubopt.showTiles(event.target.checked) }), el("span", {}, t("layer.tiles"))) : null,
      layers.map((layer) => toggle(layer, t("layer." + layer))));
  }

  /* --- all of it ------------------------------------------------------------------------------------------------- */

  const KEPT = ["sources", "done", "commodities", "periods", "by-district"];
  hubopt.render = () => {
    const scroll = panel.scrollTop;
    const focus = panel.contains(document.activeElement) ? document.activeElement.id : "";
    const open = KEPT.filter((id) => document.getElementById(id)?.open);
    const parts = [hubopt.title(), hubopt.notes(), hubopt.headline(), hubopt.slider(), hubopt.periodTable(), hubopt.searchBox(), facilities(), flows(), service(), base(), hubopt.districtTable(), hubopt.sources()];
    panel.replaceChildren(...parts.flat(Infinity).filter(Boolean));
    for (const id of open) if (document.getElementById(id)) document.getElementById(id).open = true;
    panel.scrollTop = scroll;
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    const fold = document.getElementById("fold");
    fold.title = t(document.body.classList.contains("folded") ? "map.panel-show" : "map.panel-hide");
    fold.setAttribute("aria-label", fold.title);
    hubopt.label();
  };

  hubopt.panelWidth = () => (document.body.classList.contains("folded") || innerWidth < 640 ? 0 : panel.offsetWidth + 12);
})();
