// What stands in a cell of a long table: numbers with their digits, times in the zone of the page, chips with a sign beside the colour.

import { UNDEFINED, number, timeText, words } from "./format.js";

const RIGHT = new Set(["number"]);
const WIDTHS = { number: 12, time: 18, chip: 14, text: 20 };

/** Return a new element with its classes and attributes. */
export function make(name, className = "", attributes = {}) {
  const element = document.createElement(name);
  if (className) element.className = className;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** Return the width of a column in characters. */
export function widthOf(column) {
  return column.width || Math.max(WIDTHS[column.kind] || WIDTHS.text, column.title.length + 4);
}

/** Return the text of a cell. */
export function textOf(column, row) {
  const value = row[column.key];
  if (column.text) return column.text(value, row);
  if (value === null || value === undefined) return UNDEFINED;
  if (column.kind === "number") return typeof value === "number" ? number(value, column.digits ?? 0) : UNDEFINED;
  if (column.kind === "time") return timeText(value);
  return column.kind === "chip" ? words(String(value)) : String(value);
}

/** Return the classes of a column's cells. */
export function classOf(column) {
  return [RIGHT.has(column.kind) ? "r" : "", ["number", "time"].includes(column.kind) ? "num" : "", column.className || ""].filter(Boolean).join(" ");
}

/** Fill `cell` with what `row` has for `column`. */
export function fillCell(cell, column, row) {
  const text = textOf(column, row);
  cell.className = classOf(column);
  if (column.kind === "chip" && row[column.key] !== null && row[column.key] !== undefined) {
    const chip = document.createElement("span");
    chip.className = `chip ${column.chip ? column.chip(row[column.key], row) : ""}`.trim();
    chip.textContent = text;
    cell.replaceChildren(chip);
  } else {
    cell.textContent = text;
  }
  if (column.signed && typeof row[column.key] === "number" && row[column.key] !== 0) cell.classList.add(row[column.key] > 0 ? "gain" : "loss");
  if (text.length > widthOf(column)) cell.title = text;
}

/** Return the element that gives the columns their widths. */
export function columnGroup(columns) {
  const group = make("colgroup");
  for (const column of columns) {
    const item = make("col");
    item.style.width = `${widthOf(column)}ch`;
    group.append(item);
  }
  return group;
}
