"use strict";
/* What a popup says about a site, a gateway or a zone. */
(() => {
  const { data, t, name, otherName, el, format, unit, sum, now } = hubopt;
  const { figures, money, percent } = format;
  const MOST_LINKS = 4;

  const row = (key, value) => (value === null || value === undefined || value === "" ? null : el("tr", {}, el("th", {}, t(key)), el("td", {}, value)));
  const table = (...rows) => el("table", {}, rows.flat(2));
  const heading = (key) => el("h4", {}, t(key));

  function head(thing, ...tags) {
    return el("header", {},
      el("h3", {}, name(thing.name)),
      otherName(thing.name) !== name(thing.name) ? el("div", { class: "other" }, otherName(thing.name)) : null,
      el("div", { class: "tags" }, tags.filter(Boolean).map((tag) => el("span", {}, tag))),
      thing.synthetic ? el("p", { class: "note" }, t("popup.synthetic")) : null);
  }
  const region = (id) => (data.regions[id] ? name(data.regions[id]) : id);
  hubopt.region = region;
  const place = (thing) => {
    const parts = [thing.district, thing.city].filter((part, i, all) => part && all.indexOf(part) === i);
    return row("popup.district", parts.map(region).join(t("map.separator")));
  };
  const origin = (thing) => [
    row("popup.reliability", thing.reliability && t("reliability." + thing.reliability)),
    row("popup.source", thing.source && hubopt.sourceTitle(thing.source)),
  ];
  hubopt.sourceTitle = (id) => {
    const found = data.sources.find((source) => source.id === id);
    return found ? found.title : id;
  };

  function amounts(values, key) {
    const rows = hubopt.byCommodity(values);
    if (!rows.length) return [];
    const largest = Math.max(...rows.map(([, value]) => value));
    return [heading(key), el("table", { class: "bars" }, rows.map(([item, value]) => el("tr", {},
      el("th", {}, name(item.name), " ", el("small", {}, t("direction." + item.direction))),
      el("td", { class: "bar" }, el("i", { style: { width: (100 * value) / largest + "%" } })),
      el("td", {}, figures(value)))))];
  }

  const linesAt = (kind, index, end) => now().flows.flatMap((flow) => flow.lines
    .filter((line) => (end === "upper" ? flow.to === kind && line[1] === index : flow.from === kind && line[0] === index))
    .map((line) => ({ flow, line, total: sum(line.slice(2)), other: hubopt.listOf(end === "upper" ? flow.from : flow.to)[line[end === "upper" ? 0 : 1]] })));
  /* Lines of several modes between the same two places are one link. */
  const merged = (lines) => {
    const found = new Map();
    for (const { flow, total, other } of lines) {
      const key = flow.leg + " " + other.id;
      if (found.has(key)) found.get(key).total += total;
      else found.set(key, { other, total });
    }
    return [...found.values()];
  };
  const totals = (lines) => data.commodities.map((_, k) => sum(lines.map(({ line }) => line[k + 2])));

  function links(kind, index) {
    const part = (end, key) => {
      const lines = merged(linesAt(kind, index, end)).sort((a, b) => b.total - a.total);
      const shown = lines.slice(0, MOST_LINKS).map(({ other, total }) => el("li", {}, t(key, { name: name(other.name) }), el("span", {}, unit("t_d", total))));
      if (lines.length > MOST_LINKS) shown.push(el("li", { class: "more" }, t("popup.more", { count: lines.length - MOST_LINKS })));
      return shown;
    };
    const rows = [...part("upper", "popup.from"), ...part("lower", "popup.to")];
    return rows.length ? [heading("popup.links"), el("ul", { class: "links" }, rows)] : [];
  }

  function costs(facility) {
    const rows = Object.entries(facility.cost).filter(([, value]) => value > 0);
    if (!rows.length) return [];
    return [heading("popup.cost"), table(
      rows.map(([part, value]) => el("tr", {}, el("th", {}, t("cost." + part)), el("td", {}, money(value)))),
      el("tr", { class: "total" }, el("th", {}, t("popup.total")), el("td", {}, money(sum(rows.map(([, value]) => value))))))];
  }

  const designName = (id) => (data.designs[id] ? name(data.designs[id]) : id);
  const today = (site) => site.today && t("popup.today-value", { design: designName(site.today.design), modules: unit("modules", site.today.modules) });

  /* What happens at the site in each period, the shown one in bold. */
  function course(index) {
    if (data.periods.length < 2) return [];
    const rows = data.periods.map((period, i) => {
      const facility = period.facilities.find((row) => row.site === index);
      const open = facility && facility.action !== "close";
      return el("tr", i === hubopt.period ? { class: "now" } : {},
        el("th", {}, period.id),
        el("td", {}, facility ? t("action." + facility.action) : t("popup.not-built")),
        el("td", {}, open ? unit("modules", facility.modules) : ""),
        el("td", {}, open ? unit("t_d", facility.throughput) : ""));
    });
    return [heading("popup.course"), el("table", { class: "course" }, rows)];
  }

  function sitePopup(index) {
    const site = data.sites[index];
    const facility = hubopt.facilityOf.get(index);
    const forced = site.forced && t("popup.forced-" + site.forced);
    const tags = [t("level." + site.level), site.type && name(data.hubTypes[site.type] || { en: site.type, zh: site.type }), facility ? t("action." + facility.action) : t("popup.not-chosen"), forced];
    const open = facility && facility.action !== "close";
    const measured = open && facility.utilisation !== null;
    const gauge = measured ? el("div", { class: "gauge" }, el("i", { style: { width: Math.min(100, 100 * facility.utilisation) + "%" } })) : null;
    return [
      head(site, ...tags),
      gauge,
      table(
        open ? [
          measured ? [row("popup.utilisation", percent(facility.utilisation)),
            row("popup.throughput", unit("t_d", facility.throughput)),
            row("popup.capacity", unit("t_d", facility.capacity))] : [],
          row("popup.design", designName(facility.design)),
          row("popup.size", unit("modules", facility.modules)),
          measured ? [row("popup.gfa", unit("m2", facility.gfa)),
            row("popup.land", t("popup.land-of", { used: unit("ha", facility.land), all: unit("ha", site.land) }))] : [],
        ] : [row("popup.land-available", unit("ha", site.land))],
        row("popup.today", today(site)),
        place(site),
        row("popup.score", site.score === null ? null : t("popup.score-value", { value: figures(site.score) })),
        origin(site)),
      course(index),
      facility ? costs(facility) : [],
      open ? amounts(handled(index), "popup.handled") : [],
      open ? links("site", index) : [],
    ];
  }
  /* What a site handles: what leaves it downwards is what entered from above. */
  const handled = (index) => totals(linesAt("site", index, "lower").filter(({ flow }) => !hubopt.inCity(flow.leg)));

  function gatewayPopup(index) {
    const gateway = data.gateways[index];
    const flows = totals(linesAt("gateway", index, "lower"));
    const used = sum(flows);
    const capacity = gateway.capacity === null ? null : gateway.capacity * now().gatewayFactor;
    const share = capacity ? " (" + percent(used / capacity) + ")" : "";
    return [
      head(gateway, t("level.gateway"), t("kind." + gateway.kind)),
      table(
        row("popup.used", unit("t_d", used) + share),
        row("popup.capacity", capacity === null ? t("popup.unlimited") : unit("t_d", capacity)),
        place(gateway), origin(gateway)),
      amounts(flows, "popup.handled"),
      links("gateway", index),
    ];
  }

  function zonePopup(index) {
    const zone = data.zones[index];
    const service = now().zones[index];
    const unmet = sum(service.demand.map((value, k) => Math.max(0, value - service.delivered[k])));
    const standards = data.targets.filter((target) => target.id in service.within).map((target) => el("tr", {},
      el("th", {}, name(target.name)),
      el("td", { class: hubopt.meets(service, target) ? "met" : "missed" }, hubopt.standing(service, target))));
    return [
      head(zone, t("level.zone"), t("service." + service.state)),
      table(
        row("popup.demand", unit("t_d", sum(service.demand))),
        row("popup.delivered", unit("t_d", sum(service.delivered))),
        row("popup.unmet", unit("t_d", unmet)),
        row("popup.population", zone.population === null ? null : unit("persons", Math.round(zone.population))),
        row("popup.area", zone.area === null ? null : unit("km2", zone.area)),
        place(zone), origin(zone)),
      standards.length ? [heading("popup.standards"), el("table", { class: "standards" }, standards)] : [],
      amounts(service.demand, "popup.demand"),
      links("zone", index),
    ];
  }

  const MAKERS = { site: sitePopup, gateway: gatewayPopup, zone: zonePopup };
  hubopt.popup = (kind, index) => el("div", { class: "card" }, MAKERS[kind](index));
})();
