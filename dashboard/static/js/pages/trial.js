// One trial in full: its parameters, its result, its scores on the way, and the command that simulates it again.

import { number, words } from "../shared/format.js";

const METRICS = [
  ["sharpe_ratio", "Sharpe ratio", 3], ["sortino_ratio", "Sortino ratio", 3], ["calmar_ratio", "Calmar ratio", 3], ["net_pnl", "Net P&L", 2],
  ["return_pct", "Return %", 2], ["max_drawdown", "Max drawdown %", 2], ["profit_factor", "Profit factor", 3], ["expectancy", "Expectancy", 2],
  ["win_rate", "Win rate %", 1], ["total_trades", "Trades", 0], ["exposure", "Exposure %", 1], ["fees", "Fees", 2],
];
const PARAM = "param_";
const element = (id) => document.getElementById(id);

function fact(title, text) {
  const line = document.createElement("div");
  const name = document.createElement("dt");
  const value = document.createElement("dd");
  name.textContent = title;
  value.textContent = text;
  line.append(name, value);
  return line;
}

function paramFacts(trial) {
  return Object.entries(trial)
    .filter(([key, value]) => key.startsWith(PARAM) && value !== null)
    .map(([key, value]) => fact(key.slice(PARAM.length), typeof value === "boolean" ? (value ? "yes" : "no") : String(Number(value.toPrecision(10)))));
}

function scoreFacts(trial) {
  const levels = Object.keys(trial).filter((key) => /^score_\d+$/.test(key) && trial[key] !== null);
  const values = Object.keys(trial).filter((key) => /^value_\d+$/.test(key) && trial[key] !== null);
  return [
    ...levels.map((key) => fact(`Fidelity level ${key.slice(6)}`, number(trial[key], 3))),
    ...values.map((key) => fact(`Objective ${key.slice(6)}`, number(trial[key], 3))),
    fact("Bars simulated", number(trial.bars, 0)),
  ];
}

/** The command that simulates the trial again; every name in it is plain, so that nothing needs quotes. */
function commandOf(trial, { stage, window }) {
  const { run, slug } = document.getElementById("run").dataset;
  const where = window === null || window === undefined ? "" : ` --window ${window}`;
  return `python run_pipeline.py backtest --run ${run} --market ${slug} --stage ${stage}${where} --trial ${trial.trial}`;
}

export function showTrial(trial, search) {
  const where = search.window === null || search.window === undefined ? "" : `, window ${search.window}`;
  const again = trial.duplicate_of === null || trial.duplicate_of === undefined ? "" : ` of trial ${trial.duplicate_of}`;
  element("trial-title").textContent = `${search.stage}${where}, trial ${trial.trial}: ${words(trial.state)}${again}`;
  element("trial-params").replaceChildren(...paramFacts(trial));
  element("trial-metrics").replaceChildren(...METRICS.map(([name, title, digits]) => fact(title, number(trial[name], digits))));
  element("trial-scores").replaceChildren(...scoreFacts(trial));
  element("trial-error").hidden = !trial.error;
  element("trial-error").textContent = trial.error || "";
  element("trial-command").textContent = commandOf(trial, search);
  element("trial-copy").textContent = "Copy";
  element("trial").hidden = false;
  element("trial-title").focus({ preventScroll: true });
  element("trial").scrollIntoView({ block: "nearest" });
}

element("trial-close")?.addEventListener("click", () => {
  element("trial").hidden = true;
});
element("trial-copy")?.addEventListener("click", async () => {
  const command = element("trial-command").textContent;
  let said = "Copied";
  try {
    await navigator.clipboard.writeText(command);
  } catch (error) {
    said = "Select it and copy";
  }
  if (element("trial-command").textContent === command) element("trial-copy").textContent = said;
});
