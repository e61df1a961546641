"use strict";
/* Draws the network: base map, zones, flows, facilities and gateways, each into its own layer. */
(() => {
  const { data, t, name, el, unit, unpack, latlng, now, sum, scaled } = hubopt;
  const HOVER = { sticky: true, className: "hover", opacity: 1 };
  /* Later layers lie over earlier ones; all share one canvas, where the order of drawing is the order of things. */
  const order = () => ["zones", "districts", "expressways", ...data.legs.map((leg) => "flow-" + leg).reverse(), "candidates", "highlight", "closed", "station", "utc", "hub"];

  let base;
  let front;

  const hover = (lines) => el("div", {}, lines.map(([text, strong]) => el(strong ? "b" : "div", {}, text)));

  function drawBase(groups) {
    const styles = {
      land: { stroke: true, color: "#cfd6d9", weight: 1, fill: true, fillColor: "#faf9f6", fillOpacity: 1 },
      water: { stroke: false, fill: true, fillColor: "#dfe9ef", fillOpacity: 1 },
      districts: { stroke: true, color: "#a39c8c", weight: 1.1, dashArray: "5 4", fill: false },
      roads: { stroke: true, color: "#dedad1", weight: 0.9, fill: false },
      expressways: { stroke: true, color: "#c9b78f", weight: 1.5, opacity: 0.75, fill: false },
    };
    const over = ["districts", "expressways"]; // drawn over the shading of the zones
    for (const [layer, features] of Object.entries(data.base)) {
      const make = styles[layer].fill || layer === "districts" ? L.polygon : L.polyline;
      for (const feature of features) {
        const parts = feature.parts.map((part) => (make === L.polygon ? part.map(unpack) : unpack(part[0])));
        make(parts, { ...styles[layer], renderer: over.includes(layer) ? front : base, interactive: false, smoothFactor: 0.6 }).addTo(groups[layer]);
      }
    }
  }

  /* --- zones ---------------------------------------------------------------------------------------------------- */

  const shade = (i) => hubopt.shading.colour(now().zones[i], i);

  function drawZones(group) {
    group.clearLayers();
    hubopt.zoneLayers = data.zones.map((zone, i) => {
      if (!zone.parts && !zone.at) return null;
      const style = { renderer: front, stroke: true, color: "#ffffff", weight: 0.7, opacity: 0.9, fillOpacity: 0.62, fillColor: shade(i) };
      const drawn = zone.parts
        ? L.polygon(zone.parts.map((part) => part.map(unpack)), style)
        : L.circleMarker(latlng(zone.at), { ...style, color: "#9aa3ab", radius: 4.5 });
      drawn.bindTooltip(() => hover([[name(zone.name), true], [hubopt.shading.text(now().zones[i], i)]]), HOVER);
      drawn.on("click", () => hubopt.show("zone", i));
      return drawn.addTo(group);
    });
  }

  hubopt.reshade = () => hubopt.zoneLayers.forEach((drawn, i) => drawn && drawn.setStyle({ fillColor: shade(i) }));

  /* --- flows ---------------------------------------------------------------------------------------------------- */

  /* A gentle bow keeps lines that share an end apart and tells them from roads. */
  function bow(from, to, bend) {
    if (!bend) return [from, to];
    const middle = [(from[0] + to[0]) / 2 + bend * (to[1] - from[1]), (from[1] + to[1]) / 2 - bend * (to[0] - from[0])];
    return Array.from({ length: 17 }, (_, k) => {
      const s = k / 16;
      return [0, 1].map((axis) => (1 - s) ** 2 * from[axis] + 2 * s * (1 - s) * middle[axis] + s * s * to[axis]);
    });
  }
  const ends = (flow, line) => [hubopt.listOf(flow.from)[line[0]], hubopt.listOf(flow.to)[line[1]]];
  const carriers = new Map(data.periods.flatMap((period) => period.flows.flatMap((flow) => flow.lines.map((line, i) => [line, data.modes[flow.modes[i]]]))));
  const curve = (leg) => (data.schematic || leg.endsWith("-zone") || leg === "utc-station" ? 0 : 0.12);
  hubopt.flowPath = (flow, line) => {
    const [upper, lower] = ends(flow, line);
    const bend = curve(flow.leg) + (data.schematic || hubopt.isRoad(carriers.get(line).kind) ? 0 : 0.1);
    return upper.at && lower.at ? bow(latlng(upper.at), latlng(lower.at), bend) : null;
  };
  hubopt.byCommodity = (amounts) =>
    amounts.map((value, k) => [data.commodities[k], value]).filter(([, value]) => value > 0);

  function drawFlows(groups) {
    for (const leg of data.legs) groups["flow-" + leg].clearLayers();
    for (const flow of now().flows) {
      const colour = hubopt.legColour(flow.leg);
      const lines = flow.lines.map((line) => [line, sum(line.slice(2))]).sort((a, b) => b[1] - a[1]);
      for (const [line, total] of lines) {
        const path = hubopt.flowPath(flow, line);
        if (!path) continue;
        const [upper, lower] = ends(flow, line);
        const mode = carriers.get(line);
        const dashArray = hubopt.DASHES[mode.kind] || null;
        const drawn = L.polyline(path, { renderer: front, color: colour, weight: scaled(total, data.scales.width), opacity: flow.to === "zone" ? 0.3 : 0.37, lineCap: dashArray ? "butt" : "round", dashArray, smoothFactor: 0 });
        drawn.bindTooltip(() => hover([
          [name(upper.name) + " – " + name(lower.name), true],
          [unit("t_d", total) + " · " + name(mode.name)],
          ...hubopt.byCommodity(line.slice(2)).map(([item, value]) => [name(item.name) + " (" + t("direction." + item.direction) + "): " + unit("t_d", value)]),
        ]), HOVER);
        drawn.on("mouseover", () => drawn.setStyle({ opacity: 0.95 }));
        drawn.on("mouseout", () => drawn.setStyle({ opacity: drawn.options.rest }));
        drawn.options.rest = drawn.options.opacity;
        drawn.addTo(groups["flow-" + flow.leg]);
      }
    }
  }

  /* --- facilities and candidates -------------------------------------------------------------------------------- */

  function facilityMarker(facility, site) {
    const closed = facility.action === "close";
    return L.circleMarker(latlng(site.at), {
      renderer: front,
      radius: closed ? 5 : scaled(facility.throughput, data.scales.radius),
      fillColor: closed ? "#ffffff" : data.designColours[site.level][facility.design] || data.endColours[site.level],
      fillOpacity: closed ? 0.15 : site.level === "station" ? 0.9 : 0.85,
      opacity: 1,
      ...hubopt.RINGS[facility.action],
    });
  }

  function drawSites(groups) {
    for (const layer of ["hub", "utc", "station", "closed", "candidates"]) groups[layer].clearLayers();
    hubopt.facilityOf = new Map(now().facilities.map((facility) => [facility.site, facility]));
    const largestFirst = [...now().facilities].sort((a, b) => b.throughput - a.throughput);
    for (const facility of largestFirst) {
      const site = data.sites[facility.site];
      if (!site.at) continue;
      const drawn = facilityMarker(facility, site);
      drawn.bindTooltip(() => hover([[name(site.name), true], [t("level." + site.level) + " · " + t("action." + facility.action)], [unit("t_d", facility.throughput)]]), HOVER);
      drawn.on("click", () => hubopt.show("site", facility.site));
      drawn.addTo(groups[facility.action === "close" ? "closed" : site.level]);
    }
    data.sites.forEach((site, i) => {
      if (!site.at || hubopt.facilityOf.has(i)) return;
      const drawn = L.circleMarker(latlng(site.at), { renderer: front, radius: { hub: 5, utc: 3.6, station: 2.2 }[site.level], weight: 1, color: "#7b848d", fillColor: "#c3c8cd", fillOpacity: 0.8 });
      drawn.bindTooltip(() => hover([[name(site.name), true], [t("level." + site.level) + " · " + t("popup.not-chosen")]]), HOVER);
      drawn.on("click", () => hubopt.show("site", i));
      drawn.addTo(groups.candidates);
    });
  }

  function drawGateways(group) {
    group.clearLayers();
    const used = new Set(now().flows.filter((flow) => flow.from === "gateway").flatMap((flow) => flow.lines.map((line) => line[0])));
    data.gateways.forEach((gateway, i) => {
      if (!gateway.at) return;
      const icon = L.divIcon({ className: "gateway " + gateway.kind + (data.solved && !used.has(i) ? " unused" : ""), html: hubopt.pictogram(gateway.kind, 15), iconSize: [22, 22] });
      const drawn = L.marker(latlng(gateway.at), { icon, keyboard: true, riseOnHover: true });
      drawn.bindTooltip(() => hover([[name(gateway.name), true], [t("kind." + gateway.kind)]]), { ...HOVER, sticky: false, direction: "top", offset: [0, -8] });
      drawn.on("click", () => hubopt.show("gateway", i));
      drawn.addTo(group);
    });
  }

  /* --- showing one thing ---------------------------------------------------------------------------------------- */

  function highlight(kind, index, group) {
    group.clearLayers();
    for (const flow of now().flows) {
      const colour = hubopt.legColour(flow.leg);
      for (const line of flow.lines) {
        if (!((flow.from === kind && line[0] === index) || (flow.to === kind && line[1] === index))) continue;
        const path = hubopt.flowPath(flow, line);
        if (!path) continue;
        const width = Math.max(1.4, scaled(sum(line.slice(2)), data.scales.width));
        L.polyline(path, { renderer: front, interactive: false, color: "#ffffff", weight: width + 2.5, opacity: 0.9, smoothFactor: 0 }).addTo(group);
        L.polyline(path, { renderer: front, interactive: false, color: colour, weight: width, opacity: 1, dashArray: hubopt.DASHES[carriers.get(line).kind] || null, lineCap: "butt", smoothFactor: 0 }).addTo(group);
      }
    }
  }

  /* Opens the popup of a site, gateway or zone and draws its own flows over everything else. */
  hubopt.show = (kind, index) => {
    const thing = hubopt.listOf(kind)[index];
    if (!thing.at) return;
    highlight(kind, index, hubopt.groups.highlight);
    hubopt.inOrder();
    L.popup({ maxWidth: 340, minWidth: 270, maxHeight: 420, autoPanPaddingTopLeft: [hubopt.panelWidth() + 12, 12], autoPanPaddingBottomRight: [12, 30] })
      .setLatLng(latlng(thing.at))
      .setContent(() => hubopt.popup(kind, index))
      .openOn(hubopt.map);
  };

  hubopt.inOrder = () => {
    for (const layer of order()) if (hubopt.map.hasLayer(hubopt.groups[layer])) hubopt.groups[layer].bringToFront();
  };

  hubopt.draw = () => {
    drawZones(hubopt.groups.zones);
    drawFlows(hubopt.groups);
    drawSites(hubopt.groups);
    drawGateways(hubopt.groups.gateways);
    hubopt.inOrder();
  };

  hubopt.drawOnce = () => {
    base = L.canvas({ pane: "base", padding: 0.4 });
    front = L.canvas({ tolerance: 3, padding: 0.2 });
    drawBase(hubopt.groups);
    hubopt.map.on("popupclose", () => hubopt.groups.highlight.clearLayers());
  };
})();
