// The list of jobs follows what happens: a job that is new or has another state brings the list anew.

import { getJson } from "../shared/api.js";
import { reloadPage } from "../shared/job-buttons.js";
import { live } from "../shared/live.js";

const table = document.getElementById("jobs");

function known(job) {
  const row = table?.querySelector(`[data-job="${CSS.escape(job.id)}"]`);
  return row && row.dataset.state === job.state;
}

live(null, {
  job(job) {
    if (!known(job)) reloadPage();
  },
  async here() {
    const { items } = await getJson("/api/v1/jobs", { size: 200 });
    if (!items.every(known)) reloadPage();
  },
});
