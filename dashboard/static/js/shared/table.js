// One table for everything long: only the rows in view exist, they come page by page from the server, which also sorts and filters.
//
//   new VirtualTable(element, {path, columns, sort, order, label, query, onRow, onAnswer, rowKey, rowClass, empty})
//
// `columns`: [{key, title, kind: "text|number|time|chip", digits, signed, width (characters), text(value, row), chip(value, row), tip, sortable}].
// `onRow(row, index)` hears of a click and of Enter; `onAnswer(answer)` of every answer, for totals; `rowKey` names the field that tells rows
// apart, for `select`; `empty` is said when there is no row. Keys: up, down, page up, page down, home, end, Enter.

import { columnGroup, make, widthOf } from "./cells.js";
import { Rows } from "./rows.js";
import { headCell, rowOf } from "./table-parts.js";

const ROW_PX = 30;
const MARGIN_ROWS = 8;
const FETCH_WAIT_MS = 60;
// Browsers lay out an element of some 16 million pixels and no higher one.
const MAX_ROWS = 500_000;
let tables = 0;

export class VirtualTable {
  constructor(element, options) {
    this.element = element;
    this.options = { sort: null, order: "asc", query: {}, rowKey: "row", label: "Table", empty: "Nothing to show.", ...options };
    this.sort = this.options.sort;
    this.order = this.options.order;
    this.query = this.options.query;
    this.active = -1;
    this.selected = null;
    this.shown = new Map();
    this.over = new AbortController();
    this.name = `vtable-${(tables += 1)}`;
    this.build();
    this.rows = new Rows(this.options.path, () => this.question(), (answer, error) => this.answered(answer, error));
    this.listen();
    this.load();
  }

  /** How many rows there are, null while that is not known. */
  get total() {
    return this.rows.total;
  }

  /** How many rows can be shown. */
  get count() {
    return Math.min(this.total || 0, MAX_ROWS);
  }

  /** Whether the first rows are in view, and none was chosen. */
  get atTop() {
    return this.scroller.scrollTop < ROW_PX && this.active < 0;
  }

  /** Ask anew with other filters, from the first row on. */
  filter(query) {
    this.query = query;
    this.active = -1;
    this.scroller.scrollTop = 0;
    this.rows.forget();
    return this.load();
  }

  /** Ask anew for what is in view, which stays in view and in use until then. An answer that is on its way comes first: it may be older. */
  refresh() {
    this.again = this.asking;
    if (this.again) return;
    this.rows.renew();
    this.load();
  }

  /** Make room for another table: nothing is asked and nothing is told any more. */
  end() {
    this.over.abort();
    this.rows.forget();
    window.clearTimeout(this.timer);
    this.element.classList.add("loading");
  }

  /** Ask another address, from the first row on. */
  from(path, query = this.query) {
    this.rows.path = path;
    return this.filter(query);
  }

  /** Mark the row whose `rowKey` is `value`, wherever it is; null marks none, and no row is the active one any more. */
  select(value) {
    this.selected = value;
    if (value === null) this.active = -1;
    for (const [index, row] of this.shown) this.mark(row, index);
    this.point();
  }

  /** Let the keys move through the rows. */
  focus() {
    this.table.focus();
  }

  /** Bring row `index` into view, by default to its middle, and make it the active one. */
  async goTo(index, middle = true) {
    this.active = index;
    const top = index * ROW_PX;
    const room = this.scroller.clientHeight - this.head.offsetHeight - ROW_PX;
    const lowest = top - (middle ? room / 2 : room);
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = middle ? lowest : top;
    else if (top > this.scroller.scrollTop + room) this.scroller.scrollTop = lowest;
    await this.rows.need(index, index + 1);
    this.render();
  }

  build() {
    this.scroller = make("div", "vtable-scroll");
    this.table = make("table", "vtable-grid", { role: "grid", tabindex: "0", "aria-label": this.options.label, "aria-rowcount": "-1" });
    this.table.setAttribute("aria-colcount", String(this.options.columns.length));
    this.table.style.width = `max(100%, ${this.options.columns.reduce((sum, column) => sum + widthOf(column), 0)}ch)`;
    this.head = make("thead", "", { role: "rowgroup" });
    this.body = make("tbody", "", { role: "rowgroup" });
    this.above = make("tr", "vtable-space", { "aria-hidden": "true" });
    this.below = make("tr", "vtable-space", { "aria-hidden": "true" });
    this.body.append(this.above, this.below);
    this.note = make("p", "note vtable-note", { role: "status" });
    this.note.hidden = true;
    this.table.append(columnGroup(this.options.columns), this.head, this.body);
    this.scroller.append(this.table);
    this.element.classList.add("vtable");
    this.element.replaceChildren(this.scroller, this.note);
    this.showHead();
  }

  showHead() {
    const row = make("tr", "", { role: "row", "aria-rowindex": "1" });
    const sortBy = this.options.sort === null ? null : (column) => this.sortBy(column);
    this.options.columns.forEach((column, index) => row.append(headCell(column, index, this, sortBy)));
    this.head.replaceChildren(row);
  }

  sortBy(column) {
    const best = column.kind === "number" ? "desc" : "asc";
    const other = best === "asc" ? "desc" : "asc";
    this.order = this.sort === column.key && this.order === best ? other : best;
    this.sort = column.key;
    this.showHead();
    this.head.querySelector(`[data-sort="${CSS.escape(column.key)}"]`).focus();
    this.filter(this.query);
  }

  question() {
    return this.sort === null ? this.query : { ...this.query, sort: this.sort, order: this.order };
  }

  async load() {
    this.fresh = this.asking = true;
    this.again = false;
    this.element.classList.add("loading");
    this.table.setAttribute("aria-busy", "true");
    const { first, last } = this.view(Number.MAX_SAFE_INTEGER);
    await this.rows.need(first, last);
    // What was in view may lie beyond the end of a shorter table.
    if (this.total !== null && first >= this.total && this.total > 0) await this.rows.need(0, last - first);
  }

  answered(answer, error) {
    const again = this.again;
    this.asking = false;
    this.element.classList.remove("loading");
    this.table.removeAttribute("aria-busy");
    if (error) this.say(error.message);
    else this.take(answer);
    if (again) this.refresh();
  }

  take(answer) {
    const cut = this.total > this.count ? `Only the first ${this.count} of ${this.total} rows are shown: filter them.` : "";
    this.say(this.total === 0 ? this.options.empty : cut);
    this.table.setAttribute("aria-rowcount", String(this.count + 1));
    if (this.fresh) this.clear((row, index) => row.content !== JSON.stringify(this.rows.at(index)));
    this.fresh = false;
    this.render();
    this.options.onAnswer?.(answer);
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
    this.scroller.hidden = !this.total;
  }

  listen() {
    this.scroller.addEventListener("scroll", () => this.later());
    new ResizeObserver(() => this.later()).observe(this.scroller);
    document.addEventListener("zonechange", () => {
      this.clear();
      this.render();
    }, { signal: this.over.signal });
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.body.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-index]");
      if (row && !event.target.closest("a, button")) this.choose(Number(row.dataset.index));
    });
  }

  later() {
    if (this.frame) return;
    this.frame = window.requestAnimationFrame(() => {
      this.frame = 0;
      this.render();
    });
  }

  key(event) {
    if (event.target !== this.table || event.ctrlKey || event.metaKey || event.altKey || !this.total) return;
    const page = Math.max(1, Math.floor((this.scroller.clientHeight - this.head.offsetHeight) / ROW_PX) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) {
      event.preventDefault();
      this.goTo(Math.min(this.count - 1, Math.max(0, this.active + steps[event.key])), false);
    } else if (event.key === "Enter" && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    }
  }

  choose(index) {
    if (this.total === null) return; // these rows answer another question
    const row = this.rows.at(index);
    this.active = index;
    this.render();
    if (row === undefined || !this.options.onRow) return;
    this.select(row[this.options.rowKey]);
    this.options.onRow(row, index);
  }

  /** The rows in view and a few around them. */
  view(count) {
    const top = Math.floor(this.scroller.scrollTop / ROW_PX);
    const seen = Math.ceil(this.scroller.clientHeight / ROW_PX) + 1;
    return { first: Math.max(0, top - MARGIN_ROWS), last: Math.min(count, top + seen + MARGIN_ROWS) };
  }

  render() {
    if (this.total === null) return;
    const { first, last } = this.view(this.count);
    for (const [index, row] of this.shown) {
      if (index < first || index >= last) {
        row.remove();
        this.shown.delete(index);
      }
    }
    let before = this.above;
    for (let index = first; index < last; index += 1) {
      const row = this.rowAt(index);
      if (before.nextSibling !== row) before.after(row);
      before = row;
    }
    this.above.style.height = `${first * ROW_PX}px`;
    this.below.style.height = `${Math.max(0, this.count - last) * ROW_PX}px`;
    this.point();
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.rows.need(first, last), FETCH_WAIT_MS);
  }

  rowAt(index) {
    let row = this.shown.get(index);
    const content = this.rows.at(index);
    if (row && (row.dataset.here === "yes" || content === undefined)) {
      this.mark(row, index);
      return row;
    }
    row?.remove();
    row = rowOf(this.options.columns, `${this.name}-${index}`, index, content);
    this.shown.set(index, row);
    this.mark(row, index);
    return row;
  }

  mark(row, index) {
    const content = this.rows.at(index);
    const chosen = content !== undefined && this.selected !== null && content[this.options.rowKey] === this.selected;
    row.className = [content && this.options.rowClass ? this.options.rowClass(content) : "", index === this.active ? "active" : "", chosen ? "selected" : ""]
      .filter(Boolean)
      .join(" ");
    row.classList.toggle("clickable", Boolean(this.options.onRow));
    if (this.options.onRow) row.setAttribute("aria-selected", String(chosen));
  }

  /** Tell assistive technology which row the keys are on. */
  point() {
    const row = this.shown.get(this.active);
    if (row) this.table.setAttribute("aria-activedescendant", row.id);
    else this.table.removeAttribute("aria-activedescendant");
  }

  /** Take away the rows that are `outdated`; one that is still right stays: somebody may just be pressing it. */
  clear(outdated = () => true) {
    for (const [index, row] of this.shown) {
      if (!outdated(row, index)) continue;
      row.remove();
      this.shown.delete(index);
    }
  }
}
