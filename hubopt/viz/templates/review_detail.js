"use strict";
/* The card of the chosen site: the reviewer's mark, what the plan does and why, how the land was judged. */
(() => {
  const { data, t, name, otherName, el, format, unit, review } = hubopt;
  const { figures, money, percent } = format;
  const panel = document.getElementById("detail");

  const region = (id) => review.region(id);
  const designName = (id) => (data.designs[id] ? name(data.designs[id]) : id);
  const row = (key, value) => (value === null || value === undefined || value === "" ? null : el("tr", {}, el("th", { scope: "row" }, t(key)), el("td", {}, value)));
  const table = (...rows) => el("table", {}, el("tbody", {}, rows));
  const section = (id, key, ...content) => {
    const inside = content.flat(Infinity).filter(Boolean);
    return inside.length ? el("section", { id, "aria-labelledby": id + "-title" }, el("h3", { id: id + "-title" }, t(key)), inside) : null;
  };
  const button = (id, text, onclick, more = {}) => el("button", { type: "button", id, onclick, ...more }, text);
  const both = (names) => name(names);

  /* --- marks ---------------------------------------------------------------------------------------------------- */

  function marking(site) {
    const mine = review.marks.mine(site.id);
    const one = (mark) => {
      const forcing = ["accept", "reject"].includes(mark) && site.status === "excluded";
      const on = Boolean(mine && mine.mark === mark);
      return button("mark-" + mark, [review.badge(mark, 17), " " + t("mark." + mark)], () => {
        review.marks.set(site.id, { mark: on ? null : mark });
      }, { class: "marker", "aria-pressed": String(on), disabled: forcing });
    };
    const others = review.marks.others(site.id).map((other) => el("li", {}, review.badge(other.mark, 15), " ", t("mark." + other.mark) + " · " + (other.reviewer || t("review.unnamed")) + (other.date ? " · " + other.date : ""), other.comment ? el("div", {}, other.comment) : null));
    const comment = el("textarea", { id: "comment", rows: 2, maxlength: 2000, placeholder: t("review.comment-hint"), onchange: (event) => review.marks.set(site.id, { comment: event.target.value }) });
    comment.value = mine ? mine.comment : "";
    return section("marking", "review.your-mark",
      el("div", { class: "buttons" }, review.marks.MARKS.filter((mark) => mark !== "comment").map(one)),
      site.status === "excluded" ? el("p", { class: "soft" }, t("review.no-force")) : null,
      el("label", { for: "comment" }, t("review.comment")), comment,
      mine ? el("p", { class: "on-paper" }, el("b", {}, t("mark." + mine.mark)), mine.reviewer ? " (" + mine.reviewer + ")" : "", mine.comment ? ": " + mine.comment : "") : null,
      others.length ? [el("h4", {}, t("review.others")), el("ul", { class: "others" }, others)] : null);
  }

  /* --- plan ----------------------------------------------------------------------------------------------------- */

  function plan(site) {
    if (!data.solved || site.status === "excluded") return null;
    const last = site.course && site.course[site.course.length - 1];
    const open = review.isOpen(site);
    const gauge = open && last.utilisation !== null ? el("div", { class: "gauge", "aria-hidden": "true" }, el("i", { style: { width: Math.min(100, 100 * last.utilisation) + "%" } })) : null;
    const course = data.periods.length > 1 && site.course ? el("table", { class: "course" }, el("caption", {}, t("review.periods")), el("tbody", {}, site.course.map((step) => el("tr", {},
      el("th", { scope: "row" }, step.period), el("td", {}, t("action." + step.action)), el("td", {}, step.action === "close" ? "" : unit("modules", step.modules)), el("td", {}, step.action === "close" ? "" : unit("t_d", step.throughput)))))) : null;
    return section("plan", "review.plan",
      gauge,
      open ? table(
        row("review.throughput", t("review.of", { used: unit("t_d", last.throughput), all: unit("t_d", last.capacity) })),
        row("review.utilisation", last.utilisation === null ? null : percent(last.utilisation, 0)),
        row("review.design", designName(last.design)),
        row("review.size", unit("modules", last.modules)),
        row("review.gfa", unit("m2", last.gfa)),
        row("review.land-used", t("review.of", { used: unit("ha", last.land), all: unit("ha", site.land) })),
        row("review.investment", money(site.course.reduce((sum, step) => sum + (step.investment || 0), 0))),
        row("review.yearly", t("money.per-year", { amount: money(last.cost) }))) : null,
      course);
  }
  const why = (site) => section("why", "review.why", review.why(site).length ? el("ul", {}, review.why(site).map((text) => el("li", {}, text))) : null);

  function force(site) {
    const entry = ({ title, text, note, closer, command }) => el("div", { class: "force" },
      el("p", {}, title ? el("b", {}, title + ": ") : null, text, command && !note && !closer ? el("code", {}, command) : null),
      note ? el("p", { class: "soft" }, note, command && !closer ? el("code", {}, command) : null) : null,
      closer ? el("p", { class: "soft" }, closer, el("code", {}, command)) : null);
    return section("force", "review.force", review.forcing(site).map(entry));
  }

  /* --- judgement ------------------------------------------------------------------------------------------------ */

  function suitability(site) {
    const { judged } = site;
    if (!judged) return section("suitability", "review.suitability", site.score === undefined ? null : el("p", {}, t("review.points", { value: figures(site.score) })), el("p", { class: "soft" }, t("review.suitability-none")));
    const parts = data.criteria.filter((id) => id in (judged.parts || {}));
    const value = (id) => {
      const [amount] = judged.parts[id];
      if (amount === null) return t("number.missing");
      return data.texts[hubopt.lang]["criterion-unit." + id] ? t("criterion-unit." + id, { value: figures(amount) }) : figures(amount);
    };
    const bars = parts.length ? el("table", { class: "parts" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("review.criterion")), el("th", { scope: "col" }, t("review.value")), el("th", { scope: "col", class: "points" }, t("review.earned")))),
      el("tbody", {}, parts.map((id) => el("tr", {}, el("th", { scope: "row" }, t("criterion." + id)), el("td", {}, value(id)),
        el("td", { class: "points" }, el("span", { class: "bar", "aria-hidden": "true" }, el("i", { style: { width: judged.parts[id][1] + "%" } })), figures(judged.parts[id][1])))))) : null;
    return section("suitability", "review.suitability",
      site.score === undefined ? null : el("p", { class: "big" }, t("review.points", { value: figures(site.score) })), bars);
  }
  function reasons(site) {
    const { judged } = site;
    if (!judged || !(judged.why.en || judged.why.zh)) return null;
    const codes = (judged.codes || []).map((code) => el("span", { class: "code" }, t("exclusion." + code.replace(/ /g, "-"))));
    return section("reasons", site.status === "excluded" ? "review.reasons" : "review.judgement", codes.length ? el("p", {}, codes) : null, el("p", {}, both(judged.why)));
  }

  function land(site) {
    const { judged, today } = site;
    const stands = today ? [t("review.today-value", { design: designName(today.design), modules: unit("modules", today.modules) }), el("br"), today.mayClose ? t("review.may-close", { amount: money(today.closure) }) : t("review.must-stay")] : t("review.today-none");
    return section("land", "review.site-land",
      table(
        row("review.land-use", judged && judged.kind && t("land-use." + judged.kind)),
        row("review.land-had", site.land === undefined ? null : unit("ha", site.land)),
        row("review.land-area", judged && judged.area && judged.area !== site.land ? unit("ha", judged.area) : null),
        row("review.land-least", site.least === undefined ? null : unit("ha", site.least)),
        row("review.land-price", site.price === undefined ? null : t("criterion-unit.land_price", { value: figures(site.price) })),
        row("review.far", site.far === undefined ? null : figures(site.far)),
        row("review.parcel", site.parcel),
        row("review.hub-type", site.type && name(data.hubTypes[site.type] || { en: site.type, zh: site.type })),
        row("review.operator", site.operator),
        site.status === "excluded" ? null : row("review.today", stands),
        row("review.reliability", site.reliability && t("reliability." + site.reliability)),
        row("review.source", site.source && sourceTitle(site.source))),
      site.synthetic ? el("p", { class: "note" }, t("review.synthetic")) : null,
      !site.at ? el("p", { class: "soft" }, t("review.no-place")) : !site.shape && site.land > 0 && !data.schematic ? el("p", { class: "soft" }, t("review.point-only")) : null);
  }
  const sourceTitle = (id) => {
    const found = data.sources.find((source) => source.id === id);
    return found ? found.title : id;
  };

  /* --- the card ------------------------------------------------------------------------------------------------- */

  async function copy() {
    const link = review.link();
    const told = document.getElementById("copied");
    try {
      await navigator.clipboard.writeText(link);
      told.replaceChildren(t("review.link-copied"));
    } catch {
      const field = el("input", { id: "link-text", type: "text", readonly: true, value: link, "aria-label": t("review.link-manual") });
      told.replaceChildren(t("review.link-manual"), field);
      field.select();
    }
  }
  function show() {
    const site = review.site();
    const was = panel.hidden;
    panel.hidden = !site;
    document.body.classList.toggle("chosen", Boolean(site));
    if (was !== panel.hidden) review.resize();
    if (!site) return panel.replaceChildren();
    const place = [site.district, site.city].filter((part, i, parts) => part && parts.indexOf(part) === i).map(region).join(t("map.separator"));
    panel.setAttribute("aria-label", t("review.details"));
    panel.replaceChildren(...[
      el("header", {},
        el("div", { class: "top" },
          el("span", { class: "tags" }, [site.level && t("level." + site.level), t("standing." + site.status)].filter(Boolean).map((text, i, parts) => el("span", { class: "tag" }, i === parts.length - 1 ? review.symbol(site.level, site.status, 15) : null, text))),
          button("close", "×", () => review.choose(null), { "aria-label": t("review.close"), title: t("review.close") })),
        el("h2", { tabindex: -1 }, name(site.name)),
        el("p", { class: "soft" }, [otherName(site.name) !== name(site.name) ? otherName(site.name) : null, site.id, place].filter(Boolean).join(" · ")),
        el("div", { class: "buttons tools" },
          button("zoom", t("review.zoom"), () => review.goTo(site.id), { disabled: !site.at }), button("link", t("review.link"), copy),
          button("previous", "‹", () => review.step(-1), { "aria-label": t("review.previous"), title: t("review.previous") }), button("next", "›", () => review.step(1), { "aria-label": t("review.next"), title: t("review.next") })),
        el("div", { id: "copied", role: "status" })),
      marking(site), reasons(site.status === "excluded" ? site : {}), plan(site), why(site), force(site), suitability(site), land(site), site.status === "excluded" ? null : reasons(site),
    ].flat(Infinity).filter(Boolean));
    return undefined;
  }
  /* A new mark redraws only its own part, so that the rest of the card stays where it was read. */
  function remark() {
    const site = review.site();
    const old = document.getElementById("marking");
    if (!site || !old) return;
    const focused = document.activeElement?.id;
    const typed = document.activeElement?.id === "comment" ? document.activeElement.value : null;
    old.replaceWith(marking(site));
    if (typed !== null) document.getElementById("comment").value = typed;
    if (focused) document.getElementById(focused)?.focus();
  }
  review.showDetail = show;
  review.watch((what) => {
    if (what === "choice") {
      show();
      panel.scrollTop = 0;
    } else if (what === "marks") remark();
  });
})();
