// A page whose charts need nothing but to be seen; those that have been fetched are fetched again as a run at work adds to them.

import { charts } from "../shared/chart.js";

document.addEventListener("runprogress", () => {
  for (const chart of charts.values()) chart.refresh();
});
