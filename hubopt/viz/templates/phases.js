"use strict";
/* Time: a slider over what stands today and the periods, played or stepped, and what is done in each. */
(() => {
  const { data, t, name, el, format, unit, now, sum } = hubopt;
  const STEP_MS = 1900;
  const PULSES = 160;
  const LISTED = 6;
  const ACTIONS = ["new", "expand", "upgrade", "close"];

  /* What stands before the first period, drawn like a period without flows. */
  const today = data.sites.map((site, i) => ({ site, i })).filter(({ site }) => site.today);
  hubopt.before = {
    id: "", flows: [], gatewayFactor: 1, kpi: { targets: {} },
    facilities: today.map(({ site, i }) => ({ site: i, design: site.today.design, action: "keep", modules: site.today.modules, throughput: null, capacity: null, utilisation: null, gfa: null, land: null, cost: {} })),
    zones: data.periods[0].zones.map((zone) => ({ state: "none", demand: zone.demand, delivered: zone.demand.map(() => 0), within: {}, measures: {} })),
  };
  const first = data.solved && today.length ? -1 : 0;
  const last = data.periods.length - 1;
  hubopt.hasSteps = data.solved && last > first;
  const titleOf = (i) => (i < 0 ? t("time.today") : data.periods.length > 1 ? data.periods[i].id : t("time.plan"));

  /* What happens at the sites between the step before and this one. */
  hubopt.doneIn = (i) => {
    if (i < 0) return [];
    const before = new Set((i > 0 ? data.periods[i - 1].facilities : []).filter((facility) => facility.action === "close").map((facility) => facility.site));
    return data.periods[i].facilities.filter((facility) => ACTIONS.includes(facility.action) && !(facility.action === "close" && before.has(facility.site)));
  };

  function pulse() {
    const group = hubopt.groups.pulse;
    group.clearLayers();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const rank = { hub: 0, utc: 1, station: 2 };
    const done = hubopt.doneIn(hubopt.period).filter((facility) => data.sites[facility.site].at)
      .sort((a, b) => rank[data.sites[a.site].level] - rank[data.sites[b.site].level]).slice(0, PULSES);
    for (const facility of done) {
      const site = data.sites[facility.site];
      const icon = L.divIcon({ className: "pulse of-" + site.level + " " + facility.action, iconSize: [0, 0] });
      L.marker(hubopt.latlng(site.at), { icon, interactive: false, keyboard: false, pane: "names" }).addTo(group);
    }
    setTimeout(() => group.clearLayers(), STEP_MS - 200);
  }

  hubopt.goToPeriod = (i) => {
    hubopt.period = i;
    hubopt.map.closePopup();
    hubopt.draw();
    hubopt.render();
    pulse();
  };

  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    hubopt.render();
  };
  function play() {
    if (timer) return stop();
    hubopt.goToPeriod(hubopt.period >= last ? first : hubopt.period + 1);
    timer = setInterval(() => {
      if (hubopt.period >= last) stop();
      else hubopt.goToPeriod(hubopt.period + 1);
    }, STEP_MS);
    return hubopt.render();
  }

  hubopt.slider = () => {
    if (!hubopt.hasSteps) return null;
    const steps = Array.from({ length: last - first + 1 }, (_, k) => first + k);
    const chosen = (event) => {
      clearInterval(timer);
      timer = null;
      hubopt.goToPeriod(Number(event.target.value));
    };
    const label = t(timer ? "time.pause" : "time.play");
    return el("section", { class: "time" },
      el("div", { class: "slide" },
        el("button", { type: "button", id: "play", title: label, "aria-label": label, onclick: play }, timer ? "❚❚" : "▶"),
        el("input", { type: "range", id: "period", min: first, max: last, step: 1, value: hubopt.period, "aria-label": t("map.period"), "aria-valuetext": titleOf(hubopt.period), onchange: chosen, oninput: chosen })),
      el("div", { class: "ticks" }, steps.map((i) => el("button", { type: "button", class: i === hubopt.period ? "now" : "", onclick: () => chosen({ target: { value: i } }) }, titleOf(i)))),
      done());
  };

  const level = (facility) => data.sites[facility.site].level;
  function done() {
    if (hubopt.period < 0) return el("p", { class: "done" }, t("time.today-note", { count: format.figures(today.length) }));
    const all = hubopt.doneIn(hubopt.period);
    const rows = ACTIONS.map((action) => [action, all.filter((facility) => facility.action === action)]).filter(([, list]) => list.length);
    const link = (facility) => hubopt.link(name(data.sites[facility.site].name), () => hubopt.goTo({ kind: "site", index: facility.site, thing: data.sites[facility.site] }));
    if (!rows.length) return el("p", { class: "done" }, t("time.nothing"));
    const counts = rows.map(([action, list]) => t("action." + action) + " " + format.figures(list.length)).join(" · ");
    return el("details", { id: "done", class: "done" }, el("summary", {}, counts), el("dl", {}, rows.map(([action, list]) => {
      const large = list.filter((facility) => level(facility) !== "station").sort((a, b) => (b.throughput || 0) - (a.throughput || 0));
      const rest = [Math.max(0, large.length - LISTED), list.length - large.length];
      const more = [
        rest[0] ? t("popup.more", { count: format.figures(rest[0]) }) : null,
        rest[1] ? t("time.stations", { count: format.figures(rest[1]) }) : null,
      ].filter(Boolean);
      const parts = [...large.slice(0, LISTED).map(link), ...more];
      return [el("dt", {}, t("action." + action) + " (" + format.figures(list.length) + ")"), el("dd", {}, parts.map((part, k) => (k ? [t("map.separator"), part] : part)))];
    })));
  }

  /* The periods side by side; the shown one is marked. */
  hubopt.periodTable = () => {
    if (data.periods.length < 2) return null;
    const known = (value) => value !== null && value !== undefined;
    const open = (period, wanted) => period.facilities.filter((facility) => facility.action !== "close" && level(facility) === wanted).length;
    const modes = data.modes.map((mode, m) => [name(mode.name), (period) => unit("t_d", sum(period.flows.flatMap((flow) => flow.lines.filter((_, i) => flow.modes[i] === m).map((line) => sum(line.slice(2)))))) ])
      .filter((_, m) => data.periods.some((period) => period.flows.some((flow) => flow.modes.includes(m))));
    const rows = [
      [t("map.period-cost"), (period) => (known(period.kpi.cost) ? format.money(period.kpi.cost) : null)],
      [t("map.investment"), (period) => (known(period.kpi.investment) ? format.money(period.kpi.investment) : null)],
      ...["hub", "utc", "station"].filter((one) => data.sites.some((site) => site.level === one)).map((one) => [t("levels." + one), (period) => format.figures(open(period, one))]),
      [t("map.land"), (period) => (known(period.kpi.land) ? unit("ha", period.kpi.land) : null)],
      [t("map.served"), (period) => (known(period.kpi.served) ? format.percent(period.kpi.served) : null)],
      [t("map.carbon"), (period) => (known(period.kpi.carbon) ? unit("tonnes-year", period.kpi.carbon) : null)],
      ...modes,
    ].map(([title, cell]) => [title, data.periods.map(cell)]).filter(([, cells]) => cells.some(known));
    const mark = (i) => (i === hubopt.period ? "now" : "");
    return el("details", { id: "periods" }, el("summary", {}, t("popup.course")),
      el("div", { class: "wide" }, el("table", {},
        el("tr", {}, el("td", {}), data.periods.map((period, i) => el("th", { scope: "col", class: mark(i) }, period.id))),
        rows.map(([title, cells]) => el("tr", {}, el("th", { scope: "row" }, title), cells.map((cell, i) => el("td", { class: mark(i) }, cell ?? format.number(null))))))));
  };

  /* Land and sites by district in the shown period. */
  hubopt.districtTable = () => {
    const found = new Map();
    for (const facility of now().facilities) {
      const site = data.sites[facility.site];
      const region = site.district || site.city;
      if (facility.action === "close" || !region || facility.land === null) continue;
      const row = found.get(region) || { sites: 0, land: 0, cost: 0 };
      found.set(region, { sites: row.sites + 1, land: row.land + facility.land, cost: row.cost + sum(Object.values(facility.cost)) });
    }
    if (!found.size) return null;
    const rows = [...found].sort((a, b) => b[1].land - a[1].land);
    return el("details", { id: "by-district" }, el("summary", {}, t("map.by-district")),
      el("div", { class: "wide" }, el("table", {},
        el("tr", {}, el("td", {}), ["map.sites", "map.land", "map.site-cost"].map((key) => el("th", { scope: "col" }, t(key)))),
        rows.map(([region, row]) => el("tr", {}, el("th", { scope: "row" }, hubopt.region(region)), el("td", {}, format.figures(row.sites)), el("td", {}, unit("ha", row.land)), el("td", {}, format.money(row.cost)))))));
  };
})();
