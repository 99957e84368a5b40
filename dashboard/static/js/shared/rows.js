// Rows of a long table: fetched page by page as they come into view, the pages last seen kept, answers to older questions dropped.

import { getJson } from "./api.js";

const PAGE = 200;
const KEPT_PAGES = 40;

export class Rows {
  /** `path` answers `{items, total, ...}` to `page`, `size`, `sort`, `order` and whatever `query` holds; `onChange` hears of every answer. */
  constructor(path, question, onChange) {
    this.path = path;
    this.question = question;
    this.onChange = onChange;
    this.forget();
  }

  /** Drop everything: what is asked from now on is another question. */
  forget() {
    this.pages = new Map();
    this.total = null;
    this.renew();
  }

  /** Ask everything anew; what is here stays until the first answer comes. */
  renew() {
    this.outdated = true;
    this.asked = new Map();
    for (const request of this.requests || []) request.abort();
    this.requests = new Set();
    this.generation = (this.generation || 0) + 1;
  }

  /** Return row `index`, undefined while it is not here. */
  at(index) {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Ask for the rows from `first` to before `last` that are not here; resolves when they are. */
  need(first, last) {
    const wanted = [];
    const end = this.outdated ? last : Math.min(last, this.total);
    for (let page = Math.floor(first / PAGE); page * PAGE < end; page += 1) {
      if (this.outdated || !this.pages.has(page)) wanted.push(this.fetchPage(page));
    }
    return Promise.all(wanted);
  }

  fetchPage(page) {
    if (!this.asked.has(page)) {
      const answered = this.ask(page).finally(() => {
        if (this.asked.get(page) === answered) this.asked.delete(page);
      });
      this.asked.set(page, answered);
    }
    return this.asked.get(page);
  }

  async ask(page) {
    const generation = this.generation;
    const request = new AbortController();
    this.requests.add(request);
    try {
      const answer = await getJson(this.path, { ...this.question(), page: page + 1, size: PAGE }, request.signal);
      if (generation !== this.generation) return;
      if (this.outdated) this.pages = new Map();
      this.outdated = false;
      this.keep(page, answer.items);
      this.total = answer.total;
      this.onChange(answer, null);
    } catch (error) {
      if (generation === this.generation && error.name !== "AbortError") this.onChange(null, error);
    } finally {
      this.requests.delete(request);
    }
  }

  keep(page, items) {
    this.pages.delete(page);
    this.pages.set(page, items);
    if (this.pages.size > KEPT_PAGES) this.pages.delete(this.pages.keys().next().value);
  }
}
