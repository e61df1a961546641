"use strict";
/* The side panel: title, filters, marks and the list that sorts and leads to the sites. */
(() => {
  const { data, t, name, el, format, review } = hubopt;
  const MOST_ROWS = 300;
  const panel = document.getElementById("list");
  let all = false;
  let message = "";

  const button = (id, text, onclick, more = {}) => el("button", { type: "button", id, onclick, ...more }, text);
  const region = (id) => review.region(id);

  function title() {
    const other = hubopt.lang === "en" ? "zh" : "en";
    const { proof } = data;
    return el("header", {},
      el("div", { class: "top" },
        el("span", { class: "kicker" }, t("review.kicker")),
        el("button", { type: "button", id: "language", lang: other === "zh" ? "zh-CN" : "en", title: t("language.switch"), onclick: () => hubopt.setLanguage(other) }, t("language.other"))),
      el("h1", {}, name(data.instance.name)),
      el("p", { class: "policy" }, t("map.policy", { name: name(data.policy) })),
      data.solved && data.objective !== null
        ? el("p", { class: "policy" }, t("review.cost", { amount: t("money.per-year", { amount: format.money(data.objective) }), gap: format.percent(proof.gap, 2) }))
        : el("p", { class: "note" }, t("review.no-plan")),
      data.instance.synthetic ? el("p", { class: "note" }, t("map.synthetic-case"))
        : data.synthetic.sites ? el("p", { class: "note" }, t("map.synthetic-rows", { list: t("map.synthetic-sites", { count: format.figures(data.synthetic.sites[0]), all: format.figures(data.synthetic.sites[1]) }) })) : null);
  }

  /* --- filters -------------------------------------------------------------------------------------------------- */

  const toggled = (set, value) => (event) => {
    event.target.checked ? set.add(value) : set.delete(value);
    review.refresh();
  };
  const checks = (key, entries) => el("div", { class: "checks", role: "group", "aria-label": t(key) }, el("span", { class: "lead" }, t(key)), el("div", {}, entries.map(([id, text, on, change, picture]) =>
    el("label", { class: "check", for: id }, el("input", { type: "checkbox", id, checked: on, onchange: change }), picture, el("span", {}, text)))));
  const number = (id, key, field) => el("input", { id, type: "number", min: 0, max: 100, step: 1, "aria-label": t(key), value: review.filter[field] ?? "", oninput: (event) => {
    review.filter[field] = event.target.value === "" ? null : Number(event.target.value);
    review.refresh();
  } });

  function districts() {
    const found = new Map(data.sites.map((site) => [site.district || site.city || "", site.city || ""]));
    const entries = [...found].filter(([district]) => district).sort((a, b) => region(a[0]).localeCompare(region(b[0]), hubopt.lang));
    const option = ([district]) => el("option", { value: district, selected: review.filter.district === district }, region(district));
    const cities = [...new Set(entries.map(([, city]) => city))];
    return el("select", { id: "by-district", "aria-label": t("review.district"), onchange: (event) => { review.filter.district = event.target.value; review.refresh(); } },
      el("option", { value: "" }, t("review.all-districts")),
      cities.length > 1 ? cities.map((city) => el("optgroup", { label: region(city) }, entries.filter((entry) => entry[1] === city).map(option))) : entries.map(option));
  }

  function filters() {
    const { filter } = review;
    const counted = (field, value) => format.figures(data.sites.filter((site) => site[field] === value).length);
    const levels = review.levels.filter((level) => data.sites.some((site) => site.level === level));
    const mark = (value, text) => el("option", { value, selected: filter.mark === value }, text);
    return el("section", { id: "filters", "aria-label": t("review.filters") },
      el("input", { id: "search", type: "search", placeholder: t("review.search"), "aria-label": t("review.search"), value: filter.text, autocomplete: "off", oninput: (event) => { filter.text = event.target.value; review.refresh(); } }),
      el("div", { class: "pair" }, districts(),
        el("select", { id: "by-mark", "aria-label": t("review.marks"), onchange: (event) => { filter.mark = event.target.value; review.refresh(); } },
          el("option", { value: "" }, t("review.marks") + ": " + t("review.any-mark")), review.marks.MARKS.map((one) => mark(one, t("mark." + one))), mark("conflict", t("review.conflict")), mark("none", t("review.no-mark")))),
      checks("review.level", levels.map((level) => ["level-" + level, t("levels." + level) + " " + counted("level", level), filter.levels.has(level), toggled(filter.levels, level), review.symbol(level, "unsolved")])),
      checks("review.status", review.statuses.map((status) => ["status-" + status, t("standing." + status) + " " + counted("status", status), filter.statuses.has(status), toggled(filter.statuses, status), review.symbol("station", status)])),
      el("div", { class: "scores" }, el("span", { class: "lead" }, t("review.score")), el("span", {}, t("review.score-from")), number("score-from", "review.score-least", "least"), el("span", {}, t("review.score-to")), number("score-to", "review.score-most", "most"),
        button("reset", t("review.reset"), () => { review.reset(); build(); })));
  }

  /* --- marks ---------------------------------------------------------------------------------------------------- */

  function marks() {
    const file = el("input", { type: "file", id: "import-file", accept: ".csv,.txt,text/csv", hidden: true, tabindex: -1, "aria-hidden": "true", onchange: async (event) => {
      const [chosen] = event.target.files;
      if (!chosen) return;
      message = review.marks.take(await chosen.arrayBuffer());
      event.target.value = "";
      told();
    } });
    const sure = () => {
      if (confirm(t("review.clear-sure", { count: review.marks.count() }))) review.marks.clear();
    };
    return el("section", { id: "marks", "aria-label": t("review.marks") },
      el("div", { class: "reviewer" }, el("label", { for: "reviewer" }, t("review.reviewer")),
        el("input", { id: "reviewer", type: "text", maxlength: 80, placeholder: t("review.reviewer-hint"), value: review.marks.reviewer(), autocomplete: "name", onchange: (event) => review.marks.sign(event.target.value) })),
      el("div", { class: "buttons" }, button("export", t("review.export"), review.marks.download), button("import", t("review.import"), () => file.click()), button("clear", t("review.clear"), sure), file),
      el("p", { id: "marked", class: "soft" }),
      el("p", { id: "message", role: "status" }));
  }
  function told() {
    const counts = review.marks.counts();
    document.getElementById("marked").replaceChildren(...(review.marks.count()
      ? [t("review.summary", counts), el("br"), t("review.next-step", { command: "" }), el("code", {}, "hubopt solve INSTANCE --decisions FILE.csv")]
      : [t(review.marks.kept() ? "review.kept" : "review.not-kept")]));
    document.getElementById("message").textContent = review.marks.count() && !review.marks.kept() ? t("review.not-kept") : message;
    for (const id of ["export", "clear"]) document.getElementById(id).disabled = !review.marks.count();
  }

  /* --- the list ------------------------------------------------------------------------------------------------- */

  const HEADS = { level: "review.level", name: "review.name", district: "review.district", status: "review.status", score: "review.score", land: "review.land", price: "review.price", mark: "review.mark" };
  const columns = () => review.columns.filter((column) => (column === "price" ? data.priced : column === "status" ? data.solved || review.statuses.length > 1 : true));

  const million = (value) => format.figures(value / Number(t("money.steps").split(" ")[1]));
  review.priceText = (price) => {
    if (!price) return "";
    if (price.possible === false) return "✕";
    if (price.kind === "re-solve" && price.most !== null) return million(price.least || 0) + "–" + million(price.most);
    return price.estimate === null ? "?" : (price.estimate >= 0 ? "+" : "") + million(price.estimate);
  };
  const cells = {
    level: (site) => review.symbol(site.level, site.status, 17, [site.level && t("level." + site.level), t("standing." + site.status)].filter(Boolean).join(", ")),
    name: (site) => el("button", { type: "button", class: "go", "data-site": site.id, title: site.id }, name(site.name)),
    district: (site) => region(site.district || site.city || ""),
    status: (site) => t("standing." + site.status),
    score: (site) => (site.score === undefined ? "" : format.number(site.score, 0)),
    land: (site) => (site.land === undefined ? "" : format.figures(site.land)),
    price: (site) => review.priceText(review.price(site)),
    mark: (site) => {
      const mark = review.marks.of(site.id);
      return mark ? review.badge(mark, 17, review.marks.label(mark)) : "";
    },
  };

  const hints = (site) => review.forcing(site).map(({ title, text }) => [title, text].filter(Boolean).join(": ")).join("; ");

  function head() {
    const cell = (column) => {
      const { sort } = review;
      const active = sort.column === column;
      const text = t(HEADS[column]);
      const title = column === "price" ? t("review.price-long") : t("review.sort", { column: text });
      return el("th", { scope: "col", class: column, "aria-sort": active ? (sort.down ? "descending" : "ascending") : "none" },
        button("sort-" + column, text, () => review.sortBy(column), { title, "data-way": active ? (sort.down ? "▼" : "▲") : "" }));
    };
    return el("thead", {}, el("tr", {}, columns().map(cell)));
  }
  function rows() {
    const shown = all ? review.shown : review.shown.slice(0, MOST_ROWS);
    const lines = shown.map((site) => el("tr", { class: site.id === review.chosen ? "chosen" : "", "data-row": site.id }, columns().map((column) => el("td", { class: column, title: column === "price" ? hints(site) : null }, cells[column](site)))));
    const body = el("tbody", { onclick: (event) => {
      const row = event.target.closest("tr[data-row]");
      if (row) review.goTo(row.dataset.row);
    }, onkeydown: (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const row = event.target.closest("tr[data-row]");
      const next = step && row && (step > 0 ? row.nextElementSibling : row.previousElementSibling);
      if (!next) return;
      event.preventDefault();
      next.querySelector(".go")?.focus();
    } }, lines);
    return body;
  }
  function list() {
    const count = document.getElementById("count");
    count.textContent = t("review.shown", { count: format.figures(review.shown.length), all: format.figures(data.sites.length) });
    const table = document.getElementById("sites");
    const focused = document.activeElement?.id;
    table.replaceChildren(el("caption", {}, t("review.list")), head(), rows());
    if (focused && focused.startsWith("sort-")) document.getElementById(focused)?.focus();
    const more = review.shown.length > MOST_ROWS && !all;
    document.getElementById("more").replaceChildren(
      ...(review.shown.length ? [] : [el("p", { class: "soft" }, t("review.none"))]),
      ...(more ? [button("show-all", t("review.show-all", { count: format.figures(review.shown.length) }), () => { all = true; list(); })] : []));
  }
  function chosen() {
    for (const row of document.querySelectorAll("#sites tr.chosen")) row.classList.remove("chosen");
    const row = review.chosen && document.querySelector("#sites tr[data-row=" + CSS.escape(review.chosen) + "]");
    if (!row) return;
    row.classList.add("chosen");
    row.scrollIntoView({ block: "nearest" });
  }

  function sources() {
    const line = (source) => el("li", {},
      source.url ? el("a", { href: source.url, rel: "noopener noreferrer", target: "_blank" }, source.title) : source.title,
      el("small", {}, [source.date, source.licence, source.note].filter(Boolean).join(" · ")));
    return el("details", { id: "sources" }, el("summary", {}, t("sources.heading")),
      el("ul", {}, data.openstreetmap ? el("li", {}, t("sources.openstreetmap")) : null, data.sources.map(line)),
      el("p", {}, t("review.instance-hash", { hash: data.instance.sha256.slice(0, 12) }), " · ", t("brand.made-with", { version: data.version })));
  }

  function build() {
    panel.setAttribute("aria-label", t("review.list"));
    panel.replaceChildren(
      title(), filters(), marks(),
      el("div", { class: "counted" }, el("h2", { id: "count", "aria-live": "polite" }), el("span", { class: "soft" }, t("review.legend"))),
      el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("review.list") }, el("table", { id: "sites" }), el("div", { id: "more" }), sources()));
    list();
    told();
  }
  review.buildList = build;
  review.watch((what) => {
    if (!document.getElementById("count")) return undefined; // not built yet
    if (what === "choice") return chosen();
    if (what === "filter") all = false;
    list();
    if (what === "marks") told();
    return chosen();
  });
})();
