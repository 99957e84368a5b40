// A market's page: trades that the candles follow.

import { charts } from "../shared/chart.js";
import { TradesTable } from "./trades.js";

const barMs = Number(document.getElementById("run").dataset.barMs);
const candles = charts.get("candles");
let source = "baseline";

/** Move the candles to a trade: a third of the view is the trade, at least forty bars of it are seen. */
function goTo(trade) {
  const pad = Math.max(20 * barMs, trade.exit_time - trade.entry_time);
  const won = trade.net_pnl > 0;
  const band = { type: "rect", yref: "paper", y0: 0.16, y1: 1, line: { width: 0 }, fillcolor: won ? "@gain-soft" : "@loss-soft", layer: "below" };
  const time = (ms) => new Date(ms).toISOString().slice(0, 19);
  candles.marks = [{ ...band, x0: time(trade.entry_time), x1: time(trade.exit_time) }];
  candles.load({ source, from: trade.entry_time - pad, to: trade.exit_time + pad });
  if (candles.element.getBoundingClientRect().top < 0) candles.element.scrollIntoView({ block: "start", behavior: "smooth" });
}

const table = new TradesTable(goTo);
candles.onPoint((row) => table.select(row, true));

candles.element.addEventListener("reset", () => table.select(null));

for (const button of document.querySelectorAll("#source button")) {
  button.addEventListener("click", () => {
    source = button.dataset.source;
    for (const other of document.querySelectorAll("#source button")) other.setAttribute("aria-checked", String(other === button));
    table.selected = null;
    candles.marks = [];
    table.load({ source, page: 1 });
    candles.load({ ...candles.query, source });
  });
}

candles.load({ source });
table.load();
