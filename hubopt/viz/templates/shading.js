"use strict";
/* What the colour of a zone says: the service standards together, one of them, the way to a facility, or demand. */
(() => {
  const { data, t, unit, sum, now } = hubopt;
  const { zoneColours, ramp, reachColours, reachClasses } = data;
  const total = (zone) => sum(zone.demand);
  const classOf = (value, upper) => {
    const found = upper.findIndex((end) => value <= end + 1e-9);
    return found < 0 ? upper.length : found;
  };
  const classRows = (colours, upper, show) => [
    ...upper.map((end, i) => [colours[i], t("shade.up-to", { value: show(end) })]),
    [colours[upper.length], t("shade.over", { value: show(upper[upper.length - 1]) })],
  ];
  /* Before the first period nothing is served yet. */
  const standing = () => now() === hubopt.before;

  const byState = {
    id: "state",
    label: () => t("shade.state"),
    colour: (zone) => zoneColours[zone.state],
    text: (zone) => (standing() ? t("time.not-yet") : t("service." + zone.state)),
    rows: () => (standing() ? [[zoneColours.none, t("time.not-yet")]]
      : ["within", "beyond", "unmet", "none"].filter((state) => state !== "none" || now().zones.some((zone) => zone.state === "none"))
        .map((state) => [zoneColours[state], t("service." + state)])),
  };

  const byTarget = (target) => ({
    id: "target-" + target.id,
    label: () => hubopt.name(target.name),
    colour: (zone) => {
      if (total(zone) <= 0 || standing()) return zoneColours.none;
      return hubopt.meets(zone, target) ? zoneColours.within : zoneColours.beyond;
    },
    text: (zone) => hubopt.name(target.name) + ": " + hubopt.standing(zone, target),
    rows: () => [
      [zoneColours.within, t("service.target-within", { limit: hubopt.limitText(target) })],
      [zoneColours.beyond, t("service.target-beyond", { limit: hubopt.limitText(target) })],
    ],
  });

  /* How far it is, in km or minutes, in classes that break at the standard: blue within it, amber beyond. */
  const byReach = (target) => {
    const upper = reachClasses.map((share) => share * target.limit);
    const show = (end) => unit(target.measure, Number(end.toPrecision(3)));
    return {
      id: "reach-" + target.id,
      label: () => t(target.kind === "delivery" ? "shade.time" : "shade.reach", { level: t("level." + target.level), limit: hubopt.limitText(target) }),
      colour: (zone) => {
        const value = zone.measures[target.id];
        return value === null || value === undefined ? zoneColours.none : reachColours[classOf(value, upper)];
      },
      text: (zone) => hubopt.standing(zone, target),
      rows: () => {
        const rows = classRows(reachColours, upper, show);
        const limit = upper.findIndex((end) => Math.abs(end - target.limit) < 1e-9);
        rows[limit] = [rows[limit][0], t("shade.standard", { value: show(upper[limit]) })];
        return [...rows, [zoneColours.none, t("service.no-way")]];
      },
    };
  };

  const served = (zone) => sum(zone.delivered) / total(zone);
  const byServed = {
    id: "served",
    label: () => t("shade.served"),
    colour: (zone) => {
      if (total(zone) <= 0 || standing()) return zoneColours.none;
      const found = data.servedClasses.findIndex((end) => served(zone) >= end);
      return ramp[found < 0 ? data.servedClasses.length : found];
    },
    text: (zone) => (total(zone) > 0 ? t("shade.served") + ": " + hubopt.format.percent(served(zone)) : t("service.none")),
    rows: () => {
      const ends = data.servedClasses.slice(1);
      const show = (end) => hubopt.format.percent(end, 0);
      const rows = ends.map((end, i) => [ramp[i + 1], t("shade.at-least", { value: show(end) })]);
      return [[ramp[0], t("shade.all")], ...rows, [ramp[ends.length + 1], t("shade.under", { value: show(ends[ends.length - 1]) })]];
    },
  };

  const byDemand = {
    id: "demand",
    label: () => t("shade.demand"),
    colour: (zone) => (total(zone) > 0 ? ramp[classOf(total(zone), data.demandClasses)] : zoneColours.none),
    text: (zone) => unit("t_d", total(zone)),
    rows: () => classRows(ramp, data.demandClasses, (end) => unit("t_d", end)),
  };

  /* Whether a zone meets a target, with the figure where it is known. */
  hubopt.standing = (zone, target) => {
    if (!(target.id in zone.within)) return t("time.not-yet");
    const value = zone.measures[target.id];
    const met = hubopt.meets(zone, target);
    const limit = hubopt.limitText(target);
    if (value === null || value === undefined) return t(met ? "service.target-within" : "service.target-beyond", { limit });
    return t(met ? "popup.met" : "popup.missed", { value: unit(target.measure, value), limit });
  };
  hubopt.meets = (zone, target) => Boolean(zone.within[target.id]);

  const known = (target, table) => data.periods.some((period) => period.zones.some((zone) => (zone[table][target.id] ?? null) !== null));
  const judged = data.targets.filter((target) => known(target, "within"));
  const demanded = data.demandClasses.length ? [byDemand] : [];
  hubopt.shadings = data.solved
    ? [byState, ...judged.filter((target) => known(target, "measures")).map(byReach), ...judged.filter((target) => !known(target, "measures")).map(byTarget), byServed, ...demanded]
    : demanded;
  if (!hubopt.shadings.length) hubopt.shadings = [byState];
  hubopt.shading = hubopt.shadings[0];
})();
