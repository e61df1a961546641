"use strict";
/* Printing: the map at the width of the paper, and below it the chosen site, or the sites of the list with all marks. */
(() => {
  const { data, t, name, el, format, review } = hubopt;
  const sheet = document.getElementById("sheet");
  const head = el("section", { id: "sheet-head" });
  const MOST = 400;
  let map;
  let view;

  const comments = (site) => review.marks.all(site.id).map((row) => el("div", {}, el("b", {}, t("mark." + row.mark)), row.reviewer ? " (" + row.reviewer + ")" : "", row.comment ? ": " + row.comment : ""));
  function fill() {
    const date = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" }).format(new Date());
    head.replaceChildren(
      el("h1", {}, t("review.title", { name: name(data.instance.name) })),
      el("p", {}, [t("map.policy", { name: name(data.policy) }), data.objective === null ? null : t("review.cost", { amount: t("money.per-year", { amount: format.money(data.objective) }), gap: format.percent(data.proof.gap, 2) }), t("review.instance-hash", { hash: data.instance.sha256.slice(0, 12) }), t("review.printed", { date })].filter(Boolean).join(" · ")),
      el("p", { class: "legend" }, review.statuses.map((status) => el("span", {}, review.symbol("station", status, 14), " " + t("standing." + status) + " ")), review.levels.map((level) => el("span", {}, review.symbol(level, "unsolved", 14), " " + t("level." + level) + " "))));
    const columns = ["", "review.name", "review.district", "review.status", "review.score", "review.land", "review.price", "review.marks"].filter((key) => key !== "review.price" || data.priced);
    const cells = (site) => [
      review.symbol(site.level, site.status, 14), name(site.name) + " · " + site.id, review.region(site.district || site.city || ""), t("standing." + site.status),
      site.score === undefined ? "" : format.number(site.score, 0), site.land === undefined ? "" : format.figures(site.land),
      ...(data.priced ? [review.priceText(review.price(site))] : []), el("div", {}, comments(site)),
    ];
    if (review.chosen) return sheet.replaceChildren(); // the card of the chosen site stands in its place
    const shown = review.shown.slice(0, MOST);
    return sheet.replaceChildren(
      el("h2", {}, t("review.shown", { count: format.figures(shown.length), all: format.figures(data.sites.length) })),
      el("table", {}, el("thead", {}, el("tr", {}, columns.map((key) => el("th", {}, key ? t(key) : "")))), el("tbody", {}, shown.map((site) => el("tr", {}, cells(site).map((cell) => el("td", {}, cell)))))));
  }
  function before() {
    if (document.body.classList.contains("printing")) return;
    view = { center: map.getCenter(), zoom: map.getZoom(), width: map.getSize().x };
    fill();
    document.body.classList.add("printing");
    map.invalidateSize({ animate: false, pan: false });
    /* As wide a piece of the world as on the screen. */
    map.setView(view.center, view.zoom + Math.log2(map.getSize().x / view.width), { animate: false });
  }
  function after() {
    if (!view) return;
    document.body.classList.remove("printing");
    map.invalidateSize({ animate: false, pan: false });
    map.setView(view.center, view.zoom, { animate: false });
    view = null;
    sheet.replaceChildren();
    head.replaceChildren();
  }
  review.readyToPrint = (made) => {
    map = made;
    map.getContainer().before(head);
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
  };
  /* The layout is set before the dialogue opens, so that the canvas has been painted at its size on paper. */
  review.print = () => {
    before();
    requestAnimationFrame(() => requestAnimationFrame(() => print()));
  };
})();
