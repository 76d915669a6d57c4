"use strict";
/** Tables as text: rows of cells between separators, quoted as RFC 4180 has it. */

/** The rows of a text as objects keyed by the first row; every cell is a string. Empty lines are passed over. */
function parseRows(text, separator) {
  const [header, ...rows] = cellsOf(text, separator);
  if (header === undefined) return [];
  return rows.map((cells) => Object.fromEntries(header.map((name, column) => [name, cells[column] ?? ""])));
}

/** The text of rows; the columns are all keys in the order in which they come. */
function formatRows(rows, separator) {
  const columns = columnsOf(rows);
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name]))];
  return lines.map((cells) => `${cells.map((cell) => quoted(cell, separator)).join(separator)}\n`).join("");
}

function columnsOf(rows) {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

function cellsOf(text, separator) {
  const lines = [];
  let cells = [];
  const end = text.length;
  let at = 0;
  const finishLine = () => {
    if (cells.length > 1 || cells[0] !== "") lines.push(cells);
    cells = [];
  };
  while (at < end) {
    let cell = "";
    if (text[at] === '"') {
      at += 1;
      // Up to the quote that closes the cell: two of them are one of its text.
      for (;;) {
        const quote = text.indexOf('"', at);
        cell += text.slice(at, quote < 0 ? end : quote);
        at = quote < 0 ? end : quote + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at += 1;
      }
    }
    const begin = at;
    while (at < end && text[at] !== separator && text[at] !== "\n") at += 1;
    const rest = text.slice(begin, at);
    cells.push(cell + (text[at] !== separator && rest.endsWith("\r") ? rest.slice(0, -1) : rest));
    if (text[at] === separator) {
      at += 1;
      if (at === end) cells.push("");
      if (at < end) continue;
    }
    at += 1;
    finishLine();
  }
  return lines;
}

function quoted(cell, separator) {
  const text = cell === null || cell === undefined ? "" : String(cell);
  return /["\r\n]/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text;
}

module.exports = { parseRows, formatRows, columnsOf };
