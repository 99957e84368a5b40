"""Candles, trades and equity that look like a market's, made from a seed."""

from typing import Any

import numpy as np
import polars as pl

HOUR_MS = 3_600_000
START_MS = 1_704_067_200_000  # 2024-01-01
BARS = 24 * 150
CAPITAL = 100_000.0
QTY = 0.1
_REASONS = ("stop_loss", "trailing_stop", "trailing_take_profit", "opposite_signal")


def candles(bars: int, seed: int, calm: float = 1.0) -> pl.DataFrame:
    """Return ``bars`` hourly candles of a wandering price with calm and wild weeks; ``calm`` below 1 makes every step that much smaller."""
    rng = np.random.default_rng(seed)
    wild = (0.004 + 0.003 * np.sin(np.arange(bars) / 300) ** 2) * calm
    close = 42_000 * np.exp(np.cumsum(rng.standard_t(4, bars) * wild * 0.7 + 0.00004 * calm * calm))
    start = np.concatenate([[42_000.0], close[:-1]])
    reach = np.abs(rng.normal(0, 1, (2, bars))) * close * wild * 0.6
    return pl.DataFrame(
        {
            "timestamp": START_MS + np.arange(bars) * HOUR_MS,
            "open": start,
            "high": np.maximum(start, close) + reach[0],
            "low": np.minimum(start, close) - reach[1],
            "close": close,
            "volume": rng.lognormal(4, 0.6, bars),
        }
    ).with_columns(pl.col("open", "high", "low", "close").round(2))


def trades(bars: pl.DataFrame, count: int, seed: int, edge: float = 0.0) -> pl.DataFrame:
    """Return ``count`` trades that do not overlap; ``edge`` is added to the return of each by way of its exit price."""
    rng = np.random.default_rng(seed)
    times, closes = bars["timestamp"].to_numpy(), bars["close"].to_numpy()
    starts = np.sort(rng.choice(np.arange(5, len(bars) - 30), count, replace=False))
    ends = np.minimum(starts + rng.integers(2, 30, count), np.append(starts[1:], len(bars) - 1))
    direction = rng.choice(np.array([1, -1], dtype=np.int8), count)
    entry = closes[starts]
    out = closes[ends] * (1 + direction * edge)
    gross, fees = direction * QTY * (out - entry), QTY * (entry + out) * 0.0003
    zeros = np.zeros(count)
    return pl.DataFrame(
        {
            "trade_id": np.arange(count),
            "direction": direction,
            "entry_time": times[starts],
            "avg_entry": entry,
            "qty": np.full(count, QTY),
            "entry_tier": rng.integers(1, 5, count).astype(np.int8),
            "tier1_qty": zeros + QTY,
            "tier2_qty": zeros,
            "tier3_qty": zeros,
            "tier4_qty": zeros,
            "exit_time": times[ends],
            "exit_price": out,
            "exit_reason": rng.choice(_REASONS, count),
            "gross_pnl": gross,
            "fees": fees,
            "slippage_cost": QTY * entry * 0.0002,
            "funding": zeros,
            "net_pnl": gross - fees,
            "return_pct": (gross - fees) / (QTY * entry) * 100,
            "bars_held": ends - starts,
            "mfe": np.abs(gross) + 4,
            "mae": -np.abs(gross) - 3,
        }
    )


def curve(bars: pl.DataFrame, closed: pl.DataFrame) -> pl.DataFrame:
    """Return equity per bar: it moves when a trade closes, and a little while one is open."""
    gains = np.zeros(len(bars))
    rows = np.clip(np.searchsorted(bars["timestamp"].to_numpy(), closed["exit_time"].to_numpy()), 0, len(bars) - 1)
    np.add.at(gains, rows, closed["net_pnl"].to_numpy())
    equity = CAPITAL + np.cumsum(gains)
    peak = np.maximum.accumulate(np.maximum(equity, CAPITAL))
    return pl.DataFrame({"time": bars["timestamp"], "equity": equity, "drawdown_pct": (equity / peak - 1) * 100})


def entries(bars: pl.DataFrame, count: int) -> pl.DataFrame:
    """Return ``count`` entries that were not filled: missed, partial and rejected in turn."""
    rows = np.linspace(20, len(bars) - 20, count).astype(int)
    times = bars["timestamp"].to_numpy()
    return pl.DataFrame(
        {
            "kind": [("missed", "partial", "rejected")[i % 3] for i in range(count)],
            "direction": np.where(np.arange(count) % 2, 1, -1).astype(np.int8),
            "signal_time": times[rows],
            "end_time": times[rows] + 12 * HOUR_MS,
            "reason": [("expired", "stop_loss", "below_min_qty")[i % 3] for i in range(count)],
            "wanted_qty": np.full(count, QTY),
            "filled_qty": np.zeros(count),
            "signal_price": bars["close"].to_numpy()[rows],
        }
    )


def metrics_of(closed: pl.DataFrame, equity: pl.DataFrame) -> dict[str, Any]:
    """Return the metrics that pages show, some of them undefined."""
    net, won = float(closed["net_pnl"].sum()), closed.filter(pl.col("net_pnl") > 0)["net_pnl"]
    steps = np.diff(equity["equity"].to_numpy())
    spread = float(np.std(steps))
    lost = closed.filter(pl.col("net_pnl") <= 0)["net_pnl"]
    return {
        "total_trades": len(closed),
        "winning_trades": len(won),
        "losing_trades": len(lost),
        "win_rate": 100 * len(won) / len(closed),
        "net_pnl": net,
        "return_pct": net / CAPITAL * 100,
        "fees": float(closed["fees"].sum()),
        "final_equity": CAPITAL + net,
        "sharpe_ratio": float(np.mean(steps)) / spread * 93.6 if spread else None,
        "sortino_ratio": None,
        "profit_factor": float(won.sum()) / -float(lost.sum()),
        "max_drawdown": float(np.min(equity["drawdown_pct"].to_numpy())),
        "ruined": False,
    }


def indicators(bars: pl.DataFrame) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """Return indicators.parquet and the lines of indicators.json: one over the candles and one below."""
    close = bars["close"]
    table = pl.DataFrame({"line_0": close.ewm_mean(span=20), "line_1": 50 + 30 * np.sin(np.arange(len(bars)) / 40)})
    lines: list[dict[str, Any]] = [
        {"column": "line_0", "name": "EMA 20", "panel": "price", "levels": []},
        {"column": "line_1", "name": "RSI 14", "panel": "oscillator", "levels": [35.0, 65.0]},
    ]
    return table.with_columns(pl.all().cast(pl.Float32)), lines
