// While a run is at work: ask how far it is, tell the charts when there is more, load the page anew when a stage ends.

import { getJson, runPath } from "./api.js";

const WAIT_MS = 3000;
const run = document.getElementById("run");
let last = "";

async function ask() {
  try {
    const progress = await getJson(runPath("progress"));
    const text = JSON.stringify(progress);
    if (progress.state !== run.dataset.state || progress.stages_done.length !== Number(run.dataset.done)) {
      window.location.reload();
      return;
    }
    if (last && text !== last) document.dispatchEvent(new CustomEvent("runprogress", { detail: progress }));
    last = text;
  } catch (error) {
    // The server may be gone for a moment; the next question tells.
  }
  window.setTimeout(ask, WAIT_MS);
}

if (run.dataset.state === "running") window.setTimeout(ask, WAIT_MS);
