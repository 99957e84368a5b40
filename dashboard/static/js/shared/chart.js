// Charts: every figure on a page with `data-chart` becomes one, fetched when it comes into view and drawn in the theme's colours.
// A zoom fetches it again, finer, where `data-zoom` is "refetch"; with "view" what is there is enough, with "none" there is no zoom.
//
//   import { charts } from "../shared/chart.js";      charts.get("equity").load({ source: "optimized" });
//
// `data-path` names another address than the market's own charts. A form control with `data-chart-for="NAME"` sets the part of the query
// that is called like the control. `meta.empty` of a figure is said in its place, `meta.note` beneath it, `meta.table` shown as a table.

import { getJson, marketPath } from "./api.js";
import { addMenu } from "./chart-menu.js";
import { shown, sketch, unsketch } from "./chart-sketch.js";
import { showTable } from "./chart-table.js";
import { fromAxis, inZone, moved } from "./chart-time.js";
import { painted } from "./palette.js";
import { plotly } from "./plotly.js";

const CONFIG = { displayModeBar: false, displaylogo: false, showTips: false, responsive: true, doubleClick: false, scrollZoom: false };
const ZOOM_WAIT_MS = 160;
const NARROW_PX = 520;

/** The charts of the page by name. */
export const charts = new Map();

export class Chart {
  constructor(element) {
    this.element = element;
    this.name = element.dataset.chart;
    this.zoom = element.dataset.zoom;
    this.plot = element.querySelector(".plot");
    this.note = element.querySelector(".chart-note");
    this.query = {};
    this.figure = null;
    this.marks = [];
    this.listeners = [];
    this.view = 0;
    this.request = null;
    this.again = false;
    this.timer = 0;
    this.turn = 0;
    this.bound = false;
    this.resetButtons = [...document.querySelectorAll(`[data-reset="${this.name}"]`)];
    for (const button of this.resetButtons) button.addEventListener("click", () => this.reset());
    for (const button of element.querySelectorAll("[data-move]")) button.addEventListener("click", () => this.move(button.dataset.move));
    element.dataset.state = "waiting";
    addMenu(this);
  }

  /** The address that gives this chart. */
  get path() {
    return this.element.dataset.path || marketPath(`charts/${this.name}`);
  }

  get loaded() {
    return this.figure !== null;
  }

  /** Show what `query` asks for; `from` and `to` are UTC milliseconds. `keepView` leaves the zoom that the user has made. */
  async load(query = this.query, keepView = false) {
    this.query = query;
    this.again = false;
    if (!keepView) {
      this.view += 1;
      window.clearTimeout(this.timer); // a zoom that was made before is over
    }
    this.showReset("from" in query);
    this.request?.abort();
    const request = new AbortController();
    this.request = request;
    this.enter("loading");
    try {
      const figure = await getJson(this.path, query, request.signal);
      if (this.request !== request) return;
      this.figure = figure;
      await this.draw();
      this.end(request, "drawn");
    } catch (error) {
      if (error.name === "AbortError" || this.request !== request) return;
      this.say(error.message, true);
      this.end(request, "failed");
    }
  }

  /** Enter `state`, unless something else was asked for since. */
  end(request, state) {
    if (this.request !== request) return;
    this.request = null;
    this.enter(state);
    if (this.again) this.refresh();
  }

  /** Fetch again what is shown, if it was fetched at all: the run may have more by now. An answer on its way comes first: it may be older. */
  refresh() {
    if (this.request) this.again = true;
    else if (this.loaded) return this.load(this.query, true);
    return undefined;
  }

  enter(state) {
    this.element.dataset.state = state;
    this.element.classList.toggle("loading", state === "loading");
  }

  /** Call `listener(pointData)` when a point with custom data is clicked. */
  onPoint(listener) {
    this.listeners.push(listener);
  }

  /** Draw what was fetched last. Of two drawings at a time the older one steps back, and is over when the newer one is. */
  async draw() {
    this.drawing = this.paint((this.turn += 1));
    for (let turn = 0; turn !== this.turn; ) {
      turn = this.turn;
      await this.drawing;
    }
  }

  async paint(turn) {
    if (!this.figure) return;
    const { data, layout, meta } = this.figure;
    showTable(this.element, meta.table);
    if (meta.empty) {
      unsketch(this.plot);
      window.Plotly?.purge(this.plot);
      this.bound = false;
      this.say(meta.empty, true);
      return;
    }
    this.say(meta.note || "", false);
    const narrow = this.plot.clientWidth < NARROW_PX;
    const ready = painted(inZone({ data, layout: { ...layout, shapes: [...(layout.shapes || []), ...this.marks] } }));
    if (layout.height) this.plot.style.height = `${layout.height}px`;
    if (meta.min_width) this.plot.style.minWidth = `${meta.min_width}px`;
    ready.layout.autosize = true;
    ready.layout.dragmode = this.zoom === "none" || narrow ? false : "zoom";
    ready.layout.uirevision = this.view;
    if (narrow) squeeze(ready);
    if (!window.Plotly) await this.outline(ready);
    const Plotly = turn === this.turn && (await plotly());
    if (turn !== this.turn) return;
    unsketch(this.plot);
    await Plotly.react(this.plot, ready.data, ready.layout, CONFIG);
    if (turn === this.turn && !this.bound) this.bind();
  }

  /** Show what a canvas can, for as long as Plotly is on its way. */
  async outline(ready) {
    if (!sketch(this.plot, ready)) return;
    this.enter("sketched");
    await shown();
  }

  say(text, instead) {
    this.note.textContent = text;
    this.element.classList.toggle("no-plot", instead);
  }

  bind() {
    this.bound = true;
    this.plot.on("plotly_click", (event) => {
      const found = event.points.find((point) => point.customdata !== undefined && point.customdata !== null);
      if (found) this.listeners.forEach((listener) => listener(found.customdata));
    });
    this.plot.on("plotly_doubleclick", () => this.reset());
    this.plot.on("plotly_relayout", (change) => this.zoomed(change));
  }

  showReset(wanted) {
    for (const button of this.resetButtons) button.hidden = !wanted;
  }

  /** Show everything again. */
  reset() {
    const rest = { ...this.query };
    delete rest.from;
    delete rest.to;
    this.marks = [];
    this.element.dispatchEvent(new CustomEvent("reset"));
    return this.load(rest);
  }

  /** Take one step: "earlier", "later", "in" or "out". */
  move(step) {
    const range = this.plot.layout?.xaxis?.range;
    if (!range) return;
    const [from, to] = moved(range.map(fromAxis), step);
    this.load({ ...this.query, from, to });
  }

  zoomed(change) {
    const range = change["xaxis.range"] || [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (range[0] === undefined || range[1] === undefined) return;
    this.showReset(true);
    if (this.zoom !== "refetch") return;
    const [from, to] = range.map(fromAxis);
    if (!Number.isFinite(from) || !Number.isFinite(to) || from >= to) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.load({ ...this.query, from, to }, true), ZOOM_WAIT_MS);
  }
}

/** On a phone the legend goes below the plot, in two columns where names are short, and the text gets smaller. */
function squeeze({ data, layout }) {
  const short = data.every((trace) => trace.showlegend === false || (trace.name || "").length < 26);
  const columns = short ? { entrywidth: 0.5, entrywidthmode: "fraction" } : {};
  layout.legend = { ...layout.legend, y: -0.1, yanchor: "top", font: { size: 10 }, ...columns };
  layout.font = { ...layout.font, size: 10 };
  for (const name of Object.keys(layout).filter((key) => /^[xy]axis/.test(key))) {
    if (layout[name].type === "category") continue;
    layout[name] = { ...layout[name], tickfont: { ...layout[name].tickfont, size: 10 }, title: { text: "" }, nticks: layout[name].nticks || 5 };
  }
}

function everyChart(act) {
  for (const chart of charts.values()) act(chart);
}

function valueOf(control) {
  if (control.type === "checkbox") return control.checked ? "1" : null;
  return control.value === "" ? null : control.value;
}

/** Let a control say what its charts show, from the beginning on. */
function listenTo(control) {
  const own = control.dataset.chartFor.split(" ").map((name) => charts.get(name)).filter(Boolean);
  const asked = (chart) => ({ ...chart.query, [control.name]: valueOf(control) });
  if (control.type !== "radio" || control.checked) for (const chart of own) chart.query = asked(chart);
  control.addEventListener("change", () => own.forEach((chart) => chart.load(asked(chart))));
}

const inView = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      inView.unobserve(target);
      if (target.dataset.state === "waiting") charts.get(target.dataset.chart).load();
    }
  },
  { rootMargin: "300px 0px" },
);

for (const element of document.querySelectorAll("[data-chart]")) {
  const chart = new Chart(element);
  charts.set(chart.name, chart);
  inView.observe(element);
}
for (const control of document.querySelectorAll("[data-chart-for]")) listenTo(control);
for (const change of ["themechange", "zonechange"]) document.addEventListener(change, () => everyChart((chart) => chart.draw().catch((error) => chart.say(error.message, true))));
