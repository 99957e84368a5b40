"""What is backtested: the candles, the rows of settings, the rules."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backtest_engine.batch_values import Values
from config import Distance, ExecutionConfig, SizingMethod, StrategyConfig
from core.candles import Candles
from strategies.indicators import ema

CAPITAL = 1_000_000.0
FEE = 0.0005
QTY = 1.0
ATR_PERIOD = 14


@dataclass(frozen=True)
class Rows:
    """Parameter rows, one value each: periods in bars, stop and target as fractions of the entry (nan without)."""

    fast: NDArray[np.int64]
    slow: NDArray[np.int64]
    stop: NDArray[np.float64]
    target: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.fast)


@dataclass(frozen=True)
class Workload:
    """An EMA cross on ``candles``, once for each of ``rows``; market orders at the next open, fees and no slippage.

    Without ``stops``: long and short, one unit. With them: long only, all equity in (at the signal's close), out by a stop, a target in
    percent of the entry or by the opposite crossing.
    """

    key: str
    title: str
    candles: Candles
    rows: Rows
    stops: bool

    def config(self, row: int) -> StrategyConfig:
        """Return the settings of one row for this product."""
        plain = StrategyConfig(
            name="ema_cross",
            params={"fast": int(self.rows.fast[row]), "slow": int(self.rows.slow[row])},
            enable_hybrid_engine=False,
            trailing_sl_enabled=False,
            trailing_tp_enabled=False,
            stop_type=Distance.PERCENT if self.stops else Distance.NONE,
            target_type=Distance.PERCENT if self.stops else Distance.NONE,
        )
        if not self.stops:
            return plain
        distances = {"stop_distance": float(self.rows.stop[row]), "target_distance": float(self.rows.target[row])}
        return plain.replace(allow_short=False, exit_on_disabled_side=True, **distances)

    def execution(self) -> ExecutionConfig:
        """Return the account and its costs."""
        free = ExecutionConfig(initial_capital=CAPITAL, maker_fee=FEE, taker_fee=FEE, slippage=0.0)
        return free.replace(sizing=SizingMethod.EQUITY, equity_fraction=1.0) if self.stops else free

    def values(self) -> Values:
        """Return what differs between the rows, as ``BatchSimulation`` takes it."""
        periods = {"fast": self.rows.fast, "slow": self.rows.slow}
        return periods | ({"stop_distance": self.rows.stop, "target_distance": self.rows.target} if self.stops else {})


def grid(fasts: range, slows: range, stops: tuple[tuple[float, float], ...]) -> Rows:
    """Return every pair of periods with every pair of stop and target."""
    fast, slow, stop = (axis.ravel() for axis in np.meshgrid(fasts, slows, np.arange(len(stops)), indexing="ij"))
    pairs = np.asarray(stops, np.float64)
    return Rows(fast.astype(np.int64), slow.astype(np.int64), pairs[stop, 0], pairs[stop, 1])


class Crossings:
    """The crossings of many pairs of EMAs, each EMA computed once: the peers trade what this product's strategy trades.

    Peers seed their EMAs in their own ways, so theirs would trade a little differently.
    """

    def __init__(self, close: NDArray[np.float64]) -> None:
        self._close = close
        self._emas: dict[int, NDArray[np.float64]] = {}

    def of(self, fast: int, slow: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the bars at which the fast EMA rises above the slow one and those at which it falls below."""
        first, second = self._ema(fast), self._ema(slow)
        begin = max(fast - 1, slow - 1, ATR_PERIOD) + 1
        return _begins(first > second, begin), _begins(first < second, begin)

    def _ema(self, period: int) -> NDArray[np.float64]:
        if period not in self._emas:
            self._emas[period] = ema(self._close, period)
        return self._emas[period]


def _begins(flags: NDArray[np.bool_], begin: int) -> NDArray[np.bool_]:
    first = np.zeros(len(flags), np.bool_)
    first[begin:] = flags[begin:] & ~flags[begin - 1 : -1]
    return first


def next_bar(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the flags one bar later: when what they say at a close is done."""
    later = np.zeros_like(flags)
    later[1:] = flags[:-1]
    return later
