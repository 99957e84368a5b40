// The trades table: one page at a time from the server, sorted there; a click on a row asks for the chart to go to that trade.

import { getJson, marketPath } from "../shared/api.js";
import { UNDEFINED, number, price, quantity, utc, words } from "../shared/format.js";

const COLUMNS = {
  trade_id: { title: "#", text: (value) => String(value), right: true },
  window: { title: "Window", text: (value) => String(value), right: true },
  direction: { title: "Side", text: (value) => (value > 0 ? "▲ long" : "▼ short") },
  entry_time: { title: "Entry (UTC)", text: utc },
  avg_entry: { title: "Entry price", text: price, right: true },
  qty: { title: "Quantity", text: quantity, right: true },
  entry_tier: { title: "Tier", text: (value) => String(value ?? UNDEFINED), right: true },
  exit_time: { title: "Exit (UTC)", text: utc },
  exit_price: { title: "Exit price", text: price, right: true },
  exit_reason: { title: "Reason", text: words },
  bars_held: { title: "Bars", text: (value) => number(value, 0), right: true },
  gross_pnl: { title: "Gross", text: (value) => number(value, 2), right: true },
  fees: { title: "Fees", text: (value) => number(value, 2), right: true },
  slippage_cost: { title: "Slippage", text: (value) => number(value, 2), right: true },
  funding: { title: "Funding", text: (value) => number(value, 2), right: true },
  net_pnl: { title: "Net P&L", text: (value) => number(value, 2), right: true, signed: true },
  return_pct: { title: "Return %", text: (value) => number(value, 2), right: true, signed: true },
  mfe: { title: "MFE", text: (value) => number(value, 2), right: true },
  mae: { title: "MAE", text: (value) => number(value, 2), right: true },
};
// What a trader looks at first stands first; the file's own order is kept on the server.
const ORDER = [
  "trade_id", "window", "direction", "entry_time", "exit_time", "avg_entry", "exit_price", "qty", "net_pnl", "return_pct", "exit_reason",
  "entry_tier", "bars_held", "gross_pnl", "fees", "slippage_cost", "funding", "mfe", "mae",
];

// On a phone only a few columns fit: the result comes before the circumstances.
const ORDER_NARROW = ["trade_id", "direction", "net_pnl", "return_pct", ...ORDER.filter((name) => !["trade_id", "direction", "net_pnl", "return_pct"].includes(name))];

const element = (id) => document.getElementById(id);

export class TradesTable {
  constructor(onTrade) {
    this.onTrade = onTrade;
    this.state = { source: "baseline", page: 1, size: 25, sort: "row", order: "asc" };
    this.selected = null;
    element("page-back").addEventListener("click", () => this.load({ page: this.state.page - 1 }));
    element("page-on").addEventListener("click", () => this.load({ page: this.state.page + 1 }));
    element("page-size").addEventListener("change", (event) => this.load({ size: Number(event.target.value), page: 1 }));
  }

  /** Fetch and show a page; `around` names a row of the file whose page is wanted instead. */
  async load(changes = {}, around = null) {
    this.state = { ...this.state, ...changes };
    try {
      const answer = await getJson(marketPath("trades"), { ...this.state, around });
      this.state.page = answer.page;
      this.show(answer);
    } catch (error) {
      this.say(error.message);
    }
  }

  /** Mark the trade in row `wanted` of its file, on whatever page it is; null marks none. */
  async select(wanted, bringIntoView = false) {
    this.selected = wanted;
    if (wanted !== null && !this.row(wanted)) await this.load({}, wanted);
    for (const row of document.querySelectorAll("#trades-table tbody tr")) row.classList.toggle("selected", row.dataset.row === String(wanted));
    if (bringIntoView) this.row(wanted)?.scrollIntoView({ block: "nearest" });
  }

  row(wanted) {
    return document.querySelector(`#trades-table tbody tr[data-row="${Number(wanted)}"]`);
  }

  say(text) {
    element("trades-empty").hidden = !text;
    element("trades-empty").textContent = text;
    element("trades-table").hidden = Boolean(text);
  }

  show(answer) {
    const none = answer.ready ? "This backtest closed no trade." : "These trades are not there yet: their stage has not finished.";
    this.say(answer.total ? "" : none);
    const order = window.matchMedia("(max-width: 640px)").matches ? ORDER_NARROW : ORDER;
    const columns = order.filter((name) => answer.columns.includes(name) && name in COLUMNS);
    this.showHead(columns);
    document.querySelector("#trades-table tbody").replaceChildren(...answer.rows.map((row) => this.bodyRow(row, answer.columns, columns)));
    element("page-text").textContent = `${answer.page} / ${answer.pages}`;
    element("page-back").disabled = answer.page <= 1;
    element("page-on").disabled = answer.page >= answer.pages;
    const totals = answer.totals;
    element("trades-summary").textContent = answer.total ? `${number(answer.total, 0)} trades, ${number(totals.winners, 0)} winners, net ${number(totals.net_pnl, 2)}` : "";
  }

  showHead(columns) {
    const cells = columns.map((name) => {
      const cell = document.createElement("th");
      const button = document.createElement("button");
      const sorted = this.state.sort === name;
      button.type = "button";
      button.dataset.sort = name;
      button.textContent = COLUMNS[name].title;
      button.addEventListener("click", () => this.sortBy(name));
      cell.setAttribute("aria-sort", sorted ? (this.state.order === "asc" ? "ascending" : "descending") : "none");
      if (COLUMNS[name].right) cell.className = "r";
      cell.append(button);
      return cell;
    });
    // Focus survives the new row, so that the keyboard can sort twice.
    const focused = document.activeElement?.dataset?.sort;
    document.querySelector("#trades-table thead tr").replaceChildren(...cells);
    if (focused) document.querySelector(`#trades-table button[data-sort="${focused}"]`)?.focus();
  }

  sortBy(name) {
    const turned = this.state.sort === name && this.state.order === "asc";
    this.load({ sort: name, order: turned ? "desc" : "asc", page: 1 });
  }

  bodyRow(values, names, columns) {
    const trade = Object.fromEntries(names.map((name, index) => [name, values[index]]));
    const row = document.createElement("tr");
    row.dataset.row = String(trade.row);
    row.tabIndex = 0;
    row.classList.toggle("selected", trade.row === this.selected);
    for (const name of columns) {
      const cell = document.createElement("td");
      cell.textContent = COLUMNS[name].text(trade[name]);
      cell.className = [COLUMNS[name].right ? "r" : "", name === "exit_reason" || name === "direction" ? "" : "num"].filter(Boolean).join(" ");
      if (COLUMNS[name].signed && trade[name]) cell.classList.add(trade[name] > 0 ? "gain" : "loss");
      row.append(cell);
    }
    const go = () => {
      this.select(trade.row);
      this.onTrade(trade);
    };
    row.addEventListener("click", go);
    row.addEventListener("keydown", (event) => {
      if (event.key === "Enter") go();
    });
    return row;
  }
}
