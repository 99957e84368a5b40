// One job: its state, the progress of its run and its output, as they come.

import { getJson } from "../shared/api.js";
import { reloadPage } from "../shared/job-buttons.js";
import { live } from "../shared/live.js";
import { ProgressPanel } from "../shared/live-progress.js";

const head = document.getElementById("job");
const output = document.getElementById("output");
const panel = new ProgressPanel(document.querySelector("[data-live-run]"));
const path = `/api/v1/jobs/${encodeURIComponent(head.dataset.job)}`;
let next = Number(head.dataset.next);
let reading = false;
let again = false;

/** Append what the command has written since; the view follows while it is at the end. */
async function readOutput() {
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  try {
    let piece = null;
    do {
      again = false;
      piece = await getJson(`${path}/log`, { from: next });
      const atEnd = output.scrollHeight - output.scrollTop - output.clientHeight < 40;
      output.append(piece.text);
      document.getElementById("no-output").hidden = output.textContent !== "";
      if (atEnd) output.scrollTop = output.scrollHeight;
      again = again || (piece.next > next && piece.next < piece.size);
      next = piece.next;
    } while (again);
  } catch (error) {
    document.getElementById("action-state").textContent = error.message;
  } finally {
    reading = false;
  }
}

async function readProgress() {
  if (!head.dataset.run || head.dataset.state !== "running") return;
  const show = panel.asking();
  try {
    show((await getJson(`/api/v1/runs/${encodeURIComponent(head.dataset.run)}/progress`)).live);
  } catch {
    show(null);
  }
}

function changed(job) {
  return job.state !== head.dataset.state || (job.run || "") !== head.dataset.run;
}

output.scrollTop = output.scrollHeight;
if (["queued", "running"].includes(head.dataset.state)) {
  live(null, {
    job(job) {
      if (job.id === head.dataset.job && changed(job)) reloadPage();
    },
    log(line) {
      if (line.job === head.dataset.job) readOutput();
    },
    progress(data) {
      if (data.run === head.dataset.run) panel.hear(data);
    },
    trial(data) {
      if (data.run === head.dataset.run) panel.trial(data);
    },
    async here() {
      readOutput();
      readProgress();
      if (changed(await getJson(path))) reloadPage();
    },
  });
}
