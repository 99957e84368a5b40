// Buttons that stop a job or resume a run, wherever they are on a page.

import { sendJson } from "./api.js";

function say(text) {
  const line = document.getElementById("action-state");
  if (line) line.textContent = text;
}

async function pressed(button) {
  button.disabled = true;
  try {
    if (button.dataset.cancel) {
      await sendJson("POST", `/api/v1/jobs/${encodeURIComponent(button.dataset.cancel)}/cancel`, {});
      say("Stopping: what is finished will be saved.");
    } else {
      const job = await sendJson("POST", "/api/v1/jobs", { kind: "resume", run: button.dataset.resume });
      window.location.assign(`/jobs/${encodeURIComponent(job.id)}`);
    }
  } catch (error) {
    button.disabled = false;
    say(error.message);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-cancel], [data-resume]");
  if (button && !button.disabled) pressed(button);
});
