// The walk-forward page: a click on a window in a chart opens the window's own page.

import { charts } from "../shared/chart.js";

const here = window.location.pathname;

for (const name of ["windows", "promise", "worth", "stitched"]) {
  charts.get(name)?.onPoint((index) => {
    if (Number.isInteger(index)) window.location.assign(`${here}/${index}`);
  });
}

document.addEventListener("runprogress", () => {
  for (const chart of charts.values()) chart.refresh();
});
