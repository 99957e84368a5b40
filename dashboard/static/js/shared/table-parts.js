// What a long table is made of: the heads of its columns, with the buttons that sort by them, and its rows.

import { classOf, fillCell, make } from "./cells.js";

/** Return the head of column number `index`, as `sort` and `order` have it; `sortBy` hears of its button, null where nothing can be sorted. */
export function headCell(column, index, { sort, order }, sortBy) {
  const cell = make("th", classOf(column).replace("num", ""), { role: "columnheader", scope: "col", "aria-colindex": String(index + 1) });
  if (column.tip) cell.title = column.tip;
  if (column.sortable === false || sortBy === null) {
    cell.textContent = column.title;
    return cell;
  }
  cell.setAttribute("aria-sort", sort !== column.key ? "none" : order === "asc" ? "ascending" : "descending");
  const button = make("button", "sort", { type: "button", "data-sort": column.key });
  button.textContent = column.title;
  button.addEventListener("click", () => sortBy(column));
  cell.append(button);
  return cell;
}

/** Return row number `index` with what `content` has for the columns, or with a sign of waiting while that is undefined. */
export function rowOf(columns, id, index, content) {
  const row = make("tr", "", { role: "row", id, "aria-rowindex": String(index + 2), "data-index": String(index) });
  row.dataset.here = content === undefined ? "no" : "yes";
  row.content = JSON.stringify(content);
  columns.forEach((column, at) => {
    const cell = make("td", classOf(column), { role: "gridcell", "aria-colindex": String(at + 1) });
    if (content === undefined) cell.textContent = at === 0 ? "…" : "";
    else fillCell(cell, column, content);
    row.append(cell);
  });
  return row;
}
