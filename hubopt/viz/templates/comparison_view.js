"use strict";
/* One map of the comparison: base map, layers that are drawn anew, and what both results show alike. */
(() => {
  const { data, t, name, el, unit, unpack, latlng, sum, scaled } = hubopt;
  const HOVER = { sticky: true, className: "hover", opacity: 1 };
  const MOST = 1500; // lines on a map at a time
  const SHOWN = ["gateway-hub", "hub-utc"]; // legs that are drawn at first

  hubopt.pair = data.pairs.length - 1;
  hubopt.state = (side) => data.periods[2 * hubopt.pair + side];
  hubopt.difference = () => data.pairs[hubopt.pair];
  const places = {};
  for (const kind of ["gateway", "site", "zone"]) places[kind] = new Map(hubopt.listOf(kind).map((thing, i) => [thing.id, i]));
  hubopt.indexOf = (kind, id) => places[kind].get(id);
  hubopt.endOf = (leg, id, lower) => {
    const word = leg.split("-")[lower ? 1 : 0];
    const kind = word === "gateway" || word === "zone" ? word : "site";
    return { kind, index: places[kind].get(id), thing: hubopt.listOf(kind)[places[kind].get(id)] };
  };

  hubopt.CHANGES = {
    opened: { colour: "#2467ad", path: "M8 3v10M3 8h10" },
    closed: { colour: "#d2601a", path: "M4 4l8 8M12 4l-8 8" },
    redesigned: { colour: "#7b4fa3", path: "M8 3l5 5-5 5-5-5z" },
    grown: { colour: "#17876f", path: "M8 3.500l5 8.500h-10z" },
    shrunk: { colour: "#8a6d00", path: "M8 12.500l5-8.500h-10z" },
  };
  hubopt.mark = (change, size = 18) => {
    const { colour, path } = hubopt.CHANGES[change];
    return hubopt.svg("svg", { viewBox: "0 0 16 16", width: size, height: size, class: "mark", "aria-hidden": "true" },
      hubopt.svg("circle", { cx: 8, cy: 8, r: 7.4, fill: "#ffffff", stroke: colour, "stroke-width": 1.2 }),
      hubopt.svg("path", { d: path, fill: ["redesigned", "grown", "shrunk"].includes(change) ? colour : "none", stroke: colour, "stroke-width": 2.4, "stroke-linecap": "round", transform: "translate(1.600 1.600) scale(0.8)" }));
  };

  const styles = {
    land: { stroke: true, color: "#cfd6d9", weight: 1, fill: true, fillColor: "#faf9f6", fillOpacity: 1 },
    water: { stroke: false, fill: true, fillColor: "#dfe9ef", fillOpacity: 1 },
    districts: { stroke: true, color: "#a39c8c", weight: 1.1, dashArray: "5 4", fill: false },
    roads: { stroke: true, color: "#dedad1", weight: 0.9, fill: false },
    expressways: { stroke: true, color: "#c9b78f", weight: 1.3, opacity: 0.7, fill: false },
  };

  const hover = (lines) => el("div", {}, lines.map((text, i) => el(i ? "div" : "b", {}, text)));
  const outline = (zone, style) => (zone.parts ? L.polygon(zone.parts.map((part) => part.map(unpack)), style) : L.circleMarker(latlng(zone.at), { ...style, radius: 4.5 }));

  /* A map with its base and empty layers, in drawing order. */
  class View {
    constructor(id, layers) {
      this.box = document.querySelector("#view-" + id);
      this.map = L.map(this.box.querySelector(".map"), {
        crs: data.schematic ? L.CRS.Simple : L.CRS.EPSG3857, zoomSnap: 0.25, preferCanvas: true,
        minZoom: data.schematic ? -3 : 6, maxZoom: data.schematic ? 6 : 18, zoomControl: false,
      });
      this.map.attributionControl.setPrefix(false);
      this.map.createPane("base").style.zIndex = 250;
      const base = L.canvas({ pane: "base", padding: 0.4 });
      this.front = L.canvas({ tolerance: 3, padding: 0.2 });
      for (const [layer, features] of Object.entries(data.base)) {
        const solid = styles[layer].fill || layer === "districts";
        for (const feature of features) {
          const parts = feature.parts.map((part) => (solid ? part.map(unpack) : unpack(part[0])));
          (solid ? L.polygon : L.polyline)(parts, { ...styles[layer], renderer: base, interactive: false, smoothFactor: 0.6 }).addTo(this.map);
        }
      }
      this.groups = Object.fromEntries(layers.map((layer) => [layer, L.featureGroup().addTo(this.map)]));
      this.hidden = new Set();
      this.cursor = L.marker([0, 0], { icon: L.divIcon({ className: "cursor", iconSize: [16, 16] }), interactive: false, keyboard: false });
    }
    clear() { for (const group of Object.values(this.groups)) group.clearLayers(); }
    inOrder() { for (const group of Object.values(this.groups)) if (this.map.hasLayer(group)) group.bringToFront(); }
    zone(layer, i, style, lines) {
      const zone = data.zones[i];
      if (!zone.parts && !zone.at) return;
      const drawn = outline(zone, { renderer: this.front, color: "#ffffff", weight: 0.6, opacity: 0.9, fillOpacity: 0.62, ...style });
      drawn.bindTooltip(() => hover(lines()), HOVER).on("click", () => hubopt.open("zone", i, this));
      drawn.addTo(this.groups[layer]);
    }
    disc(layer, i, style, lines) {
      const site = data.sites[i];
      if (!site.at) return;
      const drawn = L.circleMarker(latlng(site.at), { renderer: this.front, ...style });
      drawn.bindTooltip(() => hover(lines()), HOVER).on("click", () => hubopt.open("site", i, this));
      drawn.addTo(this.groups[layer]);
    }
    line(layer, from, to, style, lines, bend = 0.1) {
      if (!from.at || !to.at) return;
      const [a, b] = [latlng(from.at), latlng(to.at)];
      const middle = [(a[0] + b[0]) / 2 + bend * (b[1] - a[1]), (a[1] + b[1]) / 2 - bend * (b[0] - a[0])];
      const points = Array.from({ length: 13 }, (_, k) => [0, 1].map((axis) => (1 - k / 12) ** 2 * a[axis] + 2 * (k / 12) * (1 - k / 12) * middle[axis] + (k / 12) ** 2 * b[axis]));
      L.polyline(points, { renderer: this.front, smoothFactor: 0, ...style }).bindTooltip(() => hover(lines()), HOVER).addTo(this.groups[layer]);
    }
    gateways(layer) {
      data.gateways.forEach((gateway, i) => {
        if (!gateway.at) return;
        const icon = L.divIcon({ className: "gateway " + gateway.kind, html: hubopt.pictogram(gateway.kind, 13), iconSize: [19, 19] });
        L.marker(latlng(gateway.at), { icon, keyboard: false }).bindTooltip(() => hover([name(data.gateways[i].name), t("kind." + gateway.kind)]), { ...HOVER, sticky: false, direction: "top" }).addTo(this.groups[layer]);
      });
    }
  }
  hubopt.View = View;

  /* --- one result ----------------------------------------------------------------------------------------------- */

  hubopt.legs = new Set(data.legs.filter((leg) => SHOWN.includes(leg)));
  hubopt.sideLayers = ["zones", "flows", "halos", "station", "utc", "hub", "gateways"];

  hubopt.drawSide = (view, side) => {
    const state = hubopt.state(side);
    view.clear();
    state.zones.forEach((zone, i) => view.zone("zones", i, { fillColor: data.zoneColours[zone.state] }, () => [name(data.zones[i].name), t("service." + zone.state)]));
    const lines = state.flows.filter((flow) => hubopt.legs.has(flow.leg))
      .flatMap((flow) => flow.lines.map((line, i) => ({ flow, line, mode: flow.modes[i], total: sum(line.slice(2)) })))
      .sort((a, b) => b.total - a.total).slice(0, MOST);
    for (const { flow, line, mode, total } of lines) {
      const [from, to] = [hubopt.listOf(flow.from)[line[0]], hubopt.listOf(flow.to)[line[1]]];
      const weight = scaled(total, data.scales.width);
      view.line("flows", from, to, { color: hubopt.legColour(flow.leg), weight, opacity: 0.42, dashArray: hubopt.dash(mode, weight), lineCap: "butt" },
        () => [name(from.name) + " – " + name(to.name), unit("t_d", total) + " · " + name(data.modes[mode].name)], flow.to === "zone" ? 0 : 0.12);
    }
    const changed = new Map(hubopt.difference().sites.map((one) => [hubopt.indexOf("site", one.site), one.change]));
    for (const facility of [...state.facilities].sort((a, b) => b.throughput - a.throughput)) {
      if (facility.action === "close") continue;
      const site = data.sites[facility.site];
      const radius = scaled(facility.throughput, data.scales.radius);
      const change = changed.get(facility.site);
      if (change) view.disc("halos", facility.site, { radius: radius + (site.level === "station" ? 2.5 : 4.5), weight: site.level === "station" ? 2 : 3.5, color: hubopt.CHANGES[change].colour, fill: false }, () => [name(site.name)]);
      view.disc(site.level, facility.site, { radius, fillColor: data.designColours[site.level][facility.design] || data.endColours[site.level], fillOpacity: 0.88, color: "#ffffff", weight: 1 },
        () => [name(site.name), t("level." + site.level) + " · " + t("action." + facility.action), unit("t_d", facility.throughput), change ? t("comparison." + change) : ""].filter(Boolean));
    }
    view.gateways("gateways");
    view.inOrder();
  };
})();
