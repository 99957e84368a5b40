"""The marks of trades on the candles: entries by tier, exits by reason, missed and rejected entries, and the way from entry to exit."""

import polars as pl

from dashboard.figures.base import Trace, iso, plain_text
from dashboard.formatting import compact, number, words

# More marks than this cover each other on any screen, and 2,000 take a browser 0.3 s longer to draw.
MAX_TRADES, MAX_ENTRIES = 600, 300

# Direction is told by where the triangle points, the tier by its colour and the legend, the reason of an exit by its shape.
_TIERS = {
    1: ("tier 1 EMA touch", "@c-blue"),
    2: ("tier 2 limit", "@c-sky"),
    3: ("tier 3 VWAP", "@c-purple"),
    4: ("tier 4 market", "@c-yellow"),
}
_EXITS = {
    "stop_loss": ("x", "@c-vermillion"),
    "trailing_stop": ("cross", "@c-orange"),
    "trailing_take_profit": ("diamond", "@c-green"),
    "take_profit": ("star-diamond", "@c-green"),
    "opposite_signal": ("square", "@c-sky"),
    "end_of_data": ("circle-open", "@muted"),
    "liquidation": ("hexagram", "@c-vermillion"),
    "ruin": ("star", "@c-vermillion"),
}
EXIT_REASONS = tuple(_EXITS)
UNFILLED = {"missed": "circle-x-open", "rejected": "circle-cross-open"}


def entry_traces(trades: pl.DataFrame) -> list[Trace]:
    """Return one trace per tier of first fill: triangles up for longs, down for shorts."""
    traces = []
    for tier in sorted(trades["entry_tier"].unique().to_list()):
        rows = trades.filter(pl.col("entry_tier") == tier)
        name, color = _TIERS.get(tier, (f"tier {tier}", "@muted"))
        symbols = ["triangle-up" if direction > 0 else "triangle-down" for direction in rows["direction"]]
        marker = {"symbol": symbols, "size": 11, "color": color, "line": {"width": 1, "color": "@panel"}}
        traces.append(
            _markers(f"In: {name}", rows, "entry_time", "avg_entry", marker, [_entry_text(row) for row in rows.iter_rows(named=True)])
        )
    return traces


def exit_traces(trades: pl.DataFrame) -> list[Trace]:
    """Return one trace per exit reason, each with a shape of its own."""
    traces = []
    for reason in sorted(trades["exit_reason"].unique().to_list()):
        rows = trades.filter(pl.col("exit_reason") == reason)
        symbol, color = _EXITS.get(reason, ("hexagon", "@muted"))
        marker = {
            "symbol": symbol,
            "size": 9,
            "color": color,
            "line": {"width": 1, "color": "@panel" if not symbol.endswith("open") else color},
        }
        name = f"Out: {plain_text(words(reason).lower())}"
        traces.append(_markers(name, rows, "exit_time", "exit_price", marker, [_exit_text(row) for row in rows.iter_rows(named=True)]))
    return traces


def path_traces(trades: pl.DataFrame) -> list[Trace]:
    """Return the lines from entry to exit: solid for winners, dotted for losers."""
    winners, losers = trades.filter(pl.col("net_pnl") > 0), trades.filter(pl.col("net_pnl") <= 0)
    return [
        _paths(rows, name, color, dash)
        for rows, name, color, dash in ((winners, "Winner", "@gain", "solid"), (losers, "Loser", "@loss", "dot"))
        if len(rows)
    ]


def unfilled_traces(entries: pl.DataFrame) -> list[Trace]:
    """Return the signals whose entry was never filled, at the price of the signal: one trace for each kind of :data:`UNFILLED`."""
    traces = []
    for kind, symbol in UNFILLED.items():
        rows = entries.filter(pl.col("kind") == kind)
        marker = {"symbol": symbol, "size": 8, "color": "@muted", "line": {"width": 1, "color": "@muted"}}
        texts = [_unfilled_text(row) for row in rows.iter_rows(named=True)]
        if texts:
            traces.append(_markers(f"{words(kind)} entry", rows, "signal_time", "signal_price", marker, texts))
    return traces


def _markers(name: str, rows: pl.DataFrame, time: str, price: str, marker: dict[str, object], texts: list[str]) -> Trace:
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": iso(rows[time]), "y": rows[price].to_list(),
        "marker": marker, "text": texts,
        "customdata": rows["row"].to_list() if "row" in rows.columns else None,
        "hovertemplate": "%{text}<br>%{x|%Y-%m-%d %H:%M} at %{y:,.8~g}<extra></extra>",
    }  # fmt: skip


def _paths(rows: pl.DataFrame, name: str, color: str, dash: str) -> Trace:
    times: list[str | None] = []
    prices: list[float | None] = []
    for start, end, entry, out in zip(iso(rows["entry_time"]), iso(rows["exit_time"]), rows["avg_entry"], rows["exit_price"], strict=True):
        times += [start, end, None]
        prices += [entry, out, None]
    line = {"color": color, "width": 1.5, "dash": dash}
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": times,
        "y": prices,
        "line": line,
        "hoverinfo": "skip",
        "connectgaps": False,
    }


def _side(direction: int) -> str:
    return "long" if direction > 0 else "short"


def _entry_text(row: dict[str, object]) -> str:
    return f"#{row['trade_id']} {_side(int(str(row['direction'])))}, quantity {compact(row['qty'])}"


def _unfilled_text(row: dict[str, object]) -> str:
    reason = plain_text(words(str(row["reason"])).lower())
    return f"{row['kind']} {_side(int(str(row['direction'])))}: {reason}<br>wanted {compact(row['wanted_qty'])}"


def _exit_text(row: dict[str, object]) -> str:
    result = f"net {number(row['net_pnl'])} ({number(row['return_pct'])} %)"
    return f"#{row['trade_id']} {_side(int(str(row['direction'])))}, {plain_text(words(str(row['exit_reason'])).lower())}<br>{result}"
