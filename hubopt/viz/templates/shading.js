"use strict";
/* What the colour of a zone says: the service standards together, one of them, minutes, or demand. */
(() => {
  const { data, t, unit, sum, now } = hubopt;
  const { zoneColours, ramp } = data;
  const total = (zone) => sum(zone.demand);
  const classOf = (value, upper) => {
    const found = upper.findIndex((end) => value <= end);
    return found < 0 ? upper.length : found;
  };
  const classRows = (upper, show) => [
    ...upper.map((end, i) => [ramp[i], t("shade.up-to", { value: show(end) })]),
    [ramp[upper.length], t("shade.over", { value: show(upper[upper.length - 1]) })],
  ];

  const byState = {
    id: "state",
    label: () => t("shade.state"),
    colour: (zone) => zoneColours[zone.state],
    text: (zone) => t("service." + zone.state),
    rows: () => ["within", "beyond", "unmet", "none"].filter((state) => state !== "none" || now().zones.some((zone) => zone.state === "none"))
      .map((state) => [zoneColours[state], t("service." + state)]),
  };

  const byTarget = (target) => ({
    id: "target-" + target.id,
    label: () => hubopt.name(target.name),
    colour: (zone) => {
      if (total(zone) <= 0) return zoneColours.none;
      return hubopt.meets(zone, target) ? zoneColours.within : zoneColours.beyond;
    },
    text: (zone) => hubopt.name(target.name) + ": " + hubopt.standing(zone, target),
    rows: () => [
      [zoneColours.within, t("service.target-within", { limit: hubopt.limitText(target) })],
      [zoneColours.beyond, t("service.target-beyond", { limit: hubopt.limitText(target) })],
    ],
  });

  const byMinutes = (target) => ({
    id: "minutes-" + target.id,
    label: () => t("shade.minutes", { name: hubopt.name(target.name) }),
    colour: (zone) => {
      const value = zone.measures[target.id];
      return value === null || value === undefined ? zoneColours.none : ramp[classOf(value, data.minutesClasses)];
    },
    text: (zone) => unit("minutes", zone.measures[target.id]),
    rows: () => [...classRows(data.minutesClasses, (end) => unit("minutes", end)), [zoneColours.none, t("service.no-way")]],
  });

  const served = (zone) => sum(zone.delivered) / total(zone);
  const byServed = {
    id: "served",
    label: () => t("shade.served"),
    colour: (zone) => {
      if (total(zone) <= 0) return zoneColours.none;
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
    rows: () => classRows(data.demandClasses, (end) => unit("t_d", end)),
  };

  /* Whether a zone meets a target, with the figure where it is known. */
  hubopt.standing = (zone, target) => {
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
    ? [byState, byServed, ...judged.map(byTarget), ...judged.filter((target) => target.kind === "delivery" && known(target, "measures")).map(byMinutes), ...demanded]
    : demanded;
  if (!hubopt.shadings.length) hubopt.shadings = [byState];
  hubopt.shading = hubopt.shadings[0];
})();
