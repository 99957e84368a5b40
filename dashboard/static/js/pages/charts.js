// A page whose charts are simply loaded, and loaded again as a run at work adds to them.

import { Chart } from "../shared/chart.js";

const charts = [...document.querySelectorAll("[data-chart]")].map((element) => new Chart(element));
for (const chart of charts) chart.load();

document.addEventListener("runprogress", () => {
  for (const chart of charts) if (chart.name === "optimization") chart.load();
});
