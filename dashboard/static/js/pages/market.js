// A market's page: candles and trades that follow each other, filters for both, and the story of the trade that was chosen.

import { charts } from "../shared/chart.js";
import { VirtualTable } from "../shared/table.js";
import { getJson, marketPath } from "../shared/api.js";
import { number } from "../shared/format.js";
import { ENTRY_COLUMNS, tradeColumns } from "./trade-columns.js";
import { Story } from "./story.js";

const LEAST_BARS = 20;
const barMs = Number(document.getElementById("run").dataset.barMs);
const filters = document.getElementById("filters");
const clear = document.getElementById("filters-clear");
const summary = document.getElementById("trades-summary");
const kind = document.getElementById("entry-kind");
const candles = charts.get("candles");
let steps = 0; // from one place to another: only the last counts

function chosen() {
  return Object.fromEntries(new FormData(filters));
}

const trades = new VirtualTable(document.getElementById("trades"), {
  path: marketPath("trades"),
  columns: tradeColumns(),
  sort: "row",
  query: chosen(),
  label: "Trades",
  empty: "No trade here: the backtest closed none of this kind, or has not been run yet.",
  onRow: (trade) => goToTrade(trade),
  onAnswer: ({ total, totals }) => {
    summary.textContent = total ? `${number(total, 0)} trades, ${number(totals.winners, 0)} winners, net ${number(totals.net_pnl, 2)}` : "";
  },
});
const entries = new VirtualTable(document.getElementById("entries"), {
  path: marketPath("entries"),
  columns: ENTRY_COLUMNS,
  sort: "row",
  label: "Entries not filled",
  empty: "Every entry of this kind was filled, or the baseline has not been run yet.",
  onRow: (entry) => goToEntry(entry),
});
const story = new Story(() => forget());

/** Move the candles to a stretch: a third of the view is that, at least forty bars of it are seen. */
function goTo(from, to, colour) {
  steps += 1;
  const pad = Math.max(LEAST_BARS * barMs, to - from);
  const band = { type: "rect", yref: "y domain", y0: 0, y1: 1, line: { width: 0 }, fillcolor: colour, layer: "below" };
  candles.marks = [{ ...band, x0: new Date(from).toISOString().slice(0, 19), x1: new Date(to).toISOString().slice(0, 19) }];
  candles.load({ ...chosen(), from: from - pad, to: to + pad });
  if (candles.element.getBoundingClientRect().top < 0) candles.element.scrollIntoView({ block: "start" });
}

function goToTrade(trade) {
  entries.select(null);
  goTo(trade.entry_time, trade.exit_time, trade.net_pnl > 0 ? "@gain-soft" : "@loss-soft");
  const { source } = chosen();
  const name = source === "walkforward" ? `Trade ${trade.trade_id} of window ${trade.window}` : `Trade ${trade.trade_id}`;
  story.tell(`${name}, bar by bar`, marketPath(`trades/${trade.row}/story`), { source });
}

function goToEntry(entry) {
  trades.select(null);
  goTo(entry.signal_time, entry.end_time ?? entry.signal_time + barMs, "@warn-soft");
  story.tell(`Entry ${entry.row}, ${entry.kind}, bar by bar`, marketPath(`entries/${entry.row}/story`), {});
}

function forget() {
  steps += 1;
  story.close();
  trades.select(null);
  entries.select(null);
}

/** Find a trade whose mark was clicked, wherever it stands in the table. */
async function find(row) {
  const mine = (steps += 1);
  try {
    const answer = await getJson(marketPath("trades"), { ...trades.question(), around: row, size: 200 });
    const place = answer.items.findIndex((item) => item.row === row);
    if (place < 0 || mine !== steps) return;
    await trades.goTo((answer.page - 1) * answer.size + place);
    if (mine !== steps) return;
    trades.select(row);
    goToTrade(answer.items[place]);
  } catch (error) {
    if (mine === steps) story.say("Bar by bar", error.message);
  }
}

function filtered() {
  forget();
  candles.marks = [];
  const query = chosen();
  clear.hidden = !["side", "tier", "reason", "result"].some((name) => query[name]);
  trades.filter(query);
  const { from, to } = candles.query;
  candles.load({ ...query, from, to }, true);
}

filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("change", filtered);
clear.addEventListener("click", (event) => {
  event.preventDefault();
  for (const select of filters.querySelectorAll("select")) select.value = "";
  filtered();
});
kind.addEventListener("change", () => entries.filter({ kind: kind.value }));
candles.query = chosen();
candles.onPoint(find);
candles.element.addEventListener("reset", forget);
document.addEventListener("zonechange", () => story.write());
