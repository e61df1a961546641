"use strict";
/* Draws the network: base map, facilities, gateways, and what is being looked at; zones and flows have their own files. */
(() => {
  const { data, t, name, el, unit, unpack, latlng, now, sum, scaled } = hubopt;
  const HOVER = { sticky: true, className: "hover", opacity: 1 };
  /* Later layers lie over earlier ones; all share one canvas, where the order of drawing is the order of things. */
  const order = () => ["zones", "gaps", "districts", "expressways", ...data.legs.map((leg) => "flow-" + leg).reverse(), "candidates", "highlight", "closed", "station", "utc", "hub"];

  let base;

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
        make(parts, { ...styles[layer], renderer: over.includes(layer) ? hubopt.front : base, interactive: false, smoothFactor: 0.6 }).addTo(groups[layer]);
      }
    }
  }

  /* --- facilities and candidates -------------------------------------------------------------------------------- */

  const MANY = 700;
  const CLUSTER = 30; // pixels
  const FAR = 12; // zoom from which on every facility stands alone

  const STANDING = { hub: 8, utc: 6, station: 3.5 }; // of what stands today, whose throughput is not known

  function facilityMarker(facility, site) {
    const closed = facility.action === "close";
    return L.circleMarker(latlng(site.at), {
      renderer: hubopt.front,
      radius: closed ? 5 : facility.throughput === null ? STANDING[site.level] : scaled(facility.throughput, data.scales.radius),
      fillColor: closed ? "#ffffff" : data.designColours[site.level][facility.design] || data.endColours[site.level],
      fillOpacity: closed ? 0.15 : site.level === "station" ? 0.9 : 0.85,
      opacity: 1,
      ...hubopt.RINGS[facility.action],
    });
  }

  /* Things in one square of the screen together, where there are too many to tell apart. */
  function clustered(things, at) {
    const zoom = Math.floor(hubopt.map.getZoom());
    if (data.schematic || things.length <= MANY || zoom >= FAR) return things.map((thing) => [thing]);
    const found = new Map();
    for (const thing of things) {
      const point = hubopt.map.project(latlng(at(thing)), zoom);
      const key = Math.floor(point.x / CLUSTER) + "/" + Math.floor(point.y / CLUSTER);
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(thing);
    }
    return [...found.values()];
  }
  const middleOf = (points) => [0, 1].map((axis) => sum(points.map((point) => point[axis])) / points.length);
  const closer = (event) => hubopt.map.setView(event.latlng, Math.ceil(hubopt.map.getZoom() + 1.5));

  function drawCluster(sites, style, lines, group) {
    const drawn = L.circleMarker(latlng(middleOf(sites.map((site) => site.at))), { renderer: hubopt.front, ...style });
    drawn.bindTooltip(() => hover([...lines(), [t("popup.closer")]]), HOVER);
    drawn.on("click", closer);
    drawn.addTo(group);
  }

  function drawFacility(facility, group) {
    const site = data.sites[facility.site];
    const drawn = facilityMarker(facility, site);
    drawn.bindTooltip(() => hover([[name(site.name), true], [t("level." + site.level) + " · " + t("action." + facility.action)], [unit("t_d", facility.throughput)]]), HOVER);
    drawn.on("click", () => hubopt.show("site", facility.site));
    drawn.addTo(group);
  }

  function drawLevel(level, facilities, group) {
    const placed = facilities.filter((facility) => data.sites[facility.site].at).sort((a, b) => b.throughput - a.throughput);
    for (const together of clustered(placed, (facility) => data.sites[facility.site].at)) {
      if (together.length === 1) {
        drawFacility(together[0], group);
        continue;
      }
      const tonnes = sum(together.map((facility) => facility.throughput || 0));
      const style = { radius: Math.min(13, 4 + 0.9 * Math.sqrt(together.length)), fillColor: data.endColours[level], fillOpacity: 0.6, color: "#ffffff", weight: 1.4 };
      const lines = () => [[hubopt.format.figures(together.length) + " × " + t("level." + level), true], [unit("t_d", tonnes)]];
      drawCluster(together.map((facility) => data.sites[facility.site]), style, lines, group);
    }
  }

  function drawCandidates(group) {
    const left = data.sites.map((site, i) => ({ site, i })).filter(({ site, i }) => site.at && !hubopt.facilityOf.has(i));
    const style = (radius) => ({ renderer: hubopt.front, radius, weight: 1, color: "#7b848d", fillColor: "#c3c8cd", fillOpacity: 0.8 });
    for (const together of clustered(left, ({ site }) => site.at)) {
      const [{ site, i }] = together;
      if (together.length > 1) {
        const lines = () => [[hubopt.format.figures(together.length) + " × " + t("popup.not-chosen"), true]];
        drawCluster(together.map((one) => one.site), { ...style(3 + 0.6 * Math.sqrt(together.length)), fillOpacity: 0.5 }, lines, group);
        continue;
      }
      const drawn = L.circleMarker(latlng(site.at), style({ hub: 5, utc: 3.6, station: 2.2 }[site.level]));
      drawn.bindTooltip(() => hover([[name(site.name), true], [t("level." + site.level) + " · " + t("popup.not-chosen")]]), HOVER);
      drawn.on("click", () => hubopt.show("site", i));
      drawn.addTo(group);
    }
  }

  let drawnAt = null;
  hubopt.clustering = () => drawnAt !== null && drawnAt < FAR && ["hub", "utc", "station"].some((level) => now().facilities.filter((facility) => data.sites[facility.site].level === level).length > MANY);
  const crowded = () => !data.schematic && data.sites.length > MANY;
  hubopt.drawSites = () => {
    const { groups } = hubopt;
    for (const layer of ["hub", "utc", "station", "closed", "candidates"]) groups[layer].clearLayers();
    const facilities = now().facilities;
    hubopt.facilityOf = new Map(facilities.map((facility) => [facility.site, facility]));
    const open = facilities.filter((facility) => facility.action !== "close");
    for (const level of ["hub", "utc", "station"]) drawLevel(level, open.filter((facility) => data.sites[facility.site].level === level), groups[level]);
    for (const facility of facilities) if (facility.action === "close" && data.sites[facility.site].at) drawFacility(facility, groups.closed);
    drawCandidates(groups.candidates);
    drawnAt = Math.min(FAR, Math.floor(hubopt.map.getZoom()));
  };
  /* Clusters are made anew for each zoom. */
  hubopt.recluster = () => {
    if (!crowded() || drawnAt === Math.min(FAR, Math.floor(hubopt.map.getZoom()))) return;
    hubopt.drawSites();
    hubopt.inOrder();
    hubopt.sayCoarse();
  };

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
    for (const entry of hubopt.linesNow()) {
      const { flow, line } = entry;
      if (!((flow.from === kind && line[0] === index) || (flow.to === kind && line[1] === index))) continue;
      const path = hubopt.flowPath(entry);
      if (!path) continue;
      const width = Math.max(1.4, scaled(entry.total, data.scales.width));
      L.polyline(path, { renderer: hubopt.front, interactive: false, color: "#ffffff", weight: width + 2.5, opacity: 0.9, smoothFactor: 0 }).addTo(group);
      L.polyline(path, { renderer: hubopt.front, interactive: false, color: hubopt.legColour(flow.leg), weight: width, opacity: 1, dashArray: hubopt.dash(entry.mode, width), lineCap: "butt", smoothFactor: 0 }).addTo(group);
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
    hubopt.drawZones();
    hubopt.drawGaps();
    hubopt.refilter();
    hubopt.drawFlows();
    hubopt.drawSites();
    drawGateways(hubopt.groups.gateways);
    hubopt.inOrder();
  };

  hubopt.drawOnce = () => {
    base = L.canvas({ pane: "base", padding: 0.4 });
    hubopt.front = L.canvas({ tolerance: 3, padding: 0.2 });
    drawBase(hubopt.groups);
    hubopt.listenToZones();
    hubopt.listenToFlows();
    hubopt.map.on("popupclose", () => hubopt.groups.highlight.clearLayers());
  };
  hubopt.follow = () => {
    hubopt.map.on("zoomend", () => {
      hubopt.followZoom();
      hubopt.recluster();
    });
    hubopt.map.on("moveend", hubopt.followView);
  };
})();
