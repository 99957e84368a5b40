"""The drawdown beneath an equity curve: how far below its best close, in percent."""

import polars as pl

from dashboard.decimation import extremes
from dashboard.figures.base import Trace, iso


def drawdown_trace(frame: pl.DataFrame, color: str, dash: str, label: str) -> Trace:
    """Return the trace of ``drawdown_pct`` (<= 0), hidden and shown together with its equity curve."""
    kept = frame[extremes(frame["drawdown_pct"].to_numpy())]
    return {
        "type": "scatter", "mode": "lines", "name": f"{label}: drawdown", "legendgroup": label, "showlegend": False, "yaxis": "y2",
        "x": iso(kept["time"]), "y": kept["drawdown_pct"].round(4).to_list(), "line": {"color": color, "dash": dash, "width": 1.2},
        "hovertemplate": "%{y:.2f} %",
    }  # fmt: skip
