"use strict";
/* Zones: their shading, in cells while they are too small to be told apart, and the gaps in the service. */
(() => {
  const { data, t, name, el, unit, unpack, latlng, now, sum } = hubopt;
  const HOVER = { sticky: true, className: "hover", opacity: 1 };
  const MANY = 2500;
  const CELL = 9; // pixels
  const shade = (i) => hubopt.shading.colour(now().zones[i], i);
  const demand = (i) => sum(now().zones[i].demand);

  /* --- one outline each ----------------------------------------------------------------------------------------- */

  const outline = (zone, style) => (zone.parts
    ? L.polygon(zone.parts.map((part) => part.map(unpack)), style)
    : L.circleMarker(latlng(zone.at), { ...style, radius: 4.5 }));

  function makeZones() {
    const many = data.zones.length > MANY;
    hubopt.zoneLayers = data.zones.map((zone, i) => {
      if (!zone.parts && !zone.at) return null;
      const drawn = outline(zone, { renderer: hubopt.front, stroke: true, color: zone.parts ? "#ffffff" : "#9aa3ab", weight: many ? 0.4 : 0.7, opacity: 0.9, fillOpacity: 0.62, fillColor: "#ffffff" });
      drawn.zone = i;
      return drawn;
    });
  }

  /* --- cells ---------------------------------------------------------------------------------------------------- */

  /* Zones by square of the screen; a cell is coloured as most of its demand is. */
  function cells() {
    const { map } = hubopt;
    const zoom = Math.floor(map.getZoom());
    const found = new Map();
    data.zones.forEach((zone, i) => {
      if (!zone.at) return;
      const point = map.project(latlng(zone.at), zoom);
      const at = [Math.floor(point.x / CELL), Math.floor(point.y / CELL)];
      const key = at.join("/");
      if (!found.has(key)) found.set(key, { at, zones: [] });
      found.get(key).zones.push(i);
    });
    return [...found.values()].map(({ at: [x, y], zones }) => {
      const corner = (dx, dy) => map.unproject([(x + dx) * CELL, (y + dy) * CELL], zoom);
      const drawn = L.rectangle(L.latLngBounds(corner(0, 1), corner(1, 0)), { renderer: hubopt.front, stroke: false, fillOpacity: 0.72, fillColor: "#ffffff" });
      drawn.cell = zones;
      return drawn;
    });
  }
  function mostOf(zones) {
    const weights = new Map();
    for (const i of zones) weights.set(shade(i), (weights.get(shade(i)) || 0) + demand(i) + 1e-9);
    const colour = [...weights].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
    return { colour, example: zones.find((i) => shade(i) === colour) };
  }

  /* Whether zones are too many and too small for this zoom. */
  const coarse = () => !data.schematic && data.zones.length > MANY && hubopt.zonePixels() < 5;
  hubopt.zonePixels = () => {
    const sizes = data.zones.map((zone) => zone.area).filter((area) => area > 0).sort((a, b) => a - b);
    const km = Math.sqrt(sizes[Math.floor(sizes.length / 2)] || 1);
    const middle = hubopt.map.getCenter();
    const step = L.latLng(middle.lat + km / 111.2, middle.lng);
    return Math.abs(hubopt.map.latLngToLayerPoint(step).y - hubopt.map.latLngToLayerPoint(middle).y);
  };

  let drawnAs = null;
  hubopt.cells = [];
  hubopt.drawZones = () => {
    const group = hubopt.groups.zones;
    group.closeTooltip();
    group.clearLayers();
    drawnAs = coarse() ? "cells " + Math.floor(hubopt.map.getZoom()) : "zones";
    if (!hubopt.zoneLayers) makeZones();
    hubopt.cells = drawnAs === "zones" ? [] : cells();
    hubopt.reshade();
    for (const drawn of drawnAs === "zones" ? hubopt.zoneLayers : hubopt.cells) if (drawn) group.addLayer(drawn);
  };
  hubopt.reshade = () => {
    for (const drawn of hubopt.cells) drawn.setStyle({ fillColor: mostOf(drawn.cell).colour });
    hubopt.zoneLayers.forEach((drawn, i) => drawn && drawn.setStyle({ fillColor: shade(i) }));
  };
  hubopt.followZoom = () => {
    const wanted = coarse() ? "cells " + Math.floor(hubopt.map.getZoom()) : "zones";
    if (wanted === drawnAs) return;
    hubopt.drawZones();
    hubopt.inOrder();
    hubopt.sayCoarse();
  };

  const lines = (rows) => el("div", {}, rows.map(([text, strong]) => el(strong ? "b" : "div", {}, text)));
  function hover(drawn) {
    if (drawn.zone !== undefined) return lines([[name(data.zones[drawn.zone].name), true], [hubopt.shading.text(now().zones[drawn.zone], drawn.zone)]]);
    const { example } = mostOf(drawn.cell);
    const tonnes = unit("t_d", sum(drawn.cell.map(demand)));
    return lines([[t("shade.cell", { count: drawn.cell.length, tonnes }), true], [t("shade.mostly", { what: hubopt.shading.text(now().zones[example], example) })]]);
  }
  hubopt.listenToZones = () => {
    const { zones, gaps } = hubopt.groups;
    const open = (event) => {
      const drawn = event.propagatedFrom || event.layer;
      if (drawn.zone !== undefined) hubopt.show("zone", drawn.zone);
      else hubopt.map.setView(event.latlng, Math.ceil(hubopt.map.getZoom() + 1));
    };
    for (const group of [zones, gaps]) group.bindTooltip(hover, HOVER).on("click", open);
  };

  /* --- gaps ----------------------------------------------------------------------------------------------------- */

  const weighed = (zone, target) => sum(target.weighs.map((k) => zone.demand[k]));
  const missing = (zone) => sum(zone.demand.map((value, k) => Math.max(0, value - zone.delivered[k])));
  const judged = data.targets.filter((target) => data.periods.some((period) => period.zones.some((zone) => target.id in zone.within)));
  hubopt.GAPS = data.solved ? [
    { id: "unmet", label: () => t("gap.unmet"), amount: (zone) => (zone.state === "unmet" ? missing(zone) : 0), of: (zone) => sum(zone.demand), colour: "#a01c30" },
    ...judged.map((target) => ({
      id: target.id, target, label: () => name(target.name), colour: "#7a4a00",
      amount: (zone) => (zone.within[target.id] === false ? weighed(zone, target) : 0),
      of: (zone) => weighed(zone, target),
    })),
  ] : [];
  hubopt.gap = "none";
  /* Zones in a gap of the period, the largest amount first, and their share of what the standard weighs. */
  hubopt.inGap = (gap) => {
    const zones = now().zones.map((zone, i) => ({ i, amount: gap.amount(zone) })).filter(({ amount }) => amount > 0);
    const whole = sum(now().zones.map(gap.of));
    return { zones: zones.sort((a, b) => b.amount - a.amount), share: whole > 0 ? sum(zones.map(({ amount }) => amount)) / whole : 0 };
  };

  hubopt.drawGaps = () => {
    const group = hubopt.groups.gaps;
    group.closeTooltip();
    group.clearLayers();
    const gap = hubopt.GAPS.find((one) => one.id === hubopt.gap);
    if (!gap) return;
    for (const { i } of hubopt.inGap(gap).zones.slice(0, 2 * MANY)) {
      const zone = data.zones[i];
      if (!zone.parts && !zone.at) continue;
      const drawn = outline(zone, { renderer: hubopt.front, stroke: true, color: gap.colour, weight: 1.8, opacity: 0.95, fillColor: gap.colour, fillOpacity: 0.22 });
      drawn.zone = i;
      group.addLayer(drawn);
    }
  };
})();
