"use strict";
/* The map: base layers, land of the candidates, their symbols and names. */
(() => {
  const { data, t, name, el, unpack, latlng, review, format } = hubopt;
  const LAND_ZOOM = 14; // from here on the land of every site is drawn to scale
  const NAME_ZOOM = { hub: 9.5, utc: 12, station: 14 };
  let map;
  let front;
  const marks = new Map();
  const groups = {};

  function drawBase(renderer) {
    const styles = {
      land: { stroke: true, color: "#cfd6d9", weight: 1, fill: true, fillColor: "#faf9f6", fillOpacity: 1 },
      water: { stroke: false, fill: true, fillColor: "#dfe9ef", fillOpacity: 1 },
      districts: { stroke: true, color: "#8f8878", weight: 1.2, dashArray: "5 4", fill: false },
      roads: { stroke: true, color: "#d8d3c8", weight: 0.9, fill: false },
      expressways: { stroke: true, color: "#c9b78f", weight: 1.6, opacity: 0.8, fill: false },
    };
    for (const layer of Object.keys(styles)) {
      for (const feature of data.base[layer] || []) {
        const area = styles[layer].fill || layer === "districts";
        const parts = feature.parts.map((part) => (area ? part.map(unpack) : unpack(part[0])));
        (area ? L.polygon : L.polyline)(parts, { ...styles[layer], renderer, interactive: false, smoothFactor: 0.6 }).addTo(map);
      }
    }
  }

  const hint = (site) => el("div", {}, el("b", {}, name(site.name)), el("div", {}, [site.level && t("level." + site.level), t("standing." + site.status), site.score !== undefined ? t("review.score") + " " + format.figures(site.score) : null].filter(Boolean).join(" · ")));

  function drawSites() {
    const order = (site) => (site.status === "excluded" ? 0 : ["not-chosen", "unsolved"].includes(site.status) ? 1 : 2) * 10 - review.levels.indexOf(site.level);
    for (const site of [...data.sites].sort((a, b) => order(a) - order(b))) {
      if (!site.at) continue;
      const look = () => ({ site, badge: review.marks.of(site.id), chosen: review.chosen === site.id });
      const mark = new review.SiteMark(latlng(site.at), { renderer: front, radius: review.radius(site) + 1, weight: 12, look });
      mark.bindTooltip(() => hint(site), { className: "hover", direction: "top", offset: [0, -6], opacity: 1 });
      mark.on("click", (event) => {
        if (review.measuring) return; // the map takes the point
        L.DomEvent.stop(event);
        review.goTo(site.id, { fly: false });
      });
      marks.set(site.id, mark);
    }
  }

  /* Land of a site: its polygon, or a circle of the same area around the point. */
  function landOf(site, chosen) {
    const colour = site.status === "not-chosen" ? "#6b747d" : site.status === "close" ? "#c2410c" : review.colour(site.status).fill === "#ffffff" ? "#4d565f" : review.colour(site.status).fill;
    const style = { renderer: front, interactive: false, color: colour, weight: chosen ? 2.5 : 1.4, fillColor: colour, fillOpacity: 0.22 };
    if (site.shape) return L.polygon(site.shape.map((part) => part.map(unpack)), style);
    if (!site.at || !(site.land > 0) || data.schematic) return null;
    return L.circle(latlng(site.at), { ...style, radius: Math.sqrt((site.land * 1e4) / Math.PI), dashArray: "4 4", fillOpacity: 0.12 });
  }
  function drawLand() {
    groups.land.clearLayers();
    const near = map.getZoom() >= LAND_ZOOM;
    const bounds = map.getBounds().pad(0.2);
    for (const site of review.shown) {
      const chosen = site.id === review.chosen;
      if (!chosen && !(near && site.at && bounds.contains(latlng(site.at))) && !(site.shape && map.getZoom() >= 11)) continue;
      const land = landOf(site, chosen);
      if (land) land.addTo(groups.land);
    }
    for (const mark of marks.values()) if (map.hasLayer(mark)) mark.bringToFront();
  }

  /* Names of districts and of what is open, the most important first, none over another. */
  const pen = document.createElement("canvas").getContext("2d");
  function drawNames() {
    groups.names.clearLayers();
    const zoom = map.getZoom();
    const family = getComputedStyle(document.body).fontFamily;
    const wanted = (data.base.districts || []).map((district) => ({ kind: "district", text: name(district.name), at: district.at, rank: 1, reach: 0 }));
    const bounds = map.getBounds();
    for (const site of review.shown) {
      const chosen = site.id === review.chosen;
      if (!site.at || !bounds.contains(latlng(site.at))) continue;
      if (!chosen && (["not-chosen", "excluded", "close"].includes(site.status) || zoom < (NAME_ZOOM[site.level] || 15))) continue;
      const text = name(site.name).replace(/\s*[(（][^)）]*[)）]\s*$/, "") || name(site.name);
      wanted.push({ kind: chosen ? "chosen" : "site", text: text.length > 34 ? text.slice(0, 32) + "…" : text, at: site.at, rank: chosen ? 0 : 2 + review.levels.indexOf(site.level), reach: review.radius(site) + (chosen ? 11 : 5) });
    }
    const taken = [];
    for (const label of wanted.sort((a, b) => a.rank - b.rank)) {
      pen.font = (label.kind === "site" ? "500 11.5px " : "600 12px ") + family;
      const [width, height] = [pen.measureText(label.text).width + (label.kind === "district" ? 14 : 4), 15];
      const point = map.latLngToLayerPoint(latlng(label.at));
      const places = label.reach ? [[label.reach, -height / 2], [-label.reach - width, -height / 2], [-width / 2, -label.reach - height], [-width / 2, label.reach]] : [[-width / 2, -height / 2]];
      const free = places.find(([x, y]) => !taken.some((box) => point.x + x < box.right && box.left < point.x + x + width && point.y + y < box.bottom && box.top < point.y + y + height));
      if (!free) continue;
      taken.push({ left: point.x + free[0], right: point.x + free[0] + width, top: point.y + free[1], bottom: point.y + free[1] + height });
      const html = el("span", { style: { left: free[0] + "px", top: free[1] + "px" } }, label.text);
      L.marker(latlng(label.at), { icon: L.divIcon({ className: "label of-" + label.kind, html, iconSize: [0, 0] }), interactive: false, keyboard: false }).addTo(groups.names);
    }
  }

  const redraw = () => {
    const shown = new Set(review.shown.map((site) => site.id));
    for (const [id, mark] of marks) {
      const wanted = shown.has(id) || id === review.chosen;
      if (wanted !== map.hasLayer(mark)) wanted ? mark.addTo(map) : mark.remove();
      else if (wanted) mark.redraw();
    }
    drawLand();
    if (review.chosen && marks.has(review.chosen)) marks.get(review.chosen).bringToFront();
    drawNames();
  };

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  /* Choose a site and go there. */
  review.goTo = (id, { fly = true } = {}) => {
    review.choose(id);
    const site = review.site();
    if (!fly || !site || !site.at) return;
    const zoom = data.schematic ? map.getZoom() : Math.max(map.getZoom(), 14);
    map.flyTo(latlng(site.at), Math.min(zoom, map.getMaxZoom()), { duration: 0.7, animate: !still });
  };
  review.whole = () => map.fitBounds(data.bounds, { padding: [24, 24], animate: false });

  review.drawMap = (made) => {
    map = made;
    front = L.canvas({ tolerance: 3, padding: 0.2 });
    drawBase(L.canvas({ pane: "base", padding: 0.4 }));
    groups.land = L.layerGroup().addTo(map);
    groups.names = L.layerGroup().addTo(map);
    drawSites();
    review.watch(redraw);
    map.on("zoomend moveend", () => { drawLand(); drawNames(); });
    map.on("click", () => review.measuring || (review.chosen && review.choose(null)));
  };
  review.markOf = (id) => marks.get(id);
})();
