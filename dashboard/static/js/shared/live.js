// What happens on the server, as it happens: one stream of events for the whole page, which comes back by itself and says so.

import { getJson } from "./api.js";

const KINDS = ["progress", "trial", "log", "job", "run"];
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15000;

/** A line at the top of the page while the connection is gone, and for a moment after it is back. */
function banner() {
  const known = document.getElementById("connection");
  if (known) return known;
  const made = document.createElement("div");
  made.id = "connection";
  made.className = "connection";
  made.setAttribute("role", "status");
  made.hidden = true;
  document.body.append(made);
  return made;
}

function show(text, lost) {
  const line = banner();
  line.textContent = text;
  line.classList.toggle("lost", lost);
  line.hidden = false;
  window.clearTimeout(line.timer);
  if (!lost) line.timer = window.setTimeout(() => { line.hidden = true; }, 3000);
}

/** Whether the server is there and does not know this browser any more. A stream that is refused does not tell why. */
async function signedOut() {
  try {
    await getJson("/api/v1/jobs", { size: 1 });
    return false;
  } catch (error) {
    return error.status === 401;
  }
}

function askToSignIn() {
  show("You have been signed out. ", true);
  const link = document.createElement("a");
  link.href = "/sign-in";
  link.textContent = "Sign in again";
  banner().append(link);
}

/**
 * Follow a run, or everything for null. `handlers` has any of progress, trial, log, job and run, called with the event's data; lost(),
 * when the connection is gone; back(missed), when it is there again, `missed` when events were lost in between; here(), each time that
 * it is there: what happened between the making of the page and that moment is no event any more. Returns {close}.
 */
export function live(runId, handlers) {
  const kinds = KINDS.filter((kind) => handlers[kind]);
  let stream = null;
  let last = "";
  let lost = false;
  let wait = FIRST_WAIT_MS;
  let timer = 0;
  let closed = false;

  function address() {
    const query = new URLSearchParams({ kinds: kinds.join(",") });
    if (runId) query.set("run", runId);
    if (last) query.set("last", last);
    return `/api/v1/events?${query}`;
  }

  function say(missed) {
    if (lost) {
      lost = false;
      show("Connection is back.", false);
      handlers.back?.(missed);
    } else if (missed) {
      handlers.back?.(true);
    }
  }

  /** Come back, unless this browser has been signed out meanwhile: then nothing but signing in helps. */
  async function again() {
    const out = await signedOut();
    if (closed) return;
    if (out) askToSignIn();
    else open();
  }

  function open() {
    stream?.close();
    stream = new EventSource(address());
    stream.addEventListener("hello", (event) => {
      wait = FIRST_WAIT_MS;
      last = event.lastEventId;
      say(JSON.parse(event.data).missed);
      Promise.resolve(handlers.here?.()).catch(() => {}); // the server may be gone again already; its return asks again
    });
    for (const kind of kinds) {
      stream.addEventListener(kind, (event) => {
        last = event.lastEventId;
        handlers[kind](JSON.parse(event.data));
      });
    }
    stream.addEventListener("error", () => {
      if (closed) return;
      // The browser's own way back gives up on any answer that is no stream, so this one is taken every time.
      stream.close();
      if (!lost) {
        lost = true;
        show("Connection lost. Trying again …", true);
        handlers.lost?.();
      }
      window.clearTimeout(timer);
      timer = window.setTimeout(again, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    });
  }

  function close() {
    closed = true;
    window.clearTimeout(timer);
    stream?.close();
  }

  // A page that is left must not hold its place among the streams, nor cry out that it lost one.
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted || !closed) return;
    closed = false;
    open();
  });
  open();
}
