// One chart: fetches its figure, paints it in the theme's colours, and fetches it again, finer, when it is zoomed.

import { fetchJson, marketPath } from "./api.js";
import { painted } from "./palette.js";
import { onTheme } from "./theme.js";

const CONFIG = { displayModeBar: false, displaylogo: false, showTips: false, responsive: true, doubleClick: false, scrollZoom: false };
const ZOOM_WAIT_MS = 160;

/** UTC milliseconds of a Plotly axis value, which is a text without a zone or a number. */
function toMs(value) {
  if (typeof value === "number") return Math.round(value);
  const text = String(value).replace(" ", "T");
  return Math.round(Date.parse(text.length === 10 ? `${text}T00:00Z` : `${text}Z`));
}

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
    this.resetButton = document.querySelector(`[data-reset="${this.name}"]`);
    this.resetButton?.addEventListener("click", () => this.reset());
    this.request = null;
    this.timer = 0;
    this.bound = false;
    onTheme(() => this.draw());
  }

  /** Show what `query` asks for; `from` and `to` are UTC milliseconds. `keepView` leaves the zoom that the user has made. */
  async load(query = this.query, keepView = false) {
    this.query = query;
    if (!keepView) this.view += 1;
    this.showReset("from" in query);
    this.request?.abort();
    const request = new AbortController();
    this.request = request;
    this.element.classList.add("loading");
    try {
      const figure = await fetchJson(marketPath(`charts/${this.name}`), query, request.signal);
      if (this.request !== request) return;
      this.figure = figure;
      await this.draw();
    } catch (error) {
      if (error.name !== "AbortError") this.say(error.message, true);
    } finally {
      if (this.request === request) this.element.classList.remove("loading");
    }
  }

  get loaded() {
    return this.figure !== null;
  }

  /** Call `listener(pointData)` when a point with custom data is clicked. */
  onPoint(listener) {
    this.listeners.push(listener);
  }

  async draw() {
    if (!this.figure) return;
    const { data, layout, meta } = this.figure;
    if (meta.empty) {
      window.Plotly.purge(this.plot);
      this.bound = false;
      this.say(meta.empty, true);
      return;
    }
    this.say(this.describe(meta), false);
    const narrow = this.plot.clientWidth < 600;
    const shown = painted({ data, layout: { ...layout, shapes: [...(layout.shapes || []), ...this.marks] } });
    if (layout.height) this.plot.style.height = `${layout.height}px`;
    if (meta.min_width) this.plot.style.minWidth = `${meta.min_width}px`;
    shown.layout.autosize = true;
    shown.layout.dragmode = this.zoom === "none" || narrow ? false : "zoom";
    shown.layout.uirevision = this.view;
    if (narrow) this.squeeze(shown);
    await window.Plotly.react(this.plot, shown.data, shown.layout, CONFIG);
    if (!this.bound) this.bind();
  }

  /** On a phone the legend goes below the plot, in two columns where names are short, and the text gets smaller. */
  squeeze({ data, layout }) {
    const short = data.every((trace) => trace.showlegend === false || (trace.name || "").length < 26);
    const columns = short ? { entrywidth: 0.5, entrywidthmode: "fraction" } : {};
    layout.legend = { ...layout.legend, y: -0.1, yanchor: "top", font: { size: 10 }, ...columns };
    layout.font = { ...layout.font, size: 10 };
    for (const name of Object.keys(layout).filter((key) => /^[xy]axis/.test(key))) {
      if (layout[name].type === "category") continue;
      layout[name] = { ...layout[name], tickfont: { ...layout[name].tickfont, size: 10 }, title: { text: "" }, nticks: layout[name].nticks || 5 };
    }
  }

  describe(meta) {
    if (this.name === "candles") {
      const merged = meta.bars_per_candle > 1 ? ` Each candle stands for ${meta.bars_per_candle} bars; zoom in to see every one.` : "";
      const left = meta.trades_shown < meta.trades_inside ? ` The ${meta.trades_shown} largest of ${meta.trades_inside} trades are marked.` : "";
      return `${merged}${left}`.trim();
    }
    if (this.name === "optimization" && meta.drawn < meta.trials) return `${meta.drawn} of ${meta.trials} trials are drawn, every complete one among them.`;
    return "";
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
    if (this.resetButton) this.resetButton.hidden = !wanted;
  }

  /** Show everything again. */
  reset() {
    const { from, to, ...rest } = this.query;
    this.marks = [];
    this.element.dispatchEvent(new CustomEvent("reset"));
    return this.load(rest);
  }

  zoomed(change) {
    const range = change["xaxis.range"] || [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (range[0] === undefined || range[1] === undefined) return;
    const [from, to] = range.map(toMs);
    if (!Number.isFinite(from) || !Number.isFinite(to) || from >= to) return;
    this.showReset(true);
    if (this.zoom !== "refetch") return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.load({ ...this.query, from, to }, true), ZOOM_WAIT_MS);
  }
}
