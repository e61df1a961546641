"use strict";
/* Flows: what is left by the filters, at most so many lines at a time, wide by tonnage, dashed by mode. */
(() => {
  const { data, t, name, el, unit, latlng, now, scaled } = hubopt;
  /* A map of ten thousand lines is neither fast nor legible: the largest in sight are drawn, more on closer sight. */
  const MOST = 2000;
  const HOVER = { sticky: true, className: "hover", opacity: 1 };
  const all = (list) => new Set(list.keys());
  const filter = { direction: "both", commodities: all(data.commodities), modes: all(data.modes), colour: "leg" };
  Object.assign(hubopt, { filter, thinned: null });

  const outbound = data.commodities.map((item) => item.direction === "outbound");
  hubopt.DIRECTIONS = { inbound: data.flowColours[0], outbound: data.flowColours[5] };
  const colourOf = {
    leg: (entry) => hubopt.legColour(entry.flow.leg),
    direction: (entry) => hubopt.DIRECTIONS[entry.way],
    commodity: (entry) => data.flowColours[entry.largest % data.flowColours.length],
    mode: (entry) => data.flowColours[entry.mode % data.flowColours.length],
  };

  let remembered = { key: null, lines: [] };
  let version = 0;
  /* Lines of the period that pass the filters, each with its tonnes by direction, its mode and its largest commodity. */
  hubopt.linesNow = () => {
    const key = hubopt.period + "/" + version;
    if (remembered.key === key) return remembered.lines;
    const lines = [];
    const beside = new Map();
    for (const flow of now().flows) {
      flow.lines.forEach((line, i) => {
        const mode = flow.modes[i];
        if (!filter.modes.has(mode)) return;
        const amounts = { inbound: 0, outbound: 0 };
        let largest = -1;
        for (let k = 0; k < outbound.length; k += 1) {
          const value = line[k + 2];
          const way = outbound[k] ? "outbound" : "inbound";
          if (!value || !filter.commodities.has(k) || (filter.direction !== "both" && filter.direction !== way)) continue;
          amounts[way] += value;
          if (largest < 0 || value > line[largest + 2]) largest = k;
        }
        const total = amounts.inbound + amounts.outbound;
        if (total <= 0) return;
        const pair = flow.leg + "/" + line[0] + "/" + line[1];
        const rank = beside.get(pair) || 0;
        beside.set(pair, rank + 1);
        lines.push({ flow, line, mode, amounts, total, largest, rank });
      });
    }
    remembered = { key, lines };
    return lines;
  };
  hubopt.refilter = () => { version += 1; };

  /* A gentle bow keeps lines that share an end apart and tells them from roads. */
  function bow(from, to, bend) {
    if (!bend) return [from, to];
    const middle = [(from[0] + to[0]) / 2 + bend * (to[1] - from[1]), (from[1] + to[1]) / 2 - bend * (to[0] - from[0])];
    return Array.from({ length: 17 }, (_, k) => {
      const s = k / 16;
      return [0, 1].map((axis) => (1 - s) ** 2 * from[axis] + 2 * s * (1 - s) * middle[axis] + s * s * to[axis]);
    });
  }
  const ends = ({ flow, line }) => [hubopt.listOf(flow.from)[line[0]], hubopt.listOf(flow.to)[line[1]]];
  const straight = (leg) => data.schematic || leg.endsWith("-zone") || leg === "utc-station";
  function path(entry) {
    const [upper, lower] = ends(entry);
    if (!upper.at || !lower.at) return null;
    const beside = data.schematic && hubopt.inCity(entry.flow.leg); // ends in one column, others between them
    const base = beside ? 0.3 : straight(entry.flow.leg) ? 0 : 0.12;
    const side = entry.way === "outbound" ? -1 : 1;
    const bend = entry.way ? side * Math.max(base, 0.05) : base;
    return bow(latlng(upper.at), latlng(lower.at), bend + (bend < 0 ? -0.07 : 0.07) * entry.rank);
  }
  hubopt.flowPath = path;
  hubopt.byCommodity = (amounts) => amounts.map((value, k) => [data.commodities[k], value]).filter(([, value]) => value > 0);

  const hover = (entry) => {
    const [upper, lower] = ends(entry);
    const goods = hubopt.byCommodity(entry.line.slice(2).map((value, k) => (filter.commodities.has(k) ? value : 0)))
      .filter(([item]) => filter.direction === "both" || item.direction === filter.direction)
      .filter(([item]) => !entry.way || item.direction === entry.way);
    return el("div", {},
      el("b", {}, name(upper.name) + " – " + name(lower.name)),
      el("div", {}, unit("t_d", entry.total) + " · " + name(data.modes[entry.mode].name)),
      goods.map(([item, value]) => el("div", {}, name(item.name) + " (" + t("direction." + item.direction) + "): " + unit("t_d", value))));
  };

  /* An arrow head on the way of the goods, of the size of the line. */
  function arrow(points, backwards, weight, style) {
    const { map } = hubopt;
    const [a, b] = backwards ? [0.5, 0.4] : [0.5, 0.6];
    const on = (s) => map.latLngToLayerPoint(points[Math.round(s * (points.length - 1))]);
    const from = points.length > 2 ? on(a) : map.latLngToLayerPoint(points[backwards ? 1 : 0]);
    const to = points.length > 2 ? on(b) : map.latLngToLayerPoint(points[backwards ? 0 : 1]);
    const length = from.distanceTo(to);
    if (!(length > 0)) return null;
    const along = to.subtract(from).divideBy(length);
    const across = L.point(-along.y, along.x);
    const tip = (points.length > 2 ? to : from.add(to).divideBy(2)).add(along.multiplyBy(4 + weight));
    const wing = 3.2 + 0.75 * weight;
    const back = tip.subtract(along.multiplyBy(1.9 * wing));
    return L.polygon([tip, back.add(across.multiplyBy(wing)), back.subtract(across.multiplyBy(wing))].map((point) => map.layerPointToLatLng(point)), style);
  }

  function drawLine(entry, group) {
    const points = path(entry);
    if (!points) return;
    const weight = scaled(entry.total, data.scales.width);
    const colour = colourOf[filter.colour](entry);
    const dashArray = hubopt.dash(entry.mode, weight);
    const opacity = filter.colour === "leg" ? (entry.flow.to === "zone" ? 0.34 : 0.42) : 0.62;
    const drawn = L.polyline(points, { renderer: hubopt.front, color: colour, weight, opacity, lineCap: dashArray && data.modes[entry.mode].kind !== "water" ? "butt" : "round", dashArray, smoothFactor: 0 });
    Object.assign(drawn, { entry, rest: opacity });
    drawn.addTo(group);
    const way = entry.way || (filter.direction === "both" ? null : filter.direction);
    if (!way || weight < 1) return;
    const head = arrow(points, way === "outbound", weight, { renderer: hubopt.front, stroke: false, fillColor: colour, fillOpacity: 0.95, interactive: false });
    if (head) head.addTo(group);
  }

  const parts = (entry) => (filter.colour !== "direction" ? [entry] : Object.entries(entry.amounts)
    .filter(([, total]) => total > 0).map(([way, total]) => ({ ...entry, way, total })));
  const inSight = (entry, bounds) => {
    const [upper, lower] = ends(entry);
    return upper.at && lower.at && bounds.intersects(L.latLngBounds(latlng(upper.at), latlng(lower.at)));
  };

  hubopt.drawFlows = () => {
    const { map, groups } = hubopt;
    for (const leg of data.legs) {
      groups["flow-" + leg].closeTooltip();
      groups["flow-" + leg].clearLayers();
    }
    let lines = hubopt.linesNow().filter((entry) => map.hasLayer(groups["flow-" + entry.flow.leg]));
    const count = lines.length;
    if (count > MOST) {
      const bounds = map.getBounds().pad(0.1);
      lines = lines.filter((entry) => inSight(entry, bounds)).sort((a, b) => b.total - a.total).slice(0, MOST);
    } else lines = [...lines].sort((a, b) => b.total - a.total);
    hubopt.thinned = lines.length < count ? { shown: lines.length, all: count } : null;
    for (const entry of lines) for (const part of parts(entry)) drawLine(part, groups["flow-" + entry.flow.leg]);
    hubopt.sayThinned?.();
  };
  hubopt.redrawFlows = () => {
    hubopt.refilter();
    hubopt.drawFlows();
    hubopt.inOrder();
  };
  /* Arrow heads and what is in sight hang on the view. */
  hubopt.followView = () => {
    if (hubopt.thinned || filter.colour === "direction" || filter.direction !== "both") {
      hubopt.drawFlows();
      hubopt.inOrder();
    }
  };

  hubopt.listenToFlows = () => {
    for (const leg of data.legs) {
      const group = hubopt.groups["flow-" + leg];
      group.bindTooltip((drawn) => (drawn.entry ? hover(drawn.entry) : ""), HOVER);
      const brighten = (event, on) => {
        const drawn = event.propagatedFrom || event.layer;
        if (drawn && drawn.entry) drawn.setStyle({ opacity: on ? 0.95 : drawn.rest });
      };
      group.on("mouseover", (event) => brighten(event, true));
      group.on("mouseout", (event) => brighten(event, false));
    }
  };
})();
