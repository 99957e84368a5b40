// The search page: one choice of a search for all charts and the table of its trials, and one trial in full.

import { getJson, marketPath } from "../shared/api.js";
import { charts } from "../shared/chart.js";
import { number, words } from "../shared/format.js";
import { VirtualTable } from "../shared/table.js";
import { showTrial } from "./trial.js";

const CHARTS = ["coordinates", "importance", "fidelity", "slices", "contour", "plateau", "pareto"];
const PARAM = "param_";
const element = (id) => document.getElementById(id);
const choice = element("search-choice");
let table = null;
let begun = 0;
let looked = 0; // how often somebody chose a trial, or another search: only the last counts

/** The search that is chosen, as the API asks for it. */
function search() {
  const [stage, window] = choice.value.split(" ");
  return { stage, window: window ?? null };
}

function columns() {
  const wide = document.documentElement.clientWidth;
  return wide < 640 ? 1 : wide < 1000 ? 2 : 3;
}

/** Let a chart show `query`: now if it has been seen, otherwise as soon as it is. */
function ask(name, query) {
  const chart = charts.get(name);
  if (!chart) return;
  if (chart.element.dataset.state === "waiting") chart.query = query;
  else chart.load(query);
}

function askAll() {
  const { stage, window } = search();
  for (const name of CHARTS) ask(name, { stage, window, columns: columns() });
  ask("history", { window });
}

function option(value, text = words(value)) {
  const made = document.createElement("option");
  made.value = value;
  made.textContent = text;
  return made;
}

function offerSides(names) {
  element("contour-sides").hidden = names.length < 2;
  const first = option("", "the most important");
  element("contour-x").replaceChildren(first, ...names.map((name) => option(name, name)));
  element("contour-y").replaceChildren(first.cloneNode(true), ...names.map((name) => option(name, name)));
}

function offerStates(states) {
  const chosen = element("trials-state").value;
  const counted = Object.entries(states).sort(([, a], [, b]) => b - a);
  element("trials-state").replaceChildren(option("", "anything"), ...counted.map(([state, count]) => option(state, `${words(state)} (${number(count, 0)})`)));
  element("trials-state").value = chosen in states ? chosen : "";
}

function columnsOf(names, levels) {
  return [
    { key: "trial", title: "Trial", kind: "number", width: 9 },
    { key: "state", title: "State", kind: "chip", width: 14 },
    { key: "value", title: "Objective", kind: "number", digits: 3, width: 13, tip: "Of complete trials: what decides who wins" },
    { key: "score", title: "Last score", kind: "number", digits: 3, width: 13, tip: "At whatever share of the bars the trial reached" },
    ...(levels > 1 ? [{ key: "fidelity", title: "Level", kind: "number", width: 9 }] : []),
    { key: "sharpe_ratio", title: "Sharpe", kind: "number", digits: 2, width: 11 },
    { key: "net_pnl", title: "Net P&L", kind: "number", digits: 2, width: 14, signed: true },
    { key: "max_drawdown", title: "Drawdown %", kind: "number", digits: 2, width: 14 },
    { key: "total_trades", title: "Trades", kind: "number", width: 10 },
    ...names.map((name) => ({ key: PARAM + name, title: name, kind: "text", width: Math.max(10, name.length + 5), text: paramText, className: "r num" })),
  ];
}

function paramText(value) {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? String(Number(value.toPrecision(10))).replace("-", "−") : "n/a";
}

/** Learn which parameters the search has and show its trials. */
async function showTable() {
  const mine = (begun += 1);
  const asked = search();
  table?.end();
  table = null;
  try {
    const answer = await getJson(marketPath("trials"), { ...asked, size: 1 });
    if (mine !== begun) return;
    const row = answer.items[0] || {};
    const names = Object.keys(row).filter((key) => key.startsWith(PARAM) && row[key] !== null).map((key) => key.slice(PARAM.length));
    const levels = Object.keys(row).filter((key) => /^score_\d+$/.test(key)).length;
    offerSides(names);
    offerStates(answer.states);
    const place = document.createElement("div");
    element("trials-table").replaceChildren(place);
    table = new VirtualTable(place, {
      path: marketPath("trials"),
      columns: columnsOf(names, levels),
      sort: "value",
      order: "desc",
      query: { ...asked, state: element("trials-state").value || null },
      rowKey: "trial",
      label: `Trials of ${choice.selectedOptions[0].textContent}`,
      empty: "No trials yet.",
      onRow: (trial) => {
        looked += 1;
        showTrial(trial, asked);
      },
      onAnswer: (found) => {
        element("trials-summary").textContent = `${number(found.total, 0)} trials`;
      },
    });
  } catch (error) {
    if (mine === begun) element("trials-summary").textContent = error.message;
  }
}

/** Show trial `wanted` of a stage: trials are numbered in the order of the ledger. */
async function goTo(stage, window, wanted) {
  const mine = (looked += 1);
  try {
    const answer = await getJson(marketPath("trials"), { stage, window, sort: "trial", order: "asc", size: 1, page: wanted + 1 });
    if (!answer.items.length || mine !== looked) return;
    const { stage: shown, window: shownWindow } = search();
    if (stage === shown && String(window) === String(shownWindow)) table?.select(wanted);
    showTrial(answer.items[0], { stage, window });
  } catch (error) {
    if (mine === looked) element("trials-summary").textContent = error.message;
  }
}

function listen() {
  choice.addEventListener("change", () => {
    looked += 1;
    element("trial").hidden = true;
    askAll();
    showTable();
  });
  for (const side of [element("contour-x"), element("contour-y")]) {
    side.addEventListener("change", () => {
      ask("contour", { ...search(), x: element("contour-x").value || null, y: element("contour-y").value || null });
    });
  }
  element("trials-state").addEventListener("change", (event) => table?.filter({ ...search(), state: event.target.value || null }));
  charts.get("history")?.onPoint(([stage, trial]) => goTo(stage, search().window, trial));
  for (const name of ["coordinates", "slices", "contour", "pareto"]) {
    charts.get(name)?.onPoint((trial) => goTo(search().stage, search().window, trial));
  }
  document.addEventListener("runprogress", () => {
    for (const chart of charts.values()) chart.refresh();
    table?.refresh();
  });
}

if (choice) {
  askAll();
  listen();
  showTable();
}
