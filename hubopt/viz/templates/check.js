"use strict";
const check = (() => {
  const page = JSON.parse(document.getElementById("check").textContent);
  const COLOUR = { hub: "#b0353f", utc: "#d98a1c", station: "#3d7f4f", gateways: "#1d3f8a", out: "#6b6f75", roads: "#b9a98d",
    expressways: "#a05a2c", land: "#f3f1ec", districts: "#8d99a6", arcs: "#5b4a9c" };
  const RAMP = ["#f4f1e4", "#e6d9b0", "#d9b46c", "#c47b3b", "#93421f"];
  const STEPS = [500, 3000, 8000, 20000];
  let lang = page.lang, map, layers = {};
  const fill = (text, values) => text.replace(/\{([a-z]+)\}/g, (_, key) => values[key]);
  const say = (key, values) => fill(page.texts[lang][key.includes(".") ? key : "check-map." + key], values || {});
  // a word of the data: its text, or the word itself where the catalogue has none
  const word = (group, value) => page.texts[lang][group + "." + value] || value;
  const name = (item) => (lang === "zh" && item.name.zh) || item.name.en;
  const number = (value) => value === null ? "" : value.toLocaleString("en", { maximumFractionDigits: 2 });
  const element = (tag, words, kind) => {
    const node = document.createElement(tag);
    if (words !== undefined) node.textContent = words;
    if (kind) node.className = kind;
    return node;
  };
  function unpack(list) {
    const points = [];
    let lon = 0, lat = 0;
    for (let i = 0; i < list.length; i += 2) {
      lon += list[i]; lat += list[i + 1];
      points.push([lat / 1e5, lon / 1e5]);
    }
    return points;
  }
  // a polygon part is a list of rings, a line part holds one list
  const rings = (parts) => parts.map((part) => part.map(unpack));
  function card(title, rows, words) {
    const box = element("div");
    box.append(element("h3", title));
    const list = element("dl");
    for (const [key, value] of rows) {
      if (value === "" || value === null || value === undefined) continue;
      list.append(element("dt", say(key)), element("dd", String(value)));
    }
    box.append(list);
    for (const line of words.filter(Boolean)) box.append(element("p", line));
    return box;
  }
  const mode = (id) => (page.modes[id] && (page.modes[id][lang] || page.modes[id].en)) || id;
  function leg(name) {
    const [upper, lower] = name.split("-").map((end) => say("leg-end." + end));
    return say("leg", { upper, lower });
  }
  const group = (key) => layers[key] = layers[key] || L.layerGroup();
  function shade(zone) {
    const density = zone.population / (zone.km2 || 1);
    return RAMP[STEPS.filter((step) => density >= step).length];
  }
  function ground() {
    for (const key of ["land", "districts", "roads", "expressways"]) {
      for (const item of page.base[key] || []) {
        if (key === "land") L.polygon(rings(item.parts), { stroke: false, fillColor: COLOUR.land, fillOpacity: 1, interactive: false }).addTo(group(key));
        else if (key === "districts") L.polygon(rings(item.parts), { color: COLOUR.districts, weight: 1, fill: false, interactive: false }).addTo(group(key));
        else for (const part of item.parts) L.polyline(part.map(unpack), { color: COLOUR[key], weight: key === "roads" ? 0.8 : 1.6, opacity: 0.8, interactive: false }).addTo(group(key));
      }
    }
  }
  function zones() {
    for (const zone of page.zones) {
      const shape = zone.parts.length
        ? L.polygon(rings(zone.parts), { color: "#fff", weight: 0.4, fillColor: shade(zone), fillOpacity: 0.75 })
        : L.circleMarker([zone.at[1], zone.at[0]], { radius: 4, color: "#fff", weight: 0.5, fillColor: shade(zone), fillOpacity: 0.9 });
      shape.bindPopup(() => card(name(zone), [["id", zone.id], ["city", zone.city], ["district", zone.district], ["population", number(zone.population)],
        ["km2", number(zone.km2)], ["t-d", number(zone.t_d)], ["made", zone.synthetic ? say("yes") : ""]], [zone.source])).addTo(group("zones"));
    }
  }
  function dot(item, key, radius, style) {
    return L.circleMarker([item.at[1], item.at[0]], { radius, color: COLOUR[key], weight: 1.4, fillColor: COLOUR[key], fillOpacity: 0.85, ...style });
  }
  function places() {
    const radius = { hub: 8, utc: 5.5, station: 3 };
    for (const site of page.sites) {
      const style = site.synthetic ? { fillColor: "#fff", fillOpacity: 0.9 } : {};
      if (site.today) Object.assign(style, { color: "#16202b", weight: 2.2, fillColor: COLOUR[site.level] });
      dot(site, site.level, radius[site.level], style).bindPopup(() => card(name(site), [["id", site.id], ["level", say(site.level)], ["type", site.hub_type],
        ["city", site.city], ["district", site.district], ["land-ha", number(site.land_ha)], ["price", number(site.price)], ["score", number(site.score)],
        ["designs", site.designs.replaceAll(";", say("separator"))], ["operator", site.operator], ["today", site.today ? say("yes") : ""], ["made", site.synthetic ? say("yes") : ""]],
        [site.why[lang], site.source])).addTo(group(site.level));
    }
    for (const item of page.out) {
      dot(item, "out", 4, { fillOpacity: 0.25, dashArray: "2 2" }).bindPopup(() => card(name(item), [["id", item.id]], [item.why[lang]])).addTo(group("out"));
    }
    for (const gate of page.gateways) {
      const [lon, lat] = gate.at;
      L.marker([lat, lon], { icon: L.divIcon({ className: "", html: '<svg width="16" height="16"><path d="M8 1 15 8 8 15 1 8Z" fill="' + COLOUR.gateways + '" stroke="#fff" stroke-width="1.5"/></svg>', iconSize: [16, 16] }) })
        .bindPopup(() => card(name(gate), [["id", gate.id], ["kind", word("kind", gate.kind)], ["capacity", number(gate.capacity)], ["precision", number(gate.precision)]], [gate.source])).addTo(group("gateways"));
    }
  }
  function arcs() {
    page.arcs.forEach((set, at) => {
      const style = { color: COLOUR.arcs, weight: 0.7, opacity: 0.45, interactive: false, dashArray: set.estimated ? "4 4" : null };
      L.polyline(set.lines.map(unpack), style).addTo(group("arcs" + at));
    });
  }
  function toggle(key, words, count, swatch) {
    const label = element("label"), box = element("input");
    box.type = "checkbox"; box.checked = map.hasLayer(group(key));
    box.addEventListener("change", () => box.checked ? order(key) : map.removeLayer(group(key)));
    label.append(box, swatch, element("span", words), element("span", count === undefined ? "" : number(count), "count"));
    return label;
  }
  // what is added later lies on top: put all shown layers back in drawing order
  function order(key) {
    group(key).addTo(map);
    for (const other of drawing()) if (map.hasLayer(group(other))) group(other).eachLayer((item) => item.bringToFront && item.bringToFront());
  }
  const drawing = () => page.groups.flatMap((key) => key === "arcs" ? page.arcs.map((_, at) => "arcs" + at) : [key]);
  function swatch(colour, kind) {
    const key = element("span", "", "key " + (kind || ""));
    key.style.background = colour; key.style.borderColor = colour;
    return key;
  }
  function panel() {
    const box = document.getElementById("panel");
    document.documentElement.lang = page.codes[lang];
    document.title = say("title", { name: page.name[lang] || page.name.en });
    box.replaceChildren();
    const head = element("header"), button = element("button", say("language.other"));
    button.title = say("language.switch");
    button.addEventListener("click", () => { lang = lang === "zh" ? "en" : "zh"; map.closePopup(); panel(); });
    head.append(element("span", say("kicker")), button);
    box.append(head, element("h1", page.name[lang] || page.name.en), element("h2", say("places")));
    const count = (level) => page.sites.filter((site) => site.level === level).length;
    box.append(toggle("gateways", say("gateways"), page.gateways.length, swatch(COLOUR.gateways)));
    for (const level of ["hub", "utc", "station"]) box.append(toggle(level, say(level), count(level), swatch(COLOUR[level])));
    if (page.out.length) box.append(toggle("out", say("out"), page.out.length, swatch(COLOUR.out)));
    box.append(toggle("zones", say("zones"), page.zones.length, swatch(RAMP[2])), element("p", say("hollow"), "note"));
    box.append(element("h2", say("per-km2")));
    const ramp = element("div", "", "ramp");
    ramp.style.background = "linear-gradient(to right, " + RAMP.map((colour, at) => `${colour} ${at * 20}% ${at * 20 + 20}%`).join(", ") + ")";
    const ends = element("div", "", "ends");
    for (const step of ["0", ...STEPS.map((value) => number(value)), ""]) ends.append(element("span", step));
    box.append(ramp, ends, element("h2", say("ground")));
    for (const key of ["districts", "expressways", "roads"]) if (page.base[key]) box.append(toggle(key, say(key), undefined, swatch(COLOUR[key], "line")));
    box.append(element("h2", say("ways")));
    page.arcs.forEach((set, at) => box.append(toggle("arcs" + at, leg(set.leg) + " · " + mode(set.mode) + (set.estimated ? " · " + say("estimated") : ""), set.count, swatch(COLOUR.arcs, set.estimated ? "dashed" : "line"))));
    box.append(element("p", say("sample", { count: number(page.most) }), "note"));
  }
  function start(made) {
    map = made;
    ground(); zones(); places(); arcs();
    map.attributionControl.setPrefix(false).addAttribution(page.sources.join(" · "));
    map.fitBounds(page.bounds, { paddingTopLeft: [50, 30], paddingBottomRight: [290, 40] });
    for (const key of ["land", "zones", "districts", "roads", "expressways", "out", "station", "utc", "hub", "gateways"]) if (layers[key]) layers[key].addTo(map);
    panel();
  }
  return { start };
})();
