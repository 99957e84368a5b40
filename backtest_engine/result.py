"""BacktestResult: what a run returns; tables are built when they are first read."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from backtest_engine.codes import ENTRY_KIND_NAMES, MISSED, PARTIAL, REASON_NAMES, REJECTED
from backtest_engine.metrics import Metrics, day_ends, drawdowns, returns_from
from backtest_engine.records import Floats
from core.candles import Candles
from core.market import Market

_COPIED = ("tier1_qty", "tier2_qty", "tier3_qty", "tier4_qty")
_MONEY = ("gross_pnl", "fees", "slippage_cost", "funding", "net_pnl")
_REASONS = np.array(REASON_NAMES)


@dataclass(frozen=True, eq=False)
class BacktestResult:
    """A finished run. Every metric of ``Metrics`` is an attribute too (``result.sharpe_ratio``), but for the three entry counts, whose
    names are tables here. ``ambiguous_exits`` counts the exits that another order of prices inside their bar would have changed. All
    times are UTC milliseconds. With ``detail`` candles trades and ends of entries have the times of those;
    bars held, exposure, equity and every ratio count bars of ``candles``.
    """

    candles: Candles
    metrics: Metrics
    _equity: Floats
    _trades: NDArray[np.void]
    _entries: NDArray[np.void]
    ambiguous_exits: int = 0
    detail: Candles | None = None
    _coarse: "Callable[[], BacktestResult] | None" = None

    @classmethod
    def from_arrays(
        cls,
        *,
        candles: Candles,
        equity: Floats,
        trades: NDArray[np.void],
        entries: NDArray[np.void],
        metrics: Metrics,
        ambiguous_exits: int = 0,
        detail: Candles | None = None,
        coarse: "Callable[[], BacktestResult] | None" = None,
    ) -> "BacktestResult":
        """Build the result of a finished run; every result in the product passes through here. ``coarse`` repeats it without detail."""
        return cls(candles, metrics, equity, trades, entries, ambiguous_exits, detail, coarse)

    def __getattr__(self, name: str) -> float:
        """Return the metric called ``name``."""
        if name.startswith("_") or name not in Metrics.names():
            raise AttributeError(f"a backtest result has no '{name}'")
        value: float = getattr(self.metrics, name)
        return value

    @property
    def market(self) -> Market:
        """The exchange, symbol and timeframe."""
        return self.candles.market

    @property
    def periods_per_year(self) -> float:
        """The factor of every annualized ratio."""
        return self.candles.timeframe.periods_per_year

    @cached_property
    def coarse(self) -> "BacktestResult | None":
        """The run on the decision bars alone, made when this is first read; None for a run that had no finer ones."""
        return None if self._coarse is None else self._coarse()

    @property
    def _fill_times(self) -> NDArray[np.int64]:
        """The open times of the bars on which orders fill, which trades and ends of entries are numbered by."""
        return self.candles.open_ms if self.detail is None else self.detail.open_ms

    def _bars_held(self) -> NDArray[np.int64]:
        first, last = self._trades["entry_bar"], self._trades["exit_bar"]
        if self.detail is not None:
            first, last = (np.searchsorted(self.candles.open_ms, self._fill_times[bars], side="right") for bars in (first, last))
        return np.asarray(last - first)

    @cached_property
    def trades(self) -> pl.DataFrame:
        """Closed trades in order of exit: trade_id, direction (+1 / -1), entry_time, avg_entry, qty, entry_tier, tier1_qty..tier4_qty,
        exit_time, exit_price, exit_reason, gross_pnl, fees, slippage_cost, funding, net_pnl, return_pct, bars_held, mfe, mae.
        """
        t, times = self._trades, self._fill_times
        return pl.DataFrame(
            {
                "trade_id": np.arange(len(t), dtype=np.int64),
                "direction": t["direction"].astype(np.int8),
                "entry_time": times[t["entry_bar"]],
                "avg_entry": t["avg_entry"],
                "qty": t["qty"],
                "entry_tier": t["entry_tier"].astype(np.int8),
                **{name: t[name] for name in _COPIED},
                "exit_time": times[t["exit_bar"]],
                "exit_price": t["exit_price"],
                "exit_reason": pl.Series(_REASONS[t["exit_reason"]].tolist(), dtype=pl.String),
                **{name: t[name] for name in _MONEY},
                "return_pct": 100.0 * t["net_pnl"] / (t["avg_entry"] * t["qty"]),
                "bars_held": self._bars_held(),
                "mfe": t["mfe"],
                "mae": t["mae"],
            }
        )

    @cached_property
    def equity(self) -> pl.DataFrame:
        """Equity at each bar's close: time (the bar's open), equity, drawdown_pct (<= 0)."""
        return pl.DataFrame({"time": self.candles.open_ms, "equity": self._equity, "drawdown_pct": drawdowns(self._equity)})

    @cached_property
    def entries(self) -> pl.DataFrame:
        """Every entry that was not filled whole: kind (missed, partial, rejected), direction, signal_time, end_time, reason, wanted_qty,
        filled_qty, signal_price.
        """
        e = self._entries
        return pl.DataFrame(
            {
                "kind": pl.Series(np.array(ENTRY_KIND_NAMES)[e["kind"]].tolist(), dtype=pl.String),
                "direction": e["direction"].astype(np.int8),
                "signal_time": self.candles.open_ms[e["signal_bar"]],
                "end_time": self._fill_times[e["end_bar"]],
                "reason": pl.Series(_REASONS[e["reason"]].tolist(), dtype=pl.String),
                "wanted_qty": e["wanted_qty"],
                "filled_qty": e["filled_qty"],
                "signal_price": self.candles.close[e["signal_bar"]],
            }
        )

    @property
    def missed_entries(self) -> pl.DataFrame:
        """The entries of which nothing was filled."""
        return self._entries_of(MISSED)

    @property
    def partial_entries(self) -> pl.DataFrame:
        """The entries of which a part was filled."""
        return self._entries_of(PARTIAL)

    @property
    def rejected_entries(self) -> pl.DataFrame:
        """The entries whose quantity was not positive or too small for the market."""
        return self._entries_of(REJECTED)

    def _entries_of(self, kind: int) -> pl.DataFrame:
        return self.entries.filter(pl.col("kind") == ENTRY_KIND_NAMES[kind]).drop("kind")

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over the bars' times and everything the run produced: equal digests, equal runs.

        Detail bars that are the decision bars once more leave it as it is.
        """
        sha = hashlib.sha256()
        times = [self.candles.open_ms]
        if not np.array_equal(self._fill_times, self.candles.open_ms):
            times.append(self._fill_times)
        for array in (*times, self._equity, self._trades, self._entries):
            sha.update(np.ascontiguousarray(array).tobytes())
        return sha.hexdigest()

    def daily_returns(self) -> tuple[NDArray[np.int64], Floats]:
        """Return the UTC days (start, ms) and the return over each, from close to close; the first day starts at the initial capital."""
        days, last = day_ends(self.candles.open_ms)
        return days, returns_from(self.metrics.final_equity - self.metrics.net_pnl, self._equity[last])
