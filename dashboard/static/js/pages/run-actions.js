// A run's page while the run is at work: progress as it comes, and the page anew when a stage ends. Charts hear of it by an event.

import { getJson } from "../shared/api.js";
import { reloadPage } from "../shared/job-buttons.js";
import { live } from "../shared/live.js";
import { ProgressPanel } from "../shared/live-progress.js";

const actions = document.getElementById("run-actions");
const runId = actions.dataset.run;
const element = document.querySelector("[data-live-run]");
const panel = element ? new ProgressPanel(element) : null;
const done = Number(document.getElementById("run").dataset.done); // stages, when the page was made
let stage = null;

/** Whether a job that is over is still offered to be stopped, or one that is not over is not. */
function stale(job) {
  return (job.id === actions.dataset.job) !== ["queued", "running"].includes(job.state);
}

async function readProgress() {
  const show = panel.asking();
  try {
    const answer = await getJson(`/api/v1/runs/${encodeURIComponent(runId)}/progress`);
    const own = actions.dataset.job;
    if (answer.state !== actions.dataset.state || answer.stages_done.length !== done || (own && stale(await getJson(`/api/v1/jobs/${encodeURIComponent(own)}`)))) {
      reloadPage();
      return;
    }
    const content = answer.live;
    stage = content?.stage ?? stage;
    show(actions.dataset.state === "running" ? content : null);
  } catch (error) {
    document.getElementById("action-state").textContent = error.message;
  }
}

if (panel) {
  live(runId, {
    progress(data) {
      panel.hear(data);
      document.dispatchEvent(new CustomEvent("runprogress", { detail: data }));
    },
    trial(data) {
      panel.trial(data);
    },
    run(data) {
      const begun = stage === null || data.stage !== stage;
      if (data.state !== actions.dataset.state || begun) reloadPage();
    },
    job(job) {
      if (job.run === runId && stale(job)) reloadPage();
    },
    back(missed) {
      if (missed) reloadPage();
    },
    here: readProgress,
  });
}
