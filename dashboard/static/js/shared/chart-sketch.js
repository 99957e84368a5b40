// The first look at a chart: its candles, lines, points and bars on a canvas, shown until Plotly has been read and draws it in full.

const MARGIN = { axis: 58, side: 14, top: 30, bottom: 34 };
const PAINT_WAIT_MS = 80;

/** Show the main panel of a `painted` figure in `plot`, where it is of a kind that can be sketched; return whether it is. */
export function sketch(plot, { data, layout }) {
  const traces = data.filter((trace) => (trace.yaxis || "y") === "y" && (trace.xaxis || "x") === "x" && drawers[kindOf(trace)]);
  const axes = { x: numbers(layout.xaxis), y: numbers(layout.yaxis) };
  const series = traces.map((trace) => read(trace, axes));
  const x = range(layout.xaxis, axes.x, series.flatMap((each) => ends(each.x)));
  const y = range(layout.yaxis, axes.y, series.flatMap((each) => [...ends(each.low), ...ends(each.high)]));
  if (!x || !y || !plot.clientWidth) return false;
  const canvas = canvasIn(plot);
  const pen = canvas.getContext("2d");
  const place = scales(plot, layout, x, y);
  traces.forEach((trace, index) => drawers[kindOf(trace)](pen, trace, series[index], place));
  return true;
}

/** Remove what `sketch` has drawn. */
export function unsketch(plot) {
  plot.querySelector("canvas.sketch")?.remove();
}

/** Wait until what stands on the page has been painted; a page in the background is never. */
export function shown() {
  return new Promise((resolve) => {
    window.setTimeout(resolve, PAINT_WAIT_MS);
    window.requestAnimationFrame(() => window.setTimeout(resolve, 0));
  });
}

const drawers = { candlestick: drawCandles, lines: drawLine, markers: drawPoints, bar: drawBars };

function kindOf(trace) {
  if (trace.type !== "scatter") return trace.type;
  return (trace.mode || "lines").includes("lines") ? "lines" : "markers";
}

/** Return what makes a number of what stands on an axis: a time, a number, or the logarithm of one. */
function numbers(axis = {}) {
  const plain = (value) => (typeof value === "number" ? value : Number.NaN);
  if (axis.type === "log") return (value) => Math.log10(plain(value));
  if (axis.type !== "date") return plain;
  return (value) => (typeof value === "string" ? Date.parse(`${value.length === 10 ? `${value}T00:00` : value}Z`) : plain(value));
}

function read(trace, axes) {
  const x = Array.from(trace.x || [], axes.x);
  if (trace.type === "candlestick") {
    return { x, low: Array.from(trace.low, axes.y), high: Array.from(trace.high, axes.y) };
  }
  const y = Array.from(trace.y || [], axes.y);
  return { x, low: trace.type === "bar" ? [0, ...y] : y, high: y };
}

function ends(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [];
}

/** Return the range of an axis: what the figure says, or what holds all values; null where there is none. */
function range(axis = {}, number, values) {
  const [low, high] = axis.range ? axis.range.map(axis.type === "log" ? Number : number) : ends(values);
  return high > low ? [low, high] : null;
}

function canvasIn(plot) {
  unsketch(plot);
  const canvas = document.createElement("canvas");
  const ratio = window.devicePixelRatio || 1;
  canvas.className = "sketch";
  canvas.width = Math.round(plot.clientWidth * ratio);
  canvas.height = Math.round(plot.clientHeight * ratio);
  canvas.getContext("2d").scale(ratio, ratio);
  plot.append(canvas);
  return canvas;
}

/** Return where values lie on the canvas, about where they will be on the chart. */
function scales(plot, layout, x, y) {
  const right = layout.yaxis?.side === "right";
  const [low, high] = layout.yaxis?.domain || [0, 1];
  const left = right ? MARGIN.side : MARGIN.axis;
  const width = plot.clientWidth - MARGIN.side - MARGIN.axis;
  const height = plot.clientHeight - MARGIN.top - MARGIN.bottom;
  return {
    x: (value) => left + ((value - x[0]) / (x[1] - x[0])) * width,
    y: (value) => MARGIN.top + (1 - low - ((value - y[0]) / (y[1] - y[0])) * (high - low)) * height,
  };
}

function drawCandles(pen, trace, { x, low, high }, place) {
  for (const [rising, colour] of [[true, trace.increasing.line.color], [false, trace.decreasing.line.color]]) {
    pen.strokeStyle = colour;
    pen.beginPath();
    for (let each = 0; each < x.length; each += 1) {
      if (trace.close[each] >= trace.open[each] !== rising) continue;
      pen.moveTo(place.x(x[each]), place.y(low[each]));
      pen.lineTo(place.x(x[each]), place.y(high[each]));
    }
    pen.stroke();
  }
}

function drawLine(pen, trace, { x, high }, place) {
  pen.strokeStyle = trace.line?.color || trace.marker?.color || "gray";
  pen.lineWidth = trace.line?.width ?? 1.5;
  pen.beginPath();
  let broken = true;
  for (let each = 0; each < x.length; each += 1) {
    const there = Number.isFinite(x[each]) && Number.isFinite(high[each]);
    if (there && broken) pen.moveTo(place.x(x[each]), place.y(high[each]));
    else if (there) pen.lineTo(place.x(x[each]), place.y(high[each]));
    broken = !there;
  }
  pen.stroke();
  pen.lineWidth = 1;
}

function drawPoints(pen, trace, { x, high }, place) {
  pen.fillStyle = typeof trace.marker?.color === "string" ? trace.marker.color : "gray";
  for (let each = 0; each < x.length; each += 1) pen.fillRect(place.x(x[each]) - 1.5, place.y(high[each]) - 1.5, 3, 3);
}

function drawBars(pen, trace, { x, high }, place) {
  const colour = trace.marker?.color;
  const width = Math.max(1, (Math.abs(place.x(x[1]) - place.x(x[0])) || 12) * 0.8);
  for (let each = 0; each < x.length; each += 1) {
    pen.fillStyle = (Array.isArray(colour) ? colour[each] : colour) || "gray";
    pen.fillRect(place.x(x[each]) - width / 2, place.y(high[each]), width, place.y(0) - place.y(high[each]));
  }
}
