"use strict";
/* What a popup says: a site or a zone in the first result beside the same in the second. */
(() => {
  const { data, t, name, otherName, el, format, unit, sum } = hubopt;
  const { percent, money } = format;
  const both = (cell) => [0, 1].map((side) => cell(hubopt.state(side)));
  const row = (title, cells) => (cells.some((cell) => cell !== null && cell !== undefined && cell !== "")
    ? el("tr", {}, el("th", { scope: "row" }, title), cells.map((cell) => el("td", {}, cell ?? format.number(null)))) : null);
  const card = (thing, tags, rows) => el("div", { class: "card" },
    el("header", {}, el("h3", {}, name(thing.name)), otherName(thing.name) !== name(thing.name) ? el("div", { class: "other" }, otherName(thing.name)) : null,
      el("div", { class: "tags" }, tags.filter(Boolean).map((tag) => el("span", {}, tag)))),
    el("table", { class: "pair" }, el("tr", {}, el("td", {}), ["A", "B"].map((letter) => el("th", { scope: "col" }, letter))), rows.filter(Boolean)));

  function siteCard(index) {
    const site = data.sites[index];
    const facilities = both((state) => state.facilities.find((facility) => facility.site === index) || null);
    const open = facilities.map((facility) => (facility && facility.action !== "close" ? facility : null));
    const cells = (cell) => open.map((facility) => (facility ? cell(facility) : null));
    const change = hubopt.difference().sites.find((one) => one.site === site.id);
    return card(site, [t("level." + site.level), change ? t("comparison." + change.change) : t("comparison.as-before")], [
      row(t("comparison.stands"), facilities.map((facility) => (facility ? t("action." + facility.action) : t("popup.not-chosen")))),
      row(t("popup.design"), cells((facility) => (data.designs[facility.design] ? name(data.designs[facility.design]) : facility.design))),
      row(t("popup.size"), cells((facility) => unit("modules", facility.modules))),
      row(t("popup.gfa"), cells((facility) => unit("m2", facility.gfa))),
      row(t("popup.throughput"), cells((facility) => unit("t_d", facility.throughput))),
      row(t("popup.utilisation"), cells((facility) => percent(facility.utilisation))),
      row(t("popup.land"), cells((facility) => unit("ha", facility.land))),
      row(t("popup.cost"), cells((facility) => money(sum(Object.values(facility.cost))))),
      ...sources("site", index),
    ]);
  }

  /* Who brings most to a place on each leg, in both results. */
  function sources(kind, index) {
    const legs = data.legs.filter((leg) => hubopt.endOf(leg, hubopt.listOf(kind)[index].id, true).kind === kind);
    return legs.map((leg) => row(t("comparison.from", { leg: hubopt.legTitle(leg) }), both((state) => {
      const flow = state.flows.find((one) => one.leg === leg);
      const lines = (flow ? flow.lines : []).filter((line) => line[1] === index).map((line) => [line[0], sum(line.slice(2))]).sort((a, b) => b[1] - a[1]);
      return lines.length ? name(hubopt.listOf(flow.from)[lines[0][0]].name) : null;
    })));
  }

  function zoneCard(index) {
    const states = both((state) => state.zones[index]);
    const moved = hubopt.difference().reassigned.some((one) => one.place === data.zones[index].id && one.leg.endsWith("-zone"));
    return card(data.zones[index], [t("level.zone"), moved ? t("comparison.reassigned") : null], [
      row(t("comparison.service"), states.map((zone) => t("service." + zone.state))),
      row(t("popup.demand"), states.map((zone) => unit("t_d", sum(zone.demand)))),
      row(t("popup.delivered"), states.map((zone) => unit("t_d", sum(zone.delivered)))),
      ...data.targets.map((target) => row(name(target.name), states.map((zone) => {
        const value = zone.measures[target.id];
        const mark = target.id in zone.within ? (zone.within[target.id] ? "✓ " : "✗ ") : "";
        return value === null || value === undefined ? mark || null : mark + unit(target.measure, value);
      }))),
      ...sources("zone", index),
    ]);
  }
  hubopt.card = (kind, index) => (kind === "site" ? siteCard(index) : zoneCard(index));
})();
