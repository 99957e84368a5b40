// The logs of all packages: filtered on the server, shown as one long table, growing while somebody works.

import { timeText } from "../shared/format.js";
import { live } from "../shared/live.js";
import { VirtualTable } from "../shared/table.js";

const WAIT_MS = 250;
const LIVE_WAIT_MS = 700;
const SHORT = { DEBUG: "· dbg", INFO: "i info", WARNING: "! warn", ERROR: "✕ err", CRITICAL: "✕✕ crit" };
const SIGNS = { DEBUG: "·", INFO: "i", WARNING: "!", ERROR: "✕", CRITICAL: "✕✕" };
const NARROW = window.matchMedia("(max-width: 640px)").matches;
const time = { key: "time", title: "Time", kind: "time", width: 24, text: (value) => timeText(value, "millisecond") };
const level = {
  key: "level", title: "Level", kind: "chip", width: NARROW ? 11 : 15, sortable: false,
  text: (value) => (NARROW ? SHORT[value] : `${SIGNS[value]} ${value.toLowerCase()}`), chip: (value) => `level-${value.toLowerCase()}`,
};
const from = { key: "package", title: "Package", kind: "text", width: 17, sortable: false };
const message = { key: "message", title: "Message", kind: "text", width: 110, sortable: false };
const element = (id) => document.getElementById(id);
const filters = element("log-filters");
let timer = 0;
let growing = 0;

function query() {
  return Object.fromEntries([...new FormData(filters)].filter(([, value]) => value));
}

const table = new VirtualTable(element("log-table"), {
  path: "/api/v1/logs",
  label: "Lines of the logs",
  query: query(),
  sort: "time",
  order: "desc",
  empty: "No line fits these filters.",
  columns: NARROW ? [level, { ...time, width: 19, text: (value) => timeText(value, "second").slice(5) }, message, from] : [time, level, from, message],
  onRow: showLine,
  onAnswer: (answer) => {
    const broken = answer.unreadable ? `; ${answer.unreadable} lines of the files are no records` : "";
    const older = answer.whole ? "" : "; older ones are in the files only";
    element("log-summary").textContent = `${answer.total.toLocaleString("en-US")} lines${older}${broken}`;
  },
});

function showLine(line) {
  element("log-line").hidden = false;
  element("log-line-title").textContent = `${timeText(line.time, "millisecond")} ${line.level} ${line.logger}`;
  element("log-line-message").textContent = line.message;
  element("log-line-trace").hidden = !line.traced;
}

filters.addEventListener("input", (event) => {
  if (event.target.id === "log-live") {
    grow();
    return;
  }
  window.clearTimeout(timer);
  timer = window.setTimeout(() => {
    window.history.replaceState(null, "", `?${new URLSearchParams(query())}`);
    table.filter(query());
  }, WAIT_MS);
});
filters.addEventListener("submit", (event) => event.preventDefault());
element("log-line-close").addEventListener("click", () => {
  element("log-line").hidden = true;
  table.select(null);
  table.focus();
  grow(); // what came while it was read
});

/** Ask once for whatever came within a moment; lines that somebody is reading stay where they are. */
function grow() {
  if (!element("log-live").checked || growing) return;
  growing = window.setTimeout(() => {
    growing = 0;
    if (table.atTop) table.refresh();
  }, LIVE_WAIT_MS);
}

live(null, { log: grow, here: grow });
