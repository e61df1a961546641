"use strict";
/* Reviewers' marks: kept in this browser for this instance, exported and imported as CSV. */
(() => {
  const { data, t, review, csv, name } = hubopt;
  const MARKS = ["accept", "reject", "question", "comment"];
  const COLUMNS = ["site_id", "name_en", "name_zh", "level", "district", "status", "mark", "comment", "reviewer", "date", "instance_sha256"];
  const STORE = "hubopt-review:" + data.instance.sha256;
  const NAME = "hubopt-reviewer";

  let kept = true;
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      kept = false;
      return null;
    }
  };
  const store = (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      kept = false;
    }
  };

  const rows = new Map();
  const keyOf = (row) => row.site + "\n" + row.reviewer;
  const sound = (row) => row && typeof row.site === "string" && MARKS.includes(row.mark) && ["comment", "reviewer", "date"].every((field) => typeof row[field] === "string");
  try {
    for (const row of JSON.parse(stored(STORE) || "[]")) if (sound(row)) rows.set(keyOf(row), row);
  } catch {
    rows.clear(); // what another program left there is no list of marks
  }
  let reviewer = stored(NAME) || "";

  const save = () => {
    store(STORE, JSON.stringify([...rows.values()]));
    review.refresh("marks");
  };
  const today = () => {
    const now = new Date();
    return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
  };

  const of = (site) => [...rows.values()].filter((row) => row.site === site);
  /* The one mark that stands for a site: contradictory ones are a mark of their own. */
  const shown = (site) => {
    const marks = new Set(of(site).map((row) => row.mark));
    if (marks.has("accept") && marks.has("reject")) return "conflict";
    return MARKS.find((mark) => marks.has(mark)) || null;
  };
  /* Sites by their mark, so that a table of a thousand rows does not look through all marks for each. */
  let cache = new Map();
  const recount = () => { cache = new Map([...new Set([...rows.values()].map((row) => row.site))].map((site) => [site, shown(site)])); };
  recount();

  const mine = (site) => rows.get(site + "\n" + reviewer) || null;
  function set(site, change) {
    const old = mine(site) || { site, mark: null, comment: "", reviewer, date: "" };
    const row = { ...old, ...change, date: today() };
    if (!row.mark && row.comment.trim()) row.mark = "comment";
    if (row.mark === "comment" && !row.comment.trim() && change.comment !== undefined) row.mark = null;
    if (row.mark) rows.set(keyOf(row), row);
    else rows.delete(keyOf(row));
    recount();
    save();
  }
  /* Marks made before the name was given are signed with it. */
  function sign(value) {
    const given = value.trim();
    for (const [key, row] of [...rows]) {
      if (row.reviewer || !given) continue;
      rows.delete(key);
      const signed = { ...row, reviewer: given };
      if (!rows.has(keyOf(signed))) rows.set(keyOf(signed), signed);
    }
    reviewer = given;
    store(NAME, reviewer);
    recount();
    save();
  }
  const clear = () => {
    rows.clear();
    recount();
    save();
  };

  const counts = () => Object.fromEntries(MARKS.map((mark) => [mark, [...rows.values()].filter((row) => row.mark === mark).length]));
  const asCsv = () => csv.write(COLUMNS, [...rows.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).map((row) => {
    const site = review.byId.get(row.site);
    return [row.site, site?.name.en, site?.name.zh, site?.level, site?.district, site?.status, row.mark, row.comment, row.reviewer, row.date, data.instance.sha256];
  }));
  function download() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([asCsv()], { type: "text/csv;charset=utf-8" }));
    link.download = "review-" + data.instance.id.replace(/[^\w-]+/g, "_") + "-" + today() + ".csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const WORDS = Object.fromEntries(MARKS.flatMap((mark) => ["en", "zh"].map((lang) => [data.texts[lang]["mark." + mark].toLowerCase(), mark])));
  /* Takes the rows of a file in; a row for the same site and reviewer replaces the older one. Tells what came of it. */
  function take(buffer) {
    const found = csv.read(buffer);
    if (!found) return t("review.import-failed");
    const unknown = [];
    const odd = [];
    let taken = 0;
    let other = false;
    for (const { row, cells } of found) {
      const word = (cells.mark || "").toLowerCase();
      const mark = MARKS.includes(word) ? word : WORDS[word] || (word ? null : cells.comment ? "comment" : "");
      if (mark === "") continue;
      if (!review.byId.has(cells.site_id)) unknown.push(cells.site_id || "–");
      else if (!mark) odd.push(row);
      else {
        const one = { site: cells.site_id, mark, comment: cells.comment || "", reviewer: cells.reviewer || "", date: cells.date || "" };
        rows.set(keyOf(one), one);
        taken += 1;
        other = other || Boolean(cells.instance_sha256 && cells.instance_sha256 !== data.instance.sha256);
      }
    }
    recount();
    save();
    const list = (items) => [...new Set(items)].slice(0, 8).join(t("map.separator")) + (items.length > 8 ? "…" : "");
    return [
      t("review.imported", { count: taken }),
      unknown.length ? t("review.import-left", { count: unknown.length, why: t("review.import-unknown", { list: list(unknown) }) }) : null,
      odd.length ? t("review.import-left", { count: odd.length, why: t("review.import-mark", { list: list(odd) }) }) : null,
      other ? t("review.import-other") : null,
    ].filter(Boolean).join(" · ");
  }

  review.marks = {
    MARKS, mine, set, sign, clear, counts, asCsv, download, take,
    of: (site) => cache.get(site) || null,
    all: (site) => of(site),
    others: (site) => of(site).filter((row) => row.reviewer !== reviewer),
    count: () => rows.size,
    reviewer: () => reviewer,
    kept: () => kept,
    label: (mark) => (mark === "conflict" ? t("review.conflict") : t("mark." + mark)),
  };
  review.siteName = (site) => name(site.name);
})();
