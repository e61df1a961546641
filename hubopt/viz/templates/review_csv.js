"use strict";
/* Marks as CSV: written so that a spreadsheet runs nothing, read as spreadsheets save it. */
(() => {
  const FORMULA = /^[=+\-@\t\r']/;
  const cell = (value) => {
    const text = String(value ?? "").replace(/\r\n?/g, "\n");
    const safe = FORMULA.test(text) ? "'" + text : text;
    return /[",;\t\n]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  };
  const plain = (text) => {
    const trimmed = text.trim();
    return trimmed.startsWith("'") && FORMULA.test(trimmed.slice(1)) ? trimmed.slice(1).trim() : trimmed;
  };

  /* With a byte order mark, so that spreadsheets see that it is UTF-8. */
  const write = (columns, rows) => "\ufeff" + [columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";

  const decode = (buffer) => {
    const bytes = new Uint8Array(buffer);
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
      return new TextDecoder(bytes[0] === 0xff ? "utf-16le" : "utf-16be").decode(bytes);
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return new TextDecoder("gb18030").decode(bytes);
    }
  };

  function cellsOf(text, mark) {
    const rows = [];
    let row = [];
    let cell = "";
    let quoted = false;
    for (let i = 0; i < text.length; i += 1) {
      const sign = text[i];
      if (quoted) {
        if (sign !== '"') cell += sign;
        else if (text[i + 1] === '"') { cell += '"'; i += 1; }
        else quoted = false;
      } else if (sign === '"' && !cell) quoted = true;
      else if (sign === mark) { row.push(cell); cell = ""; }
      else if (sign === "\n") { row.push(cell); rows.push(row); row = []; cell = ""; }
      else if (sign !== "\r") cell += sign;
    }
    if (cell || row.length) rows.push([...row, cell]);
    return rows;
  }

  /* Rows as objects by column name, with the number of the row in the file; null when the columns are not there. */
  function read(buffer) {
    const text = decode(buffer).replace(/^\ufeff/, "");
    const lines = text.split(/\r?\n/);
    const said = /^"?sep=(.)"?$/.exec((lines[0] || "").trim());
    const head = said ? lines[1] || "" : lines[0] || "";
    const count = (mark) => head.split(mark).length;
    const mark = said ? said[1] : [",", ";", "\t"].reduce((best, other) => (count(other) > count(best) ? other : best));
    const rows = cellsOf(text, mark).slice(said ? 1 : 0);
    const header = (rows.shift() || []).map((name) => plain(name).toLowerCase());
    if (!header.includes("site_id") || !header.includes("mark")) return null;
    return rows.map((cells, i) => ({ row: i + (said ? 3 : 2), cells: Object.fromEntries(header.map((name, k) => [name, plain(cells[k] || "")])) }))
      .filter(({ cells }) => Object.values(cells).some(Boolean));
  }

  hubopt.csv = { write, read };
})();
