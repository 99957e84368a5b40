// Buttons that stop a job or resume a run, wherever they are on a page.

import { sendJson } from "./api.js";

function say(text) {
  const line = document.getElementById("action-state");
  if (line) line.textContent = text;
}

let busy = 0; // wishes on their way
let outdated = false;

/** Bring the page anew, but not away from under somebody whose wish is on its way. */
export function reloadPage() {
  if (busy) outdated = true;
  else window.location.reload();
}

function answered() {
  busy -= 1;
  if (outdated && !busy) window.location.reload();
}

async function pressed(button) {
  button.disabled = true;
  busy += 1;
  try {
    if (button.dataset.cancel) {
      await sendJson("POST", `/api/v1/jobs/${encodeURIComponent(button.dataset.cancel)}/cancel`, {});
      say("Stopping: what is finished will be saved.");
      answered();
    } else {
      const job = await sendJson("POST", "/api/v1/jobs", { kind: "resume", run: button.dataset.resume });
      window.location.assign(`/jobs/${encodeURIComponent(job.id)}`);
    }
  } catch (error) {
    button.disabled = false;
    say(error.message);
    answered();
  }
}

// A page that comes back as it was left still waits for the answer that led away from it.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && busy) window.location.reload();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-cancel], [data-resume]");
  if (button && !button.disabled) pressed(button);
});
