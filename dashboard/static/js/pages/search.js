// The best trials of one search, asked for again while the run is at work.

import { getJson, marketPath } from "../shared/api.js";
import { number, words } from "../shared/format.js";

const element = (id) => document.getElementById(id);
const select = element("trials-search");
const NUMBERS = [["score", 3], ["sharpe_ratio", 2], ["net_pnl", 2], ["max_drawdown", 2], ["total_trades", 0]];

function cell(text, kind) {
  const made = document.createElement("td");
  made.textContent = text;
  made.className = kind;
  return made;
}

function row(trial) {
  const made = document.createElement("tr");
  const params = trial.error || trial.params.map(([name, value]) => `${name} ${value}`).join(", ");
  const figures = NUMBERS.map(([name, decimals]) => cell(number(trial[name], decimals), "r num"));
  made.append(cell(String(trial.trial), "r num"), cell(words(trial.state), "nowrap"), ...figures, cell(params, "sub-text"));
  return made;
}

function option({ stage, window }) {
  const made = document.createElement("option");
  made.value = window === null ? stage : `${stage} ${window}`;
  made.textContent = window === null ? `${stage}, all candles` : `${stage}, window ${window}`;
  return made;
}

async function load() {
  const [stage, window] = (select.value || "").split(" ");
  try {
    const answer = await getJson(marketPath("trials"), { stage: stage || null, window: window ?? null });
    const chosen = select.value;
    select.replaceChildren(...answer.searches.map(option));
    select.value = chosen || (answer.shown ? option(answer.shown).value : "");
    const states = Object.entries(answer.states).reverse().map(([state, count]) => `${number(count, 0)} ${words(state)}`);
    element("trials-summary").textContent = answer.total ? `The best of ${number(answer.total, 0)} trials: ${states.join(", ")}.` : "No trials yet.";
    element("trials-table").hidden = !answer.rows.length;
    document.querySelector("#trials-table tbody").replaceChildren(...answer.rows.map(row));
  } catch (error) {
    element("trials-summary").textContent = error.message;
  }
}

select.addEventListener("change", load);
document.addEventListener("runprogress", load);
load();
