"use strict";
/* Data, language, numbers and safe page building: what every other script of the map uses. */
const hubopt = { data: JSON.parse(document.getElementById("network").textContent), listeners: [] };

(() => {
  const { data } = hubopt;

  /* Tables come as columns (hubopt/viz/columns.py says how); every script works on records. */
  const cells = (column, n) => {
    if (Array.isArray(column)) return column;
    if ("all" in column) return new Array(n).fill(column.all);
    if ("words" in column) return column.at.map((place) => column.words[place]);
    if ("bits" in column) return Array.from(column.bits, (bit) => bit === "1");
    if ("table" in column) return records(column.table, n);
    if ("lists" in column) {
      const parts = column.lists.map((part) => cells(part, n));
      return Array.from({ length: n }, (_, i) => parts.map((part) => part[i]));
    }
    const found = new Array(n);
    column.rows.forEach((row, k) => { found[row] = column.cells[k]; });
    return found;
  };
  const records = (columns, n) => {
    const known = Object.entries(columns).map(([key, column]) => [key, cells(column, n)]);
    return Array.from({ length: n }, (_, i) => Object.fromEntries(known.map(([key, values]) => [key, values[i]]).filter(([, value]) => value !== undefined)));
  };
  hubopt.rows = (table) => (table && table.columns ? records(table.columns, table.n) : table);
  for (const name of ["sites", "gateways", "zones"]) data[name] = hubopt.rows(data[name]);
  for (const period of data.periods || []) {
    period.facilities = hubopt.rows(period.facilities);
    period.zones = hubopt.rows(period.zones);
    for (const flow of period.flows || []) if (flow.lines.columns) flow.lines = hubopt.rows(flow.lines).map((row) => row.line);
  }

  hubopt.lang = data.lang;
  hubopt.period = (data.periods || []).length - 1;

  hubopt.t = (key, values) => {
    const text = data.texts[hubopt.lang][key];
    if (text === undefined) return key.slice(key.indexOf(".") + 1);
    return values ? text.replace(/\{(\w+)\}/g, (mark, name) => (name in values ? values[name] : mark)) : text;
  };
  hubopt.name = (names) => names[hubopt.lang] || names.en;
  hubopt.otherName = (names) => names[hubopt.lang === "en" ? "zh" : "en"];

  hubopt.setLanguage = (lang) => {
    hubopt.lang = lang;
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    document.title = hubopt.t("map.title", { name: hubopt.name(data.instance.name) });
    for (const listener of hubopt.listeners) listener();
  };

  const locale = () => (hubopt.lang === "zh" ? "zh-CN" : "en");
  const number = (value, digits) => {
    if (value === null || value === undefined) return hubopt.t("number.missing");
    return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
  };
  /* Three figures are enough for reading: 1,234 / 56.7 / 8.91 */
  const figures = (value) => number(value, Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
  const money = (value) => {
    const steps = hubopt.t("money.steps").split(" ").map(Number);
    const size = Math.abs(value);
    const [unit, divisor] = size >= steps[0] ? ["large", steps[0]] : size >= steps[1] ? ["middle", steps[1]] : ["plain", 1];
    const currency = data.instance.currency;
    const word = data.texts[hubopt.lang]["money." + currency] || currency;
    return hubopt.t("money." + unit, { value: figures(value / divisor), currency: word });
  };
  const unit = (name, value) => (value === null || value === undefined ? number(null) : hubopt.t("unit." + name, { value: figures(value) }));
  /* What is not quite all does not round to it. */
  const percent = (value, digits = 1) => {
    if (value === null || value === undefined) return number(null);
    if (value > 0.999 && value < 1 - 1e-9 && Number((100 * value).toFixed(digits)) === 100) return hubopt.t("number.nearly-all");
    return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: digits }).format(value);
  };
  hubopt.format = { number, figures, money, unit, percent };

  /* Builds elements from texts only: whatever a name holds, it stays text. */
  hubopt.el = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "style") Object.assign(made.style, value);
      else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
    return made;
  };

  hubopt.link = (text, follow) => hubopt.el("a", { href: "#", class: "link", onclick: (event) => { event.preventDefault(); follow(); } }, text);

  const SVG = "http://www.w3.org/2000/svg";
  hubopt.svg = (tag, attributes = {}, ...children) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  /* Packed coordinates (first vertex, then differences) to Leaflet's [lat, lon]. */
  hubopt.unpack = (packed) => {
    const points = new Array(packed.length / 2);
    let x = 0;
    let y = 0;
    for (let i = 0; i < packed.length; i += 2) {
      x += packed[i];
      y += packed[i + 1];
      points[i / 2] = [y / data.packing, x / data.packing];
    }
    return points;
  };
  hubopt.latlng = (at) => [at[1], at[0]];
  hubopt.now = () => data.periods[hubopt.period] || hubopt.before;
  hubopt.sum = (values) => values.reduce((total, value) => total + value, 0);
  hubopt.scaled = (value, { largest, ends }) =>
    largest > 0 && value > 0 ? Math.max(ends[0], ends[1] * Math.sqrt(Math.min(1, value / largest))) : ends[0];

  hubopt.listOf = (kind) => ({ gateway: data.gateways, site: data.sites, zone: data.zones })[kind];
  hubopt.legName = (leg) => {
    const [upper, lower] = leg.split("-");
    return hubopt.t("layer.leg", { upper: hubopt.t("leg-end." + upper), lower: hubopt.t("leg-end." + lower) });
  };
  const inCity = (leg) => leg.split("-")[0] === leg.split("-")[1];
  hubopt.inCity = inCity;
  hubopt.legColour = (leg) => data.endColours[inCity(leg) ? "exchange" : leg.split("-")[0]];
  hubopt.legTitle = (leg) => (inCity(leg) ? exchangeName(leg) : hubopt.legName(leg));
  const exchangeName = (leg) => hubopt.t("layer.exchange", { level: hubopt.t("levels." + leg.split("-")[0]) });
  /* Dashes by what carries the goods, so that modes differ in print and to every eye: the first truck is a plain line, */
  /* trucks have long dashes, vans short ones, water dots, rail dashes and dots, air wide gaps. Units of a thin line.   */
  const DASHES = {
    truck: [null, [15, 3], [15, 3, 5, 3], [24, 3, 3, 3]],
    van: [[5, 4], [5, 3, 1.5, 3], [3, 2]],
    rail: [[11, 3, 2, 3], [11, 3, 2, 3, 2, 3]],
    water: [[1, 4.5], [1, 4.5, 5, 4.5]],
    air: [[7, 9], [7, 9, 1, 9]],
  };
  const patterns = (data.modes || []).map((mode, i, all) => {
    const own = DASHES[mode.kind] || DASHES.truck;
    return own[all.slice(0, i).filter((other) => other.kind === mode.kind).length % own.length];
  });
  hubopt.dash = (mode, weight) => (patterns[mode] ? patterns[mode].map((part) => Math.round(part * Math.max(1, weight / 2.2) * 10) / 10).join(" ") : null);
  hubopt.limitText = (target) => hubopt.unit(target.measure, target.limit);
  hubopt.unit = unit;
})();
