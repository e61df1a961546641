"use strict";
/* Data, language, numbers and safe page building: what every other script of the map uses. */
const hubopt = { data: JSON.parse(document.getElementById("network").textContent), listeners: [] };

(() => {
  const { data } = hubopt;
  hubopt.lang = data.lang;
  hubopt.period = data.periods.length - 1;

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
  hubopt.now = () => data.periods[hubopt.period];
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
  /* Dashes of a line by what carries the goods; road is a plain line. */
  hubopt.DASHES = { rail: "12 5", water: "3 6", air: "14 5 3 5" };
  hubopt.isRoad = (kind) => !(kind in hubopt.DASHES);
  hubopt.limitText = (target) => hubopt.unit(target.measure, target.limit);
  hubopt.unit = unit;
})();
