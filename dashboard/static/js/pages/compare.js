// The page that compares runs: its chart begins with the backtest that the page chose.

import { charts } from "../shared/chart.js";

charts.get("compared-equity").query = { source: document.querySelector("select[name=source]").value };
