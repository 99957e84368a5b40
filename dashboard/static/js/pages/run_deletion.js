// Deleting a run, once it was asked by its name whether that is meant.

import { sendJson } from "../shared/api.js";
import { ask } from "../shared/dialog.js";

const dialog = document.getElementById("delete-dialog");

/** Ask whether the run called `name` shall go; `onGone` hears when it is gone. */
export async function deleteRun(name, onGone) {
  dialog.querySelector("[data-name]").textContent = name;
  const answer = await ask(dialog, () => sendJson("DELETE", `/api/v1/runs/${encodeURIComponent(name)}`));
  if (answer) onGone();
}
