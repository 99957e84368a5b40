// The columns of trades and of entries that were not filled: what a trader looks at first stands first.

import { UNDEFINED, price, quantity, words } from "../shared/format.js";

const side = (value) => (value > 0 ? "▲ long" : "▼ short");
const priceColumn = (key, title) => ({ key, title, kind: "number", width: 12 });

function shown(column, write) {
  return { ...column, text: (value) => (value === null || value === undefined ? UNDEFINED : write(value)) };
}

const prices = (key, title) => shown(priceColumn(key, title), price);
const money = (key, title, tip) => ({ key, title, kind: "number", digits: 2, width: 11, tip });

const FIRST = [
  { key: "trade_id", title: "#", kind: "number", digits: 0, width: 7 },
  { key: "direction", title: "Side", kind: "text", width: 9, text: side },
];
const RESULT = [
  { ...money("net_pnl", "Net P&L"), signed: true },
  { ...money("return_pct", "Return %"), signed: true },
];
const TIMES = [
  { key: "entry_time", title: "Entry", kind: "time" },
  { key: "exit_time", title: "Exit", kind: "time" },
];
const PRICES = [
  prices("avg_entry", "Entry price"),
  prices("exit_price", "Exit price"),
  { ...shown({ key: "qty", title: "Quantity", kind: "number", width: 11 }, quantity) },
];
const REASON = [{ key: "exit_reason", title: "Reason", kind: "text", width: 21, text: (value) => words(value) }];
const REST = [
  { key: "entry_tier", title: "Tier", kind: "number", digits: 0, width: 7 },
  { key: "window", title: "Window", kind: "number", digits: 0, width: 9, text: (value) => (value === null ? "" : String(value)), tip: "The walk-forward window; other backtests have none." },
  { key: "bars_held", title: "Bars", kind: "number", digits: 0, width: 8 },
  money("gross_pnl", "Gross"),
  money("fees", "Fees"),
  money("slippage_cost", "Slippage"),
  money("funding", "Funding"),
  money("mfe", "MFE", "Maximum favourable excursion: the best that the position stood at."),
  money("mae", "MAE", "Maximum adverse excursion: the worst that the position stood at."),
];

/** Return the columns of the trades; on a phone, where few fit, the result comes before the circumstances. */
export function tradeColumns() {
  const narrow = window.matchMedia("(max-width: 640px)").matches;
  const middle = narrow ? [...RESULT, ...REASON, ...TIMES, ...PRICES] : [...TIMES, ...PRICES, ...RESULT, ...REASON];
  return [...FIRST, ...middle, ...REST];
}

export const ENTRY_COLUMNS = [
  { key: "row", title: "#", kind: "number", digits: 0, width: 7 },
  { key: "kind", title: "Kind", kind: "chip", width: 12 },
  { key: "direction", title: "Side", kind: "text", width: 9, text: side },
  { key: "signal_time", title: "Signal", kind: "time" },
  { key: "end_time", title: "Given up", kind: "time" },
  { key: "reason", title: "Reason", kind: "text", width: 22, text: (value) => (value === null ? UNDEFINED : words(value)) },
  prices("signal_price", "Signal price"),
  shown({ key: "wanted_qty", title: "Wanted", kind: "number", width: 11 }, quantity),
  shown({ key: "filled_qty", title: "Filled", kind: "number", width: 11 }, quantity),
];
