// The table that some figures bring along as `meta.table`: {columns: [{title, kind: "text|number|time|day", digits, missing}], rows: [[...]]}.

import { UNDEFINED, number, timeText } from "./format.js";

const RIGHT = new Set(["number"]);

/** Show the table of a figure below its chart, or none where it has none. */
export function showTable(element, table) {
  let place = element.querySelector(".chart-table");
  if (!table) {
    place?.remove();
    return;
  }
  if (!place) {
    place = document.createElement("div");
    place.className = "chart-table";
    // A narrow window scrolls it sideways, by the keys too.
    place.tabIndex = 0;
    place.setAttribute("role", "region");
    place.setAttribute("aria-label", element.dataset.title || "Table");
    element.append(place);
  }
  place.replaceChildren(built(element.dataset.title || "", table));
}

function built(name, { columns, rows }) {
  const made = document.createElement("table");
  made.setAttribute("aria-label", name);
  const head = made.createTHead().insertRow();
  for (const column of columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = column.title;
    if (RIGHT.has(column.kind)) cell.className = "r";
    head.append(cell);
  }
  const body = made.createTBody();
  for (const values of rows) {
    const row = body.insertRow();
    values.forEach((value, place) => {
      const cell = row.insertCell();
      cell.textContent = textOf(value, columns[place]);
      cell.className = columns[place].kind === "text" ? "" : RIGHT.has(columns[place].kind) ? "r num" : "num";
    });
  }
  return made;
}

function textOf(value, column) {
  if (value === null || value === undefined) return column.missing || UNDEFINED;
  if (column.kind === "number") return number(value, column.digits ?? 0);
  return column.kind === "text" ? String(value) : timeText(value, column.kind === "day" ? "day" : "minute");
}
