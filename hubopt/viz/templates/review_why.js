"use strict";
/* Why a site is in or out, and what it costs to force it: sentences from the facts of the page, in either language. */
(() => {
  const { data, t, name, format, unit, review } = hubopt;
  const { figures, money, percent } = format;
  const FULL = 0.995;

  const where = (row) => {
    if (row.scope === "total") return t("why.scope-total");
    if (row.scope === "parcel") return t("why.scope-parcel", { name: row.id });
    const region = review.region(row.id);
    return row.scope === "city" ? t("why.scope-city", { name: region }) : t("why.scope-district", { name: region });
  };
  const isOpen = (site) => ["new", "expand", "upgrade", "keep"].includes(site.status);
  review.isOpen = isOpen;

  function forced(site) {
    if (site.forced) return t(FORCED[site.forced.how + "-" + site.forced.by]);
    return site.today && !site.today.mayClose ? t("why.must-stay") : null;
  }
  const FORCED = {
    "open-data": "why.forced-open-data", "open-policy": "why.forced-open-policy",
    "closed-data": "why.forced-closed-data", "closed-policy": "why.forced-closed-policy",
  };

  function binding(row) {
    const values = { where: where(row), used: unit("ha", row.used), limit: unit("ha", row.limit) };
    return row.price > 0 ? t("why.land-binds-price", { ...values, amount: money(row.price) }) : t("why.land-binds", values);
  }

  function ofOpen(site) {
    const last = site.course[site.course.length - 1];
    const { served } = site;
    const amount = served && unit("t_d", served.t_d);
    const both = served && served.zones && served.sites;
    return [
      t("why.handles", { amount: unit("t_d", last.throughput), share: percent(last.utilisation, 0) }),
      last.utilisation >= FULL ? t("why.full") : null,
      !served ? null : t(both ? "why.serves-both" : served.zones ? "why.serves-zones" : "why.serves-sites", { zones: figures(served.zones), sites: figures(served.sites), amount }),
      site.land && last.land >= site.land * 0.98 ? t("why.own-land", { used: unit("ha", last.land), all: unit("ha", site.land) }) : null,
      ...(site.limits || []).map((place) => data.limits[place]).filter((row) => row.binding).map(binding),
    ];
  }

  function near(site) {
    if (!site.near) return null;
    const other = data.sites[site.near.site];
    return t("why.near", { level: t("node." + site.level), name: name(other.name), km: unit("km", site.near.km) });
  }

  function ofOut(site) {
    const rows = (site.limits || []).map((place) => data.limits[place]);
    const short = rows.filter((row) => site.least !== undefined && row.left < site.least - 1e-6)
      .map((row) => t("why.land-short", { where: where(row), left: unit("ha", row.left), limit: unit("ha", row.limit), least: unit("ha", site.least) }));
    const level = data.counts.levels.find((rule) => rule.id === site.level && rule.full);
    const type = site.type && data.counts.hubTypes.find((rule) => rule.id === site.type && rule.full);
    const shut = [
      ...short,
      level ? t("why.level-full", { count: figures(level.most), level: t("level." + site.level) }) : null,
      type ? t("why.type-full", { count: figures(type.most), type: name(data.hubTypes[type.id] || { en: type.id, zh: type.id }) }) : null,
    ].filter(Boolean);
    const reason = forced(site);
    return [...shut, shut.length || reason ? null : t("why.cheaper"), near(site)];
  }

  function ofClosed(site) {
    const { today } = site;
    const last = site.course[site.course.length - 1];
    return [today ? t("why.closed", { amount: money(last.cost), land: unit("ha", site.land) }) : null, near(site)];
  }

  /* Sentences on why the plan does what it does at a site. */
  review.why = (site) => {
    if (!data.solved || site.status === "excluded") return [];
    const more = isOpen(site) ? ofOpen(site) : site.status === "close" ? ofClosed(site) : ofOut(site);
    return [forced(site), ...more].filter(Boolean);
  };

  const command = (more) => "hubopt review RESULT " + more;
  /* What is known of the cost to force a site: [{ title, text, note, command }]. */
  review.forcing = (site) => {
    if (!data.solved || site.status === "excluded") return [];
    if (site.forced || (site.today && !site.today.mayClose)) return [{ text: t("review.force-fixed") }];
    const again = command("--price-site " + site.id);
    if (!data.priced) return [{ text: t("review.force-not-computed", { command: "" }), command: command("--prices") }];
    if (!site.prices) return [{ text: t("review.force-late", { command: "" }), command: command("--prices --time-limit 600") }];
    return site.prices.map((price) => {
      const title = t(price.action === "in" ? "review.force-in" : "review.force-out");
      if (price.possible === false) return { title, text: t("review.force-impossible") };
      if (price.kind === "re-solve") {
        if (price.most === null) return { title, text: t("review.force-unknown") };
        return { title, text: t("review.force-between", { least: money(price.least || 0), most: money(price.most) }), note: t("review.force-run-note", { amount: money(price.estimate) }) };
      }
      if (price.estimate === null) return { title, text: t("review.force-rest"), note: t("review.force-rest-note", { command: "" }), command: again };
      const text = t(price.estimate >= 0 ? "review.force-estimate" : "review.force-saving", { amount: money(Math.abs(price.estimate)) });
      const unproven = data.bound === null ? null : data.objective - data.bound;
      const small = unproven !== null && Math.abs(price.estimate) < unproven ? " " + t("review.force-small", { amount: money(unproven) }) : "";
      return { title, text, note: t("review.force-estimate-note") + small, closer: t("review.force-closer", { command: "" }), command: again };
    });
  };
})();
