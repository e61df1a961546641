"use strict";
/* What is chosen, filtered and sorted on the review map, and who is told when it changes. */
(() => {
  const { data } = hubopt;
  const LEVELS = ["hub", "utc", "station"];
  const folded = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f\s'’-]/g, "");
  for (const site of data.sites) {
    if (!site.status) site.status = "unsolved";
    site.key = folded([site.name.en, site.name.zh, site.id].join("|"));
  }
  const statuses = [...data.statuses, "unsolved"].filter((status) => data.sites.some((site) => site.status === status));
  const everything = () => ({ text: "", district: "", levels: new Set(LEVELS), statuses: new Set(statuses), least: null, most: null, mark: "" });

  const review = { chosen: null, statuses, levels: LEVELS, filter: everything(), sort: { column: "level", down: false }, shown: [], watchers: [] };
  hubopt.review = review;
  review.byId = new Map(data.sites.map((site) => [site.id, site]));
  review.site = () => review.byId.get(review.chosen) || null;
  review.region = (id) => (data.regions[id] ? hubopt.name(data.regions[id]) : id);

  /* The price that the list shows and sorts by: of a run of its own where there is one. */
  review.price = (site) => {
    const prices = site.prices || [];
    return prices.find((price) => price.kind === "re-solve") || prices[0] || null;
  };
  review.priceValue = (price) => {
    if (!price) return null;
    if (price.possible === false) return Infinity;
    return price.kind === "re-solve" && price.most !== null ? price.most : price.estimate;
  };

  const fits = (site) => {
    const { filter } = review;
    if (filter.text && !site.key.includes(folded(filter.text))) return false;
    if (filter.district && (site.district || site.city || "") !== filter.district) return false;
    if (site.level && !filter.levels.has(site.level)) return false;
    if (!filter.statuses.has(site.status)) return false;
    const scored = site.score !== undefined;
    if (filter.least !== null && !(scored && site.score >= filter.least)) return false;
    if (filter.most !== null && !(scored && site.score <= filter.most)) return false;
    if (!filter.mark) return true;
    const mark = review.marks.of(site.id);
    return filter.mark === "none" ? !mark : mark === filter.mark;
  };

  const COLUMNS = {
    level: (site) => (site.level ? LEVELS.indexOf(site.level) : LEVELS.length) * 10 + statuses.indexOf(site.status),
    name: (site) => hubopt.name(site.name),
    district: (site) => review.region(site.district || site.city || ""),
    status: (site) => statuses.indexOf(site.status),
    score: (site) => site.score,
    land: (site) => site.land,
    price: (site) => review.priceValue(review.price(site)),
    mark: (site) => ["conflict", "reject", "accept", "question", "comment", null].indexOf(review.marks.of(site.id)),
  };
  review.columns = Object.keys(COLUMNS);
  const missing = (value) => value === null || value === undefined || value === "";
  /* One collator for each language: making one for every comparison takes most of the time of sorting. */
  const collators = Object.fromEntries(["en", "zh"].map((lang) => [lang, new Intl.Collator(lang, { numeric: true })]));
  const words = (a, b) => collators[hubopt.lang].compare(a, b);
  const byName = (a, b) => words(hubopt.name(a.name), hubopt.name(b.name));
  /* What has no value comes last whichever way the column is sorted. */
  const compare = (a, b) => {
    const value = COLUMNS[review.sort.column];
    const [left, right] = [value(a), value(b)];
    if (missing(left) || missing(right)) return missing(left) - missing(right) || byName(a, b);
    const order = typeof left === "string" ? words(left, right) : left === right ? 0 : left - right;
    return (review.sort.down ? -order : order) || byName(a, b);
  };

  const tell = (what) => { for (const watcher of review.watchers) watcher(what); };
  review.watch = (watcher) => review.watchers.push(watcher);
  review.refresh = (what = "filter") => {
    review.shown = data.sites.filter(fits).sort(compare);
    tell(what);
  };
  review.sortBy = (column) => {
    const { sort } = review;
    review.sort = { column, down: sort.column === column ? !sort.down : ["score", "land", "price"].includes(column) };
    review.refresh("sort");
  };
  review.reset = () => {
    review.filter = everything();
    review.refresh();
  };
  review.choose = (id) => {
    if (id !== null && !review.byId.has(id)) return;
    review.chosen = id;
    tell("choice");
  };
  review.step = (by) => {
    const place = review.shown.findIndex((site) => site.id === review.chosen);
    const next = review.shown[place < 0 ? 0 : place + by];
    if (next) review.goTo(next.id);
  };
})();
