"""Finer candles under the strategy's own: checked for every misfit here, indexed by the kernel."""

import numpy as np
from numpy.typing import NDArray

from backtest_engine.records import Decisions
from config import ExecutionConfig
from core.candles import Candles
from core.clock import format_utc
from core.errors import BacktestError, ConfigError


def _frozen(values: NDArray[np.int64]) -> NDArray[np.int64]:
    values.flags.writeable = False
    return values


_NO_NUMBERS = _frozen(np.zeros(0, np.int64))
_NO_CLOSES = np.zeros(0)
_NO_CLOSES.flags.writeable = False
# What a run gets whose decisions and fills share their bars.
SAME_BARS = Decisions(_NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS, _NO_CLOSES, 1)


def detail_from(candles: Candles, detail: Candles | None, execution: ExecutionConfig, first_bar: int = 0) -> Candles | None:
    """Return the detail bars of the decision bars from ``first_bar`` on, None where ``execution`` asks for none.

    Raises ConfigError when ``detail`` and ``detail_timeframe`` contradict each other or the decision timeframe, BacktestError when the
    series are not of one market or a bar of either has none of the other.
    """
    named = execution.detail_timeframe
    if detail is None:
        if named is not None:
            raise ConfigError(f"detail_timeframe = {named}, but there are no detail candles: pass detail=, or leave detail_timeframe out.")
        return None
    if named != detail.timeframe.name:
        raise ConfigError(f"detail_timeframe = {named} contradicts the detail candles, which are {detail.timeframe}: set it to that.")
    if candles.timeframe.ms % detail.timeframe.ms:
        raise ConfigError(f"detail candles of {detail.timeframe} do not divide a bar of {candles.timeframe}: use a finer timeframe.")
    _require_one_market(candles, detail)
    _require_fit(candles, detail, first_bar)
    first = detail.index_of(int(candles.open_ms[first_bar]))
    return detail[first:] if first else detail


def decisions_of(candles: Candles, detail: Candles | None) -> Decisions:
    """Return which bar of ``candles`` each bar of ``detail`` belongs to; both as ``detail_from`` has checked them."""
    if detail is None:
        return SAME_BARS
    of = _owners(candles, detail)
    place = (detail.open_ms - candles.open_ms[of]) // detail.timeframe.ms
    first = np.searchsorted(of, np.arange(len(candles) + 1))
    return Decisions(_frozen(of), _frozen(place), _frozen(first), candles.close, candles.timeframe.ms // detail.timeframe.ms)


def _owners(candles: Candles, detail: Candles) -> NDArray[np.int64]:
    """Return the last bar of ``candles`` that opens no later than each bar of ``detail``, -1 before the first one."""
    return np.searchsorted(candles.open_ms, detail.open_ms, side="right") - 1


def _require_one_market(candles: Candles, detail: Candles) -> None:
    ours, theirs = candles.market, detail.market
    if (ours.exchange, ours.symbol) != (theirs.exchange, theirs.symbol):
        raise BacktestError(f"the detail candles are of {theirs}, the decision candles of {ours}: both must be of one market.")
    for name in ("has_volume", "synthetic"):
        if getattr(candles, name) != getattr(detail, name):
            values = f"{getattr(detail, name)} for the detail candles of {theirs}, {getattr(candles, name)} for those of {ours}"
            raise BacktestError(f"{name} is {values}: both must come from one source.")


def _require_fit(candles: Candles, detail: Candles, first_bar: int) -> None:
    """Raise BacktestError unless every detail bar has its decision bar and, from ``first_bar`` on, every decision bar a detail bar."""
    of = _owners(candles, detail)
    lost = (of < 0) | (detail.open_ms >= candles.open_ms[of] + candles.timeframe.ms)
    if lost.any():
        time = format_utc(int(detail.open_ms[int(np.argmax(lost))]))
        raise BacktestError(
            f"{lost.sum()} detail bar(s) of {detail.market} have no decision bar, first at {time} UTC: cut the detail candles to the"
            f" span of the others with between(), or load both again."
        )
    empty = np.bincount(of, minlength=len(candles))[first_bar:] == 0
    if empty.any():
        time = format_utc(int(candles.open_ms[first_bar + int(np.argmax(empty))]))
        raise BacktestError(
            f"{empty.sum()} decision bar(s) of {candles.market} have no detail bar, first at {time} UTC: load detail candles for the"
            f" whole span."
        )
