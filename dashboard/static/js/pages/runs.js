// The list of runs: search, filters, sorting, comparing, tags, deleting. What is filtered stands in the address, so that Back brings it back.

import { live } from "../shared/live.js";
import { writeTimes } from "../shared/zone.js";
import { deleteRun } from "./run_deletion.js";
import { editTags } from "./run_tags.js";

const MOST = 5;
const WAIT_MS = 400;
const filters = document.getElementById("filters");
const table = document.getElementById("runs");
const body = table.tBodies[0];
const compare = document.getElementById("compare");
const summary = document.getElementById("runs-summary");
const STATES = ["running", "unfinished", "finished", "damaged"];
const VERDICTS = ["passed", "failed", "open", ""];
const KEYS = {
  run: (row) => row.dataset.run,
  created: (row) => Number(row.dataset.created),
  market: (row) => row.dataset.market.toLowerCase(),
  state: (row) => STATES.indexOf(row.dataset.state),
  verdict: (row) => VERDICTS.indexOf(row.dataset.verdicts.split(" ")[0]),
};
let waiting = 0;
let changes = 0; // by this page
let refreshing = Promise.resolve(); // one after the other: an answer that was overtaken would show what was
let served = new Map(); // the rows as the server made them, by their run
let sorted = { column: "created", descending: true };

const rows = () => [...body.rows];
const tagsOf = (row) => JSON.parse(row.dataset.tags);

function fits(row, wanted) {
  const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${row.dataset.text} ${tagsOf(row).join(" ").toLowerCase()}`;
  return (
    words.every((word) => text.includes(word)) &&
    (!wanted.state || row.dataset.state === wanted.state) &&
    (!wanted.verdict || row.dataset.verdicts.split(" ").includes(wanted.verdict)) &&
    (!wanted.tag || tagsOf(row).includes(wanted.tag))
  );
}

function filter() {
  const wanted = Object.fromEntries(new FormData(filters));
  let shown = 0;
  for (const row of rows()) {
    row.hidden = !fits(row, { tag: "", ...wanted });
    if (!row.hidden) shown += 1;
  }
  const total = rows().length;
  document.getElementById("runs-none").hidden = shown > 0;
  table.hidden = shown === 0;
  summary.textContent = shown === total ? `${total} in this data folder` : `${shown} of ${total}`;
  const chosen = Object.entries(wanted).filter(([, value]) => value);
  const address = new URLSearchParams(chosen).toString();
  if (address === window.location.search.slice(1)) return;
  window.history.replaceState(null, "", address ? `?${address}` : window.location.pathname);
}

function sortBy(column) {
  sorted = { column, descending: sorted.column === column ? !sorted.descending : column === "created" };
  sort();
}

function sort() {
  const { column } = sorted;
  const key = KEYS[column];
  const way = sorted.descending ? -1 : 1;
  const order = rows().sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    return (a < b ? -1 : a > b ? 1 : 0) * way || Number(other.dataset.created) - Number(one.dataset.created);
  });
  if (order.some((row, place) => row !== body.rows[place])) body.append(...order);
  for (const head of table.tHead.querySelectorAll("[data-column]")) {
    head.setAttribute("aria-sort", head.dataset.column !== column ? "none" : sorted.descending ? "descending" : "ascending");
  }
}

function ticked() {
  return rows().filter((row) => row.querySelector("input:checked"));
}

function showCompare() {
  const chosen = ticked();
  const full = chosen.length >= MOST;
  for (const row of rows()) {
    const box = row.querySelector('input[type="checkbox"]');
    if (box) box.disabled = full && !box.checked;
    row.classList.toggle("ticked", Boolean(box?.checked));
  }
  compare.hidden = chosen.length < 2;
  compare.textContent = `Compare ${chosen.length}`;
  compare.href = `/compare?${new URLSearchParams(chosen.map((row) => ["run", row.dataset.run]))}`;
  document.getElementById("compare-text").textContent = chosen.length === 1 ? "Tick one more to compare" : full ? "Five is the most" : "Tick 2 to 5 to compare";
}

function showTags(row, tags) {
  changes += 1;
  served.delete(row.dataset.run);
  row.dataset.tags = JSON.stringify(tags);
  const chips = tags.map((tag) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip tag";
    chip.dataset.tag = tag;
    chip.title = `Only runs tagged ${tag}`;
    chip.textContent = tag;
    return chip;
  });
  row.querySelector(".tags").replaceChildren(...chips);
  offerTags();
  filter();
}

/** Offer the tags that there are now, in the filter and where a tag is written. */
function offerTags() {
  const known = [...new Set(rows().flatMap(tagsOf))].sort((one, other) => one.localeCompare(other));
  const select = filters.elements.tag;
  const chosen = select.value;
  if (known.join("\n") === [...select.options].slice(1).map((each) => each.value).join("\n")) return; // a list that is open stays so
  select.disabled = known.length === 0;
  select.replaceChildren(new Option(known.length ? "Any tag" : "No tags yet", ""), ...known.map((tag) => new Option(tag, tag)));
  select.value = known.includes(chosen) ? chosen : "";
  document.getElementById("known-tags").replaceChildren(...known.map((tag) => new Option("", tag)));
}

function gone(row) {
  changes += 1;
  row.remove();
  showCompare();
  offerTags();
  filter();
  filters.elements.q.focus();
}

/** What finds the focused element of the list again in a list that is fresh, null where the focus is elsewhere. */
function focused() {
  const element = document.activeElement;
  const row = element.closest("#runs tbody tr");
  if (!row) return null;
  const kind = element.dataset.act ? `[data-act="${element.dataset.act}"]` : element.dataset.tag !== undefined ? `[data-tag="${CSS.escape(element.dataset.tag)}"]` : element.localName;
  return `tr[data-run="${CSS.escape(row.dataset.run)}"] ${kind}`;
}

function remember() {
  served = new Map(rows().map((row) => [row.dataset.run, row.cloneNode(true)]));
}

/** Make the rows those of a `fresh` list. One that is as it was stays: somebody may just be pressing it. */
function take(fresh) {
  const there = new Map(rows().map((row) => [row.dataset.run, row]));
  const ticks = new Set(ticked().map((row) => row.dataset.run));
  const made = new Map([...fresh.rows].map((row) => [row.dataset.run, row.cloneNode(true)]));
  const same = (row) => served.get(row.dataset.run)?.isEqualNode(row) && there.get(row.dataset.run);
  const list = new Set([...fresh.rows].map((row) => same(row) || row));
  for (const row of rows()) if (!list.has(row)) row.remove();
  for (const row of list) {
    if (row.parentNode === body) continue;
    body.append(row);
    const box = row.querySelector('input[type="checkbox"]');
    if (box) box.checked = ticks.has(row.dataset.run);
  }
  served = made;
}

/**
 * Show the runs as they are now; ticks, filters, order and the focus stay. A dialog is about one of the rows: it comes first. A list that
 * was asked for before something was changed here does not know of it: tags just given would vanish, and be lost with the next ones.
 */
async function refresh() {
  const before = changes;
  const answer = await fetch(window.location.pathname, { headers: { Accept: "text/html" } });
  const text = await answer.text();
  if (changes !== before || document.querySelector("dialog[open]")) return refreshSoon();
  const fresh = answer.ok && new DOMParser().parseFromString(text, "text/html").querySelector("#runs tbody");
  if (!fresh) return undefined;
  const place = focused();
  const held = document.activeElement;
  take(fresh);
  writeTimes(body);
  sort();
  showCompare();
  offerTags();
  filter();
  if (place && document.activeElement !== held) body.querySelector(place)?.focus({ preventScroll: true });
  return undefined;
}

/** Ask once for whatever happens within a moment. */
function refreshSoon() {
  waiting ||= window.setTimeout(() => {
    waiting = 0;
    if (document.querySelector("dialog[open]")) refreshSoon();
    else refreshing = refreshing.then(refresh).catch(() => {}); // the server may be gone for a moment; its return asks again
  }, WAIT_MS);
}

function start() {
  remember();
  const given = new URLSearchParams(window.location.search);
  for (const name of ["q", "state", "verdict", "tag"]) {
    if (given.has(name)) filters.elements[name].value = given.get(name);
  }
  filters.addEventListener("input", filter);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => window.setTimeout(filter));
  body.addEventListener("change", showCompare);
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.tag !== undefined) {
      filters.elements.tag.value = button.dataset.tag;
      filter();
    } else if (button.dataset.act === "tags") {
      editTags(row.dataset.run, tagsOf(row), (tags) => showTags(row, tags));
    } else if (button.dataset.act === "delete") {
      deleteRun(row.dataset.run, () => gone(row));
    }
  });
  for (const head of table.tHead.querySelectorAll("[data-column]")) head.querySelector("button").addEventListener("click", () => sortBy(head.dataset.column));
  showCompare();
  filter();
  live(null, { run: refreshSoon, job: refreshSoon, here: refreshSoon });
}

start();
