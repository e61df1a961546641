"use strict";
const frequency = (() => {
  const page = JSON.parse(document.getElementById("frequency").textContent);
  const COLOUR = { hub: "#b0353f", utc: "#d98a1c", station: "#3d7f4f", land: "#f3f1ec", districts: "#8d99a6", roads: "#b9a98d",
    expressways: "#a05a2c" };
  const LARGEST = { hub: 17, utc: 12, station: 7 };
  let lang = page.lang, map;
  const groups = {};
  const say = (key, values) => page.texts[lang][key].replace(/\{([a-z]+)\}/g, (_, name) => values[name]);
  const name = (item) => item.name[lang] || item.name.en || item.id;
  const share = (site) => page.plans ? site.count / page.plans : 0;
  const percent = (value) => (100 * value).toFixed(0) + "%";
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
  function ground() {
    for (const key of ["land", "districts", "roads", "expressways"]) {
      for (const item of page.base[key] || []) {
        const rings = () => item.parts.map((part) => part.map(unpack));
        if (key === "land") L.polygon(rings(), { stroke: false, fillColor: COLOUR.land, fillOpacity: 1, interactive: false }).addTo(map);
        else if (key === "districts") L.polygon(rings(), { color: COLOUR.districts, weight: 1, fill: false, interactive: false }).addTo(map);
        else for (const part of item.parts) L.polyline(part.map(unpack), { color: COLOUR[key], weight: key === "roads" ? 0.8 : 1.6, opacity: 0.8, interactive: false }).addTo(map);
      }
    }
  }
  function card(site) {
    const box = element("div");
    box.append(element("h3", name(site)));
    box.append(element("p", say("frequency.chosen", { count: site.count, plans: page.plans, share: percent(share(site)) })));
    for (const size of site.sizes) box.append(element("p", size));
    if (site.count && site.absent.length) box.append(element("p", say("frequency.absent", { list: site.absent.join(", ") })));
    return box;
  }
  // filled where every plan has the site, pale where few have it, a small grey ring where none has
  function circle(site) {
    const part = share(site), colour = site.count ? COLOUR[site.level] : "#9aa0a6";
    const radius = site.count ? 3 + (LARGEST[site.level] - 3) * Math.sqrt(part) : 2;
    const style = { radius, color: site.count === page.plans ? "#16202b" : colour, weight: site.count === page.plans ? 2 : 1,
      fillColor: colour, fillOpacity: site.count ? 0.2 + 0.7 * part : 0 };
    return L.circleMarker([site.at[1], site.at[0]], style).bindPopup(() => card(site));
  }
  function sites() {
    for (const level of ["station", "utc", "hub"]) {
      groups[level] = L.layerGroup();
      for (const site of page.sites) if (site.level === level) circle(site).addTo(groups[level]);
      groups[level].addTo(map);
    }
  }
  function toggle(level) {
    const label = element("label"), box = element("input"), key = element("span", "", "key");
    const own = page.sites.filter((site) => site.level === level);
    const always = own.filter((site) => page.plans && site.count === page.plans).length;
    box.type = "checkbox"; box.checked = map.hasLayer(groups[level]);
    box.addEventListener("change", () => box.checked ? groups[level].addTo(map) : map.removeLayer(groups[level]));
    key.style.background = COLOUR[level];
    label.append(box, key, element("span", say("levels." + level)), element("span", always + " / " + own.filter((site) => site.count).length, "count"));
    return label;
  }
  function panel() {
    const box = document.getElementById("panel"), head = element("header"), button = element("button", say("language.other"));
    document.documentElement.lang = page.codes[lang];
    document.title = say("frequency.title", { name: page.name[lang] || page.name.en });
    button.title = say("language.switch");
    button.addEventListener("click", () => { lang = lang === "zh" ? "en" : "zh"; map.closePopup(); panel(); });
    head.append(element("span", say("frequency.kicker")), button);
    box.replaceChildren(head, element("h1", page.name[lang] || page.name.en), element("h2", say("frequency.counts", { plans: page.plans })));
    for (const level of ["hub", "utc", "station"]) if (page.sites.some((site) => site.level === level)) box.append(toggle(level));
    box.append(element("p", say("frequency.note"), "note"));
    for (const source of page.sources) box.append(element("p", source, "note"));
  }
  function start(made) {
    map = made;
    map.attributionControl.setPrefix(false);
    map.fitBounds(page.bounds, { padding: [30, 30] });
    ground(); sites(); panel();
  }
  return { start };
})();
