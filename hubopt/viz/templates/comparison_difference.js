"use strict";
/* The difference view: what stands in one result only, what has another size or design, who is served from elsewhere. */
(() => {
  const { data, t, name, unit, scaled, latlng } = hubopt;
  const ZONES = {
    reassigned: { fillColor: "#c3a9da", fillOpacity: 0.7 },
    better: { color: "#2467ad", weight: 2.4, opacity: 1, fillColor: "#9ec5e8", fillOpacity: 0.55 },
    worse: { color: "#b5480b", weight: 2.4, opacity: 1, dashArray: "5 3", fillColor: "#f2b36b", fillOpacity: 0.6 },
  };
  const FLOWS = { more: "#2467ad", less: "#d2601a" };
  Object.assign(hubopt, { ZONE_CHANGES: ZONES, FLOW_CHANGES: FLOWS });
  hubopt.differenceLayers = ["zones", "reassigned", "better", "worse", "flows", "unchanged", "shrunk", "grown", "redesigned", "closed", "opened", "gateways", "links"];

  /* Zones and stations that are served from elsewhere: one row for each, with its legs. */
  hubopt.reassigned = () => {
    const found = new Map();
    for (const row of hubopt.difference().reassigned) {
      const end = hubopt.endOf(row.leg, row.place, true);
      const key = end.kind + "/" + end.index;
      if (!found.has(key)) found.set(key, { ...end, legs: [], t_d: 0 });
      found.get(key).legs.push(row);
      found.get(key).t_d += row.t_d;
    }
    return [...found.values()].sort((a, b) => b.t_d - a.t_d);
  };
  hubopt.sitesOf = (change) => hubopt.difference().sites.filter((one) => one.change === change)
    .map((one) => ({ kind: "site", index: hubopt.indexOf("site", one.site), thing: data.sites[hubopt.indexOf("site", one.site)], ...one }));
  hubopt.serviceOf = (better) => hubopt.difference().service.filter((one) => one.better === better)
    .map((one) => ({ kind: "zone", index: hubopt.indexOf("zone", one.zone), thing: data.zones[hubopt.indexOf("zone", one.zone)], ...one }));

  const loads = () => hubopt.difference().flows.map((row) => ({ ...row, delta: row.after - row.before }));
  hubopt.flowScale = () => ({ ends: data.scales.width.ends, largest: Math.max(0, ...loads().map((row) => Math.abs(row.delta))) });

  function symbol(view, change, one) {
    const { thing, index, level } = one;
    if (!thing.at) return;
    const lines = () => [name(thing.name), t("level." + level) + " · " + t("comparison." + change), one.gfa ? unit("m2-more", one.gfa) : ""].filter(Boolean);
    if (level === "station") {
      view.disc(change, index, { radius: 4.2, color: "#ffffff", weight: 0.8, fillColor: hubopt.CHANGES[change].colour, fillOpacity: 0.95 }, lines);
      return;
    }
    const size = level === "hub" ? 26 : 19;
    const icon = L.divIcon({ className: "changed of-" + level, html: hubopt.mark(change, size), iconSize: [size, size] });
    const drawn = L.marker(latlng(thing.at), { icon, keyboard: false, zIndexOffset: level === "hub" ? 500 : 0 });
    drawn.bindTooltip(() => { const box = hubopt.el("div"); lines().forEach((text, i) => box.append(hubopt.el(i ? "div" : "b", {}, text))); return box; }, { className: "hover", direction: "top", offset: [0, -size / 2], opacity: 1 });
    drawn.on("click", () => hubopt.open("site", index, view)).addTo(view.groups[change]);
  }

  hubopt.drawDifference = (view) => {
    view.clear();
    const moved = new Map(hubopt.reassigned().filter((one) => one.kind === "zone").map((one) => [one.index, one]));
    const served = new Map([true, false].flatMap((better) => hubopt.serviceOf(better).map((one) => [one.index, one])));
    data.zones.forEach((zone, i) => {
      if (!moved.has(i) && !served.has(i)) view.zone("zones", i, { fillColor: "#e9e7e1", fillOpacity: 0.55 }, () => [name(zone.name), t("comparison.as-before")]);
    });
    for (const [i] of moved) view.zone("reassigned", i, ZONES.reassigned, () => [name(data.zones[i].name), t("comparison.reassigned")]);
    for (const [i, one] of served) {
      const way = one.better ? "better" : "worse";
      view.zone(way, i, { ...ZONES[way], ...(moved.has(i) ? { fillOpacity: 0.25 } : {}) }, () => [name(data.zones[i].name), t("comparison." + way), t("service." + one.before) + " → " + t("service." + one.after)]);
    }
    const scale = hubopt.flowScale();
    for (const row of loads().sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta)).slice(0, 1500)) {
      const [from, to] = [hubopt.endOf(row.leg, row.origin, false).thing, hubopt.endOf(row.leg, row.destination, true).thing];
      if (!from || !to) continue;
      const weight = scaled(Math.abs(row.delta), scale);
      view.line("flows", from, to, { color: row.delta > 0 ? FLOWS.more : FLOWS.less, weight, opacity: 0.55, dashArray: row.delta > 0 ? null : "6 4", lineCap: "butt" },
        () => [name(from.name) + " – " + name(to.name), unit("t_d", row.before) + " → " + unit("t_d", row.after)], row.delta > 0 ? 0.1 : -0.1);
    }
    const changed = new Set(hubopt.difference().sites.map((one) => one.site));
    const open = new Set([0, 1].flatMap((side) => hubopt.state(side).facilities.filter((facility) => facility.action !== "close").map((facility) => facility.site)));
    for (const i of open) {
      const site = data.sites[i];
      if (!changed.has(site.id)) view.disc("unchanged", i, { radius: { hub: 7, utc: 4.5, station: 2.2 }[site.level], color: "#ffffff", weight: 0.8, fillColor: "#8a949e", fillOpacity: 0.85 }, () => [name(site.name), t("comparison.as-before")]);
    }
    for (const change of Object.keys(hubopt.CHANGES)) for (const one of hubopt.sitesOf(change)) symbol(view, change, one);
    view.gateways("gateways");
    view.inOrder();
  };

  /* Where a place was served from and where it is now, as lines over everything else. */
  hubopt.drawLinks = (view, kind, index) => {
    const group = view.groups.links;
    if (!group) return;
    group.clearLayers();
    const own = hubopt.reassigned().find((one) => one.kind === kind && one.index === index);
    for (const row of own ? own.legs : []) {
      for (const [id, colour, dashArray] of [[row.before, FLOWS.less, "6 4"], [row.after, FLOWS.more, null]]) {
        const from = hubopt.endOf(row.leg, id, false).thing;
        if (from && from.at) view.line("links", from, own.thing, { color: colour, weight: 2.6, opacity: 0.95, dashArray, interactive: false }, () => [], 0);
      }
    }
  };
})();
