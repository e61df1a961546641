"use strict";
/* Names on the map: the most important first, and none over another. */
(() => {
  const { data, t, name, latlng } = hubopt;
  const PLACES = [[1, 0], [-1, 0], [0, -1], [0, 1]];
  const pen = document.createElement("canvas").getContext("2d");
  const FONT = { hub: "600 12px ", utc: "500 11px ", station: "400 10.5px ", gateway: "500 11px ", district: "500 11.5px ", zone: "400 10.5px ", heading: "650 13px " };
  const LEAST_ZOOM = { hub: 0, gateway: 11, utc: 12, station: 14, zone: 99, district: 0 };

  /* What stands in brackets is left to the popup, and so is the end of a very long name. */
  const plain = (text) => {
    const short = text.replace(/\s*[(（][^)）]*[)）]\s*$/, "").replace(/\s+/g, " ") || text;
    return short.length > 36 ? short.slice(0, 34).trimEnd() + "…" : short;
  };

  /* Schematic columns of many places have several side by side: their names wait until there is room for them. */
  const room = (count) => !data.schematic || count <= data.rows || 9 * 2 ** hubopt.map.getZoom() > 70;

  function wanted(zoom) {
    const found = [];
    const counts = Object.fromEntries(["hub", "utc", "station"].map((level) => [level, data.schematic ? data.sites.filter((site) => site.level === level).length : 0]));
    const sight = hubopt.map.getBounds().pad(0.1);
    const add = (kind, names, at, reach, rank) => {
      if (at && sight.contains(latlng(at)) && (data.schematic ? kind !== "district" : zoom >= LEAST_ZOOM[kind])) found.push({ kind, text: plain(name(names)), at, reach, rank });
    };
    for (const facility of hubopt.now().facilities) {
      const site = data.sites[facility.site];
      if (facility.action === "close" || !hubopt.map.hasLayer(hubopt.groups[site.level]) || !room(counts[site.level])) continue;
      const rank = { hub: 1, utc: 4, station: 5 }[site.level];
      add(site.level, site.name, site.at, hubopt.scaled(facility.throughput || 0, data.scales.radius) + 4, rank - Math.min(0.9, (facility.throughput || 0) * 1e-6));
    }
    if (hubopt.map.hasLayer(hubopt.groups.districts))
      for (const district of data.base.districts || []) add("district", district.name, district.at, 0, 2);
    if (hubopt.map.hasLayer(hubopt.groups.gateways))
      for (const gateway of data.gateways) add("gateway", gateway.name, gateway.at, 14, 3);
    if (data.schematic) {
      if (room(data.zones.length)) for (const zone of data.zones) add("zone", zone.name, zone.at, 8, 6);
      for (const [title, at] of Object.entries(data.headings)) found.push({ kind: "heading", text: t(title === "zone" ? "levels.zone" : title === "gateway" ? "layer.gateways" : "levels." + title), at, reach: 10, rank: 0 });
    }
    return found.sort((a, b) => a.rank - b.rank);
  }

  const overlaps = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

  /* The first free place of a label around its point, or null. */
  function placeOf(label, taken, width, height) {
    const point = hubopt.map.latLngToLayerPoint(latlng(label.at));
    const places = label.kind === "district" ? [[0, 0]] : !data.schematic ? PLACES : label.kind === "zone" ? [[1, 0]] : [[0, -1]];
    for (const [x, y] of places) {
      const left = point.x + (x === 0 ? -width / 2 : x > 0 ? label.reach : -label.reach - width);
      const top = point.y + (y === 0 ? -height / 2 : y > 0 ? label.reach : -label.reach - height);
      const box = { left: left - 2, right: left + width + 2, top, bottom: top + height };
      if (!taken.some((other) => overlaps(box, other))) return { box, offset: [left - point.x, top - point.y] };
    }
    return null;
  }

  const icons = () => data.gateways.filter((gateway) => gateway.at && hubopt.map.hasLayer(hubopt.groups.gateways)).map((gateway) => {
    const point = hubopt.map.latLngToLayerPoint(latlng(gateway.at));
    return { left: point.x - 11, right: point.x + 11, top: point.y - 11, bottom: point.y + 11 };
  });
  const discs = () => hubopt.now().facilities
    .filter((facility) => data.sites[facility.site].at && data.sites[facility.site].level === "hub" && facility.action !== "close")
    .map((facility) => {
      const point = hubopt.map.latLngToLayerPoint(latlng(data.sites[facility.site].at));
      const reach = 0.75 * hubopt.scaled(facility.throughput || 0, data.scales.radius);
      return { left: point.x - reach, right: point.x + reach, top: point.y - reach, bottom: point.y + reach };
    });

  hubopt.label = () => {
    const group = hubopt.groups.labels;
    group.clearLayers();
    if (!hubopt.map.hasLayer(group)) return;
    const taken = [...discs(), ...icons()];
    const family = getComputedStyle(document.body).fontFamily;
    for (const label of wanted(hubopt.map.getZoom())) {
      pen.font = FONT[label.kind] + family;
      const width = pen.measureText(label.text).width * (label.kind === "district" ? 1.12 : 1) + 2;
      const height = 14;
      const placed = placeOf(label, taken, width, height);
      if (!placed) continue;
      taken.push(placed.box);
      const html = hubopt.el("span", { style: { left: placed.offset[0] + "px", top: placed.offset[1] + "px" } }, label.text);
      const icon = L.divIcon({ className: "label of-" + label.kind, html, iconSize: [0, 0] });
      L.marker(latlng(label.at), { icon, interactive: false, keyboard: false, pane: "names" }).addTo(group);
    }
  };
})();
