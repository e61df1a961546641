"use strict";
/* The other language, printing, and tables that sort by a click on a column's head. */
(() => {
  const pages = [...document.querySelectorAll(".page")];
  const show = (lang) => {
    for (const page of pages) page.hidden = page.lang !== lang;
    const shown = pages.find((page) => !page.hidden);
    document.documentElement.lang = shown.lang;
    document.title = shown.dataset.title;
  };
  for (const button of document.querySelectorAll("button.language")) button.addEventListener("click", () => show(button.lang));
  for (const button of document.querySelectorAll("button.print")) button.addEventListener("click", () => print());

  const sheets = [...document.querySelectorAll("details.sheet")];
  const closed = [];
  addEventListener("beforeprint", () => {
    for (const sheet of sheets) if (!sheet.open) { closed.push(sheet); sheet.open = true; }
  });
  addEventListener("afterprint", () => { for (const sheet of closed.splice(0)) sheet.open = false; });

  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.key ?? cell.textContent.trim();
  };
  const compare = (a, b) => {
    const numeric = a !== "" && b !== "" && Number.isFinite(Number(a)) && Number.isFinite(Number(b));
    return numeric ? Number(a) - Number(b) : a.localeCompare(b, document.documentElement.lang);
  };
  const sort = (table, head) => {
    const down = head.getAttribute("aria-sort") === "ascending" || (!head.hasAttribute("aria-sort") && head.classList.contains("number"));
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows].sort((a, b) => compare(key(a, head.cellIndex), key(b, head.cellIndex)));
    table.tBodies[0].append(...(down ? rows.reverse() : rows));
  };
  for (const table of document.querySelectorAll("table.sortable"))
    for (const head of table.tHead.rows[0].cells) {
      head.tabIndex = 0;
      head.title = table.dataset.hint;
      head.addEventListener("click", () => sort(table, head));
      head.addEventListener("keydown", (event) => event.key === "Enter" && sort(table, head));
    }
})();
