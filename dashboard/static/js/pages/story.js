// The story of one trade: a row per bar with its prices, what happened in it in words, and the levels that hold from its close on.

import { getJson } from "../shared/api.js";
import { number, price, timeText } from "../shared/format.js";

const SLOW_MS = 4000;
const BUSY = 503;
const BUSY_WAIT_MS = 2000;
const SLOW = "The bars are being simulated again. The first story on a machine compiles the engine, which takes up to a minute …";

const element = (id) => document.getElementById(id);

export class Story {
  /** `onClose` hears of the button that closes it. */
  constructor(onClose) {
    this.panel = element("story");
    this.told = null;
    this.request = null;
    element("story-close").addEventListener("click", onClose);
  }

  /** Fetch and show a story. */
  async tell(title, path, query) {
    this.request?.abort();
    const request = new AbortController();
    this.request = request;
    this.told = null;
    this.open(title, "The bars are being simulated again …");
    this.write();
    const slow = window.setTimeout(() => this.request === request && this.open(title, SLOW), SLOW_MS);
    try {
      const told = await patiently(path, query, request.signal);
      if (this.request !== request) return;
      this.told = told;
      this.open(title, told.note);
      element("story-count").textContent = `${number(told.total, 0)} bars`;
      this.write();
    } catch (error) {
      if (error.name !== "AbortError" && this.request === request) this.say(title, error.message);
    } finally {
      window.clearTimeout(slow);
    }
  }

  /** Show a sentence in place of a story. */
  say(title, text) {
    this.request?.abort();
    this.request = null;
    this.told = null;
    this.open(title, text);
    this.write();
  }

  close() {
    this.request?.abort();
    this.request = null;
    this.told = null;
    this.panel.hidden = true;
  }

  open(title, note) {
    this.panel.hidden = false;
    element("story-title").textContent = title;
    element("story-count").textContent = "";
    element("story-note").textContent = note;
    element("story-note").hidden = !note;
  }

  /** Write the rows, anew when the zone of the times has changed. */
  write() {
    element("story-table").hidden = this.told === null;
    element("story-table").querySelector("tbody").replaceChildren(...(this.told ? this.told.bars.map(rowOf) : []));
  }
}

/** Ask until it is our turn: stories are told one at a time. */
async function patiently(path, query, signal) {
  for (;;) {
    try {
      return await getJson(path, query, signal);
    } catch (error) {
      if (error.status !== BUSY || signal.aborted) throw error;
      await new Promise((resolve) => window.setTimeout(resolve, BUSY_WAIT_MS));
      signal.throwIfAborted();
    }
  }
}

function rowOf(bar) {
  const row = document.createElement("tr");
  row.classList.toggle("quiet-bar", bar.events.length === 0);
  const numbers = [bar.open, bar.high, bar.low, bar.close].map((value) => cell(price(value), "r num"));
  const happened = document.createElement("td");
  happened.className = "events";
  happened.append(...(bar.events.length ? bar.events : ["nothing"]).map(sentence));
  row.append(cell(timeText(bar.time), "nowrap num"), ...numbers, happened, level(bar, "stop"), level(bar, "target"), cell(number(bar.equity, 2), "r num"));
  return row;
}

function level(bar, name) {
  return cell(name in bar.levels ? price(bar.levels[name]) : "none", "r num");
}

function sentence(text) {
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  return paragraph;
}

function cell(text, className) {
  const made = document.createElement("td");
  made.className = className;
  made.textContent = text;
  return made;
}
