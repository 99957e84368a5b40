"""Everything that a kernel may index, run with bounds checks on; a process of its own, because the checks are compiled in.

``NUMBA_BOUNDSCHECK=1 python -m tests.backtest_engine.checked_bounds [RANDOM_CASES] [BATCHES]`` prints what was run and which planted
accesses beyond an array were caught, as JSON. An access beyond an array anywhere else is an IndexError that ends it.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numba
import numpy as np

from backtest_engine import BatchSimulation, FundingRates, Simulation, batch, simulation
from backtest_engine.batch_signals import signals_from
from backtest_engine.detail import decisions_of
from backtest_engine.inputs import bars_of
from backtest_engine.metrics import curve_metrics
from backtest_engine.records import Decisions
from backtest_engine.simulation import Records
from config import ExecutionConfig, StrategyConfig
from core.market import MarketRules
from core.timeframe import Timeframe
from exchanges.simulated import SimulatedExchange
from strategies import Signals, SignalTable, indicators
from strategies.jit import njit
from tests.backtest_engine.finer import FINE, two_timeframes
from tests.backtest_engine.markets import BUSY, START_MS, random_walk
from tests.backtest_engine.oracle_bridge import simulation_of
from tests.oracle.bars import Bar
from tests.oracle.random_rules import random_rules_case

ACCOUNT = ExecutionConfig(initial_capital=1_000_000.0, leverage=3.0)
RULES = MarketRules(qty_step=0.01)
# The words of a bitmap end at 64, and the shortest series are where an index is off by one.
LENGTHS = (1, 2, 3, 4, 5, 9, 63, 64, 65, 127, 128, 129, 200)
PERIODS = (1, 2, 3, 4, 5, 62, 63, 64, 65, 199, 200, 201)


@njit
def read_beyond() -> float:
    """Read the value behind the last one."""
    values = np.zeros(3)
    place = len(values)
    return float(values[place])


def real_looking_bars(bars: int) -> list[Bar]:
    """Return hourly bars of the simulated market for the oracle's random cases."""
    end_ms = START_MS + bars * 3_600_000
    candles = SimulatedExchange().fetch("BTCUSDT", Timeframe.parse("1h"), START_MS, end_ms)
    columns = {"open_ms": candles.open_ms, **{name: getattr(candles, name) for name in ("open", "high", "low", "close", "volume")}}
    return [Bar(**{name: column[place].item() for name, column in columns.items()}) for place in range(bars)]


def run_random_cases(count: int) -> int:
    """Run the settings that the oracle is compared with, each over its whole series and again in three parts."""
    bars = real_looking_bars(4_000)
    for seed in range(count):
        case = random_rules_case(seed, bars)
        simulation_of(case.bars, case.settings, case.funding, detail=case.detail).run()
        parts = simulation_of(case.bars, case.settings, case.funding, detail=case.detail)
        for end in (len(case.bars) // 3, len(case.bars) // 2, len(case.bars)):
            parts.advance(end)
        parts.finish()
    return count


def run_signals() -> int:
    """Run ready-made signals at every place that is special, over every short length."""
    runs = 0
    for bars in LENGTHS:
        candles = random_walk(bars, silent_share=0.2 if bars % 2 else 0.0)
        bar = np.arange(bars)
        directions = {
            "none": bar * 0, "all long": bar * 0 + 1, "alternating": 1 - 2 * (bar % 2), "first": (bar == 0) * 1,
            "last": (bar == bars - 1) * 1,
            "last but one": (bar == bars - 2) * -1, "pairs": np.where(bar % 4 < 2, 1, -1),
        }  # fmt: skip
        for direction in directions.values():
            signals = Signals(direction.astype(np.int8), candles.close, candles.close * 0.002)
            for config in (
                BUSY,
                BUSY.replace(enable_hybrid_engine=False, trailing_tp_enabled=False),
                StrategyConfig(hybrid_tier1_timeout=1),
            ):
                for first in {0, bars // 2, bars - 1}:
                    rates = FundingRates(candles.open_ms[::3], np.full(len(candles.open_ms[::3]), 0.001)) if first else None
                    Simulation(candles, config, 5.0, ACCOUNT, RULES, first, rates, signals=signals).run()
                    runs += 1
    return runs


def rows(count: int, seed: int) -> dict[str, Any]:
    """Return settings, among them periods that many a series is too short for."""
    rng = np.random.default_rng(seed)
    return {
        "ema_fast": rng.integers(1, 5, count),
        "ema_slow": rng.integers(6, 80, count),
        "ema_trend": rng.integers(81, 200, count),
        "rsi_period": rng.integers(1, 70, count),
        "atr_period": rng.integers(1, 70, count),
        "rsi_long_threshold": rng.integers(30, 101, count).astype(float),
        "atr_sl_multiplier": rng.uniform(0.1, 3.0, count),
        "hybrid_tier3_timeout": rng.integers(0, 4, count),
        "enable_trend_filter": rng.random(count) < 0.5,
    }


def run_batches(count: int) -> int:
    """Run batches over every short length and from every kind of first bar, in one go and in two, on one thread and on two."""
    for bars in LENGTHS:
        candles = random_walk(bars)
        for first in sorted({0, 1, 62, 63, 64, bars - 1} & set(range(bars))):
            for threads in (1, 2):
                many = BatchSimulation(candles, BUSY, rows(count, bars), 5.0, ACCOUNT, RULES, first, threads=threads)
                if threads == 2:
                    many.advance(many.bars // 2, np.arange(0, count, 2))
                with mock.patch.object(batch, "_BARS_WORTH_A_THREAD", 1):
                    many.advance(many.bars)
                many.figures()
    return count * len(LENGTHS)


def run_indicators() -> int:
    """Run every indicator with periods around every length."""
    for bars in LENGTHS:
        candles = random_walk(bars)
        ohlc = (candles.high, candles.low, candles.close)
        for period in PERIODS:
            calls: Mapping[str, Callable[[], object]] = {
                "ema": partial(indicators.ema, candles.close, period),
                "rsi": partial(indicators.rsi, candles.close, period),
                "atr": partial(indicators.atr, *ohlc, period),
                "rolling_vwap": partial(indicators.rolling_vwap, *ohlc, candles.volume, period),
                "session_vwap": partial(indicators.session_vwap, candles.open_ms, *ohlc, candles.volume, period * 1_800_000),
            }
            for name in indicators.__all__:
                calls[name]()
    return len(indicators.__all__)


def run_curves() -> int:
    """Score curves from one value on, with and without trades."""
    for bars in LENGTHS:
        equity = np.linspace(100.0, 90.0, bars)
        for trades in (0, 1, 5):
            curve_metrics(equity, 8766.0, net_pnl=np.full(trades, -2.0), bars_held=np.full(trades, 3))
    return 3 * len(LENGTHS)


@contextmanager
def shorter_bars(name: str) -> Iterator[None]:
    """Hand the kernels a column of the market that lacks its last values."""

    def cut(*arguments: Any, **options: Any) -> Any:
        bars = bars_of(*arguments, **options)
        return bars._replace(**{name: getattr(bars, name)[:-3]})

    with mock.patch.object(simulation, "bars_of", cut), mock.patch.object(batch, "bars_of", cut):
        yield


@contextmanager
def shorter_records() -> Iterator[None]:
    """Make room for half of the trades and entries only."""
    allocate = Records.allocate
    with mock.patch.object(Records, "allocate", lambda bars, signals, capital: allocate(bars, signals // 4, capital)):
        yield


@contextmanager
def changed_table(change: Callable[[SignalTable], SignalTable]) -> Iterator[None]:
    """Hand the kernel of a batch a table of signals that was changed after it was made and checked."""
    with mock.patch.object(batch, "signals_from", lambda *arguments: change(signals_from(*arguments))):
        yield


def shorter_columns(name: str, table: SignalTable) -> SignalTable:
    """Take the last bars off the touch levels or the ATRs."""
    changed: dict[str, Any] = {name: np.ascontiguousarray(getattr(table, name)[:, :100])}
    return table._replace(**changed)


def column_that_is_not_there(table: SignalTable) -> SignalTable:
    """Let the last run take a column behind the last one."""
    return table._replace(touch=np.append(table.touch[:-1], len(table.touch_levels)))


def fewer_offsets(table: SignalTable) -> SignalTable:
    """Leave out where the signals of the last run end."""
    return table._replace(offsets=table.offsets[:-1])


@contextmanager
def changed_decisions(change: Callable[[Decisions], Decisions]) -> Iterator[None]:
    """Hand the kernels other numbers of the decision bars than those that were made."""
    with mock.patch.object(simulation, "decisions_of", lambda *arguments: change(decisions_of(*arguments))):
        yield


def one_run(*, tiered: bool = False) -> None:
    """Run one series that trades often, with funding."""
    candles = random_walk(200)
    bar = np.arange(200)
    signals = Signals((1 - 2 * (bar % 2)).astype(np.int8), candles.close, candles.close * 0.01)
    rates = FundingRates(candles.open_ms[::5], np.full(40, 0.001))
    Simulation(candles, BUSY.replace(enable_hybrid_engine=tiered), 5.0, ACCOUNT, RULES, 0, rates, signals=signals).run()


def one_detail_run() -> None:
    """Run decisions on hours, fills on five minutes, with holes."""
    candles, detail = two_timeframes(80, seed=1, lost_share=0.2)
    bar = np.arange(len(candles))
    signals = Signals((1 - 2 * (bar % 2)).astype(np.int8), candles.close, candles.close * 0.01)
    Simulation(candles, BUSY, 5.0, FINE, RULES, detail=detail, signals=signals).run()


def run_detail_batches(count: int) -> int:
    """Run batches whose fills are finer than their decisions, over short series and from late first bars."""
    for decisions in (1, 2, 3, 30, 64):
        candles, detail = two_timeframes(decisions, seed=decisions, lost_share=0.3)
        for first in sorted({0, 1, decisions - 1} & set(range(decisions))):
            many = BatchSimulation(candles, BUSY, rows(count, decisions), 5.0, FINE, RULES, first, detail=detail)
            many.advance(many.bars // 2)
            many.advance(many.bars)
    return count


def one_batch() -> None:
    """Run a few rows that trade often."""
    many = BatchSimulation(random_walk(200), BUSY, rows(4, 1), 5.0, ACCOUNT, RULES)
    many.advance(many.bars)


PLANTED: Mapping[str, tuple[Callable[[], Any], Callable[[], None]]] = {
    **{f"{name} too short": (partial(shorter_bars, name), one_run) for name in ("open", "high", "low", "close", "volume", "funding")},
    "vwap too short": (partial(shorter_bars, "vwap"), partial(one_run, tiered=True)),
    "decisions without an owner": (partial(changed_decisions, lambda made: made._replace(of=made.of[:200])), one_detail_run),
    "decisions without a place": (partial(changed_decisions, lambda made: made._replace(place=made.place[:200])), one_detail_run),
    "decisions without an end": (partial(changed_decisions, lambda made: made._replace(first=made.first[:50])), one_detail_run),
    "decisions without a close": (partial(changed_decisions, lambda made: made._replace(close=made.close[:50])), one_detail_run),
    "no room for a trade": (shorter_records, one_run),
    "levels too short": (partial(changed_table, partial(shorter_columns, "touch_levels")), one_batch),
    "ATRs too short": (partial(changed_table, partial(shorter_columns, "atrs")), one_batch),
    "level that is not there": (partial(changed_table, column_that_is_not_there), one_batch),
    "signals without an end": (partial(changed_table, fewer_offsets), one_batch),
}


def caught(plant: Callable[[], Any], action: Callable[[], object]) -> bool:
    """Return whether ``action`` with the fault ends in an IndexError."""
    with plant():
        try:
            action()
        except IndexError:
            return True
    return False


def main() -> None:
    """Run everything and print what was run."""
    cases, batches = (int(argument) for argument in (*sys.argv[1:], "60", "6")[:2])
    if not caught(nullcontext, read_beyond):
        sys.exit("bounds are not checked: NUMBA_BOUNDSCHECK=1 is not set, or machine code of a process without it was used")
    done = {
        "cases": run_random_cases(cases),
        "signals": run_signals(),
        "rows": run_batches(batches),
        "detail": run_detail_batches(batches),
        "indicators": run_indicators(),
        "curves": run_curves(),
    }
    for action in (one_run, one_batch, one_detail_run):
        action()
    found = [name for name, planted in PLANTED.items() if caught(*planted)]
    folder = Path(numba.config.CACHE_DIR).name  # type: ignore[attr-defined]
    sys.stdout.write(json.dumps(done | {"caught": found, "folder": folder}))


if __name__ == "__main__":
    main()
