// Times on charts: figures come with texts in UTC, which Plotly shows as they stand; in the viewer's own zone they are written anew.

import { zone } from "./format.js";

const MINUTE_MS = 60_000;
const SPAN_KEYS = ["x", "x0", "x1"];

function isLocal() {
  return zone() === "local";
}

/** UTC milliseconds of what stands on an axis: a text in the zone of the page, or a number, which has none. */
export function fromAxis(value) {
  if (typeof value === "number") return Math.round(value);
  const text = String(value).replace(" ", "T");
  const whole = text.length === 10 ? `${text}T00:00` : text;
  return Math.round(Date.parse(isLocal() ? whole : `${whole}Z`));
}

/** The text of a UTC time, in the zone of the page. */
export function toAxis(ms) {
  const offset = isLocal() ? new Date(ms).getTimezoneOffset() * MINUTE_MS : 0;
  return new Date(ms - offset).toISOString().slice(0, 19);
}

/** Return a span of time after one step: "earlier" and "later" by half of it, "in" to its half, "out" to its double. */
export function moved([from, to], step) {
  const half = (to - from) / 2;
  const shifts = { earlier: [-half, -half], later: [half, half], in: [half / 2, -half / 2], out: [-half, half] }[step];
  return [Math.round(from + shifts[0]), Math.round(to + shifts[1])];
}

/** Return a figure whose times, all in UTC, are written in the zone of the page. */
export function inZone({ data, layout }) {
  const axes = new Set(Object.keys(layout).filter((key) => /^xaxis\d*$/.test(key) && layout[key].type === "date"));
  if (!isLocal() || axes.size === 0) return { data, layout };
  const onTime = (reference) => axes.has((reference || "x").replace("x", "xaxis"));
  const shift = (value) => (typeof value === "string" ? toAxis(Date.parse(`${value.length === 10 ? `${value}T00:00` : value}Z`)) : value);
  const moves = (item, reference) => {
    if (!onTime(reference)) return item;
    const changed = SPAN_KEYS.filter((key) => key in item).map((key) => [key, Array.isArray(item[key]) ? item[key].map(shift) : shift(item[key])]);
    return { ...item, ...Object.fromEntries(changed) };
  };
  const moving = (items) => (items || []).map((item) => moves(item, item.xref));
  const spans = [...axes].filter((name) => layout[name].range).map((name) => [name, { ...layout[name], range: layout[name].range.map(shift) }]);
  return {
    data: data.map((trace) => moves(trace, trace.xaxis)),
    layout: { ...layout, ...Object.fromEntries(spans), shapes: moving(layout.shapes), annotations: moving(layout.annotations) },
  };
}
