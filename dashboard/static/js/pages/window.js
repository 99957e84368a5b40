// One walk-forward window: its chart opens at the days that the window tested.

import { charts } from "../shared/chart.js";

const { from, to } = document.getElementById("window").dataset;
charts.get("stitched")?.load({ from: Number(from), to: Number(to) });
