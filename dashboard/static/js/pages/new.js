// The form to start a run: sends what differs from what a run has anyway, and shows beside each field what is wrong with it.

import { getJson, sendJson } from "../shared/api.js";

const form = document.getElementById("new-run");
const summary = document.getElementById("form-problems");
const rows = document.getElementById("market-rows");
const fields = [...form.querySelectorAll("[data-path]")];
const WAIT_MS = 250;

const control = (field) => field.querySelector("input, select");
const kind = () => form.elements.kind.value;
const mode = () => document.getElementById("f-mode").value;
const valueOf = (field) => (field.dataset.kind === "switch" ? String(control(field).checked) : control(field).value.trim());

/** A number where the text is one; anything else goes as it is, and the server says what it should be. */
function numeric(text) {
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function typed(field) {
  const text = valueOf(field);
  if (field.dataset.kind === "switch") return text === "true";
  if (text === "") return null;
  if (field.dataset.kind === "whole" || field.dataset.kind === "number") return numeric(text);
  if (field.dataset.kind === "list" && field.dataset.path !== "optimization.objective") return text.split(",").map((part) => numeric(part.trim()));
  return text;
}

function put(settings, path, value) {
  const parts = path.split(".");
  const last = parts.pop();
  let inner = settings;
  for (const part of parts) inner = inner[part] ??= {};
  inner[last] = value;
}

const shown = (field) => !field.closest("[hidden]");
const changed = (field) => valueOf(field) !== field.dataset.base;

/** What every run of this form says, whatever is the default: its markets and its strategy. */
function always(field) {
  return field.dataset.path === "strategy.name" || Boolean(field.closest("[data-mode]"));
}

function marketsOf() {
  return [...rows.rows].map((row) => Object.fromEntries([...row.querySelectorAll("[data-column]")].map((input) => {
    const name = input.dataset.column;
    return [name, name === "order_qty" ? numeric(input.value.trim()) : input.value.trim()];
  })));
}

function settingsOf() {
  const settings = { mode: mode() === "SINGLE" ? "SINGLE" : "MULTI", markets: [], top: null };
  if (mode() === "TOP") settings.top = {};
  if (mode() === "MULTI") settings.markets = marketsOf();
  for (const field of fields) {
    if (shown(field) && (changed(field) || always(field))) put(settings, field.dataset.path, typed(field));
  }
  return settings;
}

function fetchOf() {
  const value = (name) => document.getElementById(`f-fetch-${name}`).value.trim();
  const symbols = value("symbols").split(",").map((part) => part.trim()).filter(Boolean);
  return { exchange: value("exchange"), symbols, timeframe: value("timeframe"), start: value("start") || null, end: value("end") || null };
}

function clearProblems() {
  summary.hidden = true;
  summary.querySelector("ul").replaceChildren();
  for (const line of form.querySelectorAll(".field-error")) {
    line.hidden = true;
    line.textContent = "";
  }
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

function placeOf(path) {
  const market = /^markets\.(\d+)\.(\w+)$/.exec(path || "");
  if (market) {
    const input = rows.rows[Number(market[1])]?.querySelector(`[data-column="${market[2]}"]`);
    return { input, line: document.getElementById("f-markets-error") };
  }
  const name = (path || "").replace(/^fetch\./, "");
  const field = kind() === "fetch"
    ? form.querySelector(`[data-fetch="fetch.${CSS.escape(name)}"]`)
    : form.querySelector(`[data-path="${CSS.escape(path || "")}"]`);
  if (field) return { input: control(field), line: field.querySelector(".field-error") };
  return path === "markets" ? { input: rows.querySelector("input"), line: document.getElementById("f-markets-error") } : null;
}

/** Show one mistake beside its field and in the summary, from where a link leads to it. */
function showProblem({ field, message }) {
  const item = document.createElement("li");
  const place = placeOf(field);
  if (place?.line) {
    place.line.append(place.line.textContent ? ` ${message}` : message);
    place.line.hidden = false;
    place.input?.setAttribute("aria-invalid", "true");
    place.input?.closest("details")?.setAttribute("open", "");
  }
  if (place?.input?.id) {
    const link = document.createElement("a");
    link.href = `#${place.input.id}`;
    link.textContent = message;
    item.append(link);
  } else {
    item.textContent = message;
  }
  summary.querySelector("ul").append(item);
}

function showError(error) {
  const details = error.details?.length ? error.details : [{ field: error.field ?? null, message: error.message }];
  details.forEach(showProblem);
  summary.hidden = false;
  summary.focus();
}

async function submit(event) {
  event.preventDefault();
  clearProblems();
  const button = document.getElementById("start");
  button.disabled = true;
  document.getElementById("form-state").textContent = "Starting …";
  try {
    const body = kind() === "fetch" ? { kind: "fetch", fetch: fetchOf() } : { kind: kind(), settings: settingsOf() };
    const job = await sendJson("POST", "/api/v1/jobs", body);
    window.location.assign(`/jobs/${encodeURIComponent(job.id)}`);
  } catch (error) {
    button.disabled = false;
    document.getElementById("form-state").textContent = "";
    showError(error);
  }
}

function addMarket(values = {}) {
  const row = document.getElementById("market-row").content.firstElementChild.cloneNode(true);
  for (const input of row.querySelectorAll("[data-column]")) {
    const value = values[input.dataset.column];
    if (value) input.value = value;
    else if (input.dataset.column === "timeframe") input.value = "1h";
  }
  row.querySelector("[data-remove]").addEventListener("click", () => row.remove());
  rows.append(row);
}

function singleMarket() {
  return Object.fromEntries(["exchange", "symbol", "timeframe", "order_qty"].map((name) => [name, document.getElementById(`f-${name}`).value]));
}

/** Show the parts that belong to what is chosen, and how many fields of each section were changed. */
function arrange() {
  const settings = kind() !== "fetch";
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = (part.dataset.for === "settings") !== settings;
  for (const part of form.querySelectorAll("[data-mode]")) part.hidden = part.dataset.mode !== mode();
  if (mode() === "MULTI" && !rows.rows.length) addMarket(singleMarket());
  const strategy = document.getElementById("f-strategy-name").value;
  for (const field of fields) {
    if (field.dataset.strategies) field.hidden = !field.dataset.strategies.split(" ").includes(strategy);
    field.classList.toggle("is-changed", changed(field));
  }
  for (const section of form.querySelectorAll("details")) {
    const count = [...section.querySelectorAll("[data-path]")].filter((field) => shown(field) && changed(field)).length;
    const chip = section.querySelector(".changed");
    chip.hidden = count === 0;
    chip.textContent = `${count} changed`;
  }
}

let asked = "";
let turn = 0;
let timer = 0;

/** Offer the symbols of the exchange that contain what was typed; an exchange that cannot be asked offers none. */
async function offerSymbols() {
  const exchange = document.getElementById("f-exchange").value.trim().toUpperCase();
  const typedText = document.getElementById("f-symbol").value.trim();
  const key = `${exchange} ${typedText}`;
  const known = [...document.getElementById("exchange-names").options].some((option) => option.value === exchange);
  if (key === asked) return;
  asked = key;
  const mine = (turn += 1);
  let names = null;
  try {
    const askable = known || exchange.startsWith("CCXT:");
    names = askable ? (await getJson(`/api/v1/exchanges/${encodeURIComponent(exchange)}/symbols`, { q: typedText || null, size: 50 })).items : [];
  } catch {
    // None then; the next look may be luckier.
  }
  // The answer to what was typed before may come after that to what stands there now.
  if (mine !== turn) return;
  if (names === null) asked = "";
  const options = (names || []).map((name) => Object.assign(document.createElement("option"), { value: name }));
  document.getElementById("symbol-names").replaceChildren(...options);
}

form.addEventListener("submit", submit);
// A page that comes back as it was left has started what it was to start.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.getElementById("start").disabled = false;
  document.getElementById("form-state").textContent = "";
});
form.addEventListener("change", arrange);
form.addEventListener("input", (event) => {
  if (event.target.id === "f-symbol" || event.target.id === "f-exchange") {
    window.clearTimeout(timer);
    timer = window.setTimeout(offerSymbols, WAIT_MS);
  }
});
form.addEventListener("reset", () => window.setTimeout(() => { clearProblems(); arrange(); }));
document.getElementById("f-symbol").addEventListener("focus", offerSymbols);
document.getElementById("add-market").addEventListener("click", () => addMarket({ ...singleMarket(), symbol: "" }));
for (const given of form.querySelectorAll("[data-market-row]")) {
  addMarket({ exchange: given.dataset.exchange, symbol: given.dataset.symbol, timeframe: given.dataset.timeframe, order_qty: given.dataset.order_qty });
}
arrange();
