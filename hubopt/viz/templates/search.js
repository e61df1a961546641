"use strict";
/* Search by name in both languages, or by id; a result is flown to and opened. */
(() => {
  const { data, t, name, otherName, el } = hubopt;
  const MOST = 12;
  const folded = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f\s'’-]/g, "");
  const entries = ["site", "gateway", "zone"].flatMap((kind) => hubopt.listOf(kind).map((thing, index) => ({
    kind, index, thing, key: folded([thing.name.en, thing.name.zh, thing.id].join("|")),
  })));
  /* Open sites first and the larger levels before the smaller, then gateways, zones and what was not chosen. */
  const rank = ({ kind, index, thing }) => {
    if (kind !== "site") return kind === "gateway" ? 3 : 4;
    return hubopt.facilityOf.has(index) ? ["hub", "utc", "station"].indexOf(thing.level) : 5;
  };

  hubopt.find = (text) => {
    const wanted = folded(text);
    if (!wanted) return [];
    return entries.filter((entry) => entry.key.includes(wanted)).sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
  };

  hubopt.goTo = (entry) => {
    const { map, groups } = hubopt;
    if (!entry.thing.at) return;
    const zoom = data.schematic ? map.getZoom() : Math.max(map.getZoom(), { site: 13, gateway: 12, zone: 13 }[entry.kind]);
    const layer = entry.kind === "site" && !hubopt.facilityOf.has(entry.index) ? "candidates" : null;
    if (layer && !map.hasLayer(groups[layer])) hubopt.toggle(layer, true);
    map.once("moveend", () => hubopt.show(entry.kind, entry.index));
    map.flyTo(hubopt.latlng(entry.thing.at), zoom, { duration: 0.7 });
  };

  const what = ({ kind, thing }) => (kind === "site" ? t("level." + thing.level) : kind === "gateway" ? t("kind." + thing.kind) : t("level.zone"));

  hubopt.searchBox = () => {
    const list = el("ul", { role: "listbox", id: "found" });
    const choose = (entry) => {
      list.replaceChildren();
      hubopt.goTo(entry);
    };
    const item = (entry) => el("li", {}, el("button", { type: "button", disabled: !entry.thing.at, onclick: () => choose(entry) },
      el("span", {}, name(entry.thing.name)),
      el("small", {}, [otherName(entry.thing.name), what(entry), entry.thing.at ? "" : t("search.not-drawn")].filter(Boolean).join(" · "))));
    const refresh = () => {
      const found = hubopt.find(input.value);
      list.replaceChildren(...found.map(item));
      if (input.value.trim() && !found.length) list.append(el("li", { class: "none" }, t("search.none")));
    };
    const onkeydown = (event) => {
      const found = hubopt.find(input.value);
      if (event.key === "Enter" && found.length) choose(found[0]);
      if (event.key === "Escape") list.replaceChildren();
    };
    const input = el("input", { type: "search", id: "search", autocomplete: "off", placeholder: t("search.label"), "aria-label": t("search.label"), "aria-controls": "found", oninput: refresh, onkeydown });
    return el("div", { class: "search" }, input, list);
  };
})();
