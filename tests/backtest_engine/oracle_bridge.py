"""From the oracle's plain inputs to the engine's, and a comparison of what both return."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from backtest_engine import BacktestResult, FundingRates, Simulation
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.market import Market, MarketRules
from core.timeframe import MINUTE_MS, TIMEFRAMES, Timeframe
from strategies import Signals
from tests.oracle.bars import Bar
from tests.oracle.outcome import OracleResult
from tests.oracle.settings import Settings

RELATIVE = 1e-9
# What may be as small as the price of a meme coin or as the quantity of a large one; sums of money are near 1 or above, or near 0.
OF_ANY_SIZE = {"avg_entry", "exit_price", "qty", "tier1_qty", "tier2_qty", "tier3_qty", "tier4_qty", "wanted_qty"}
HOUR_MS = 60 * MINUTE_MS
OracleSignals = tuple[Sequence[int], Sequence[float], Sequence[float]]


def timeframe_of(ms: int) -> Timeframe:
    """Return bars of that length; the oracle's decision bars may have one that no venue has."""
    return next((known for known in TIMEFRAMES.values() if known.ms == ms), Timeframe(f"{ms // MINUTE_MS}m", ms))


def candles_of(bars: list[Bar], settings: Settings, bar_ms: int = HOUR_MS) -> Candles:
    """Return the bars as the product's candles."""
    columns = {name: [getattr(bar, name) for bar in bars] for name in ("open", "high", "low", "close", "volume")}
    columns["timestamp"] = [bar.open_ms for bar in bars]
    if settings.has_quote_volume and all(bar.quote_volume is not None for bar in bars):
        columns["quote_volume"] = [bar.quote_volume for bar in bars]
    market = Market("LOCAL", "oracle", timeframe_of(bar_ms))
    return Candles.from_arrays(market, columns, has_volume=settings.has_volume)


def configs_of(settings: Settings) -> tuple[StrategyConfig, ExecutionConfig, MarketRules]:
    """Return the oracle's settings as the product's."""
    values = asdict(settings)
    strategy = {name: value for name, value in values.items() if name in StrategyConfig.model_fields}
    execution = {name: value for name, value in values.items() if name in ExecutionConfig.model_fields}
    rules = MarketRules(settings.qty_step, settings.min_qty, settings.min_notional, settings.price_step)
    return StrategyConfig(**strategy), ExecutionConfig(**execution), rules


def simulation_of(
    bars: list[Bar],
    settings: Settings,
    funding: Sequence[tuple[int, float]] = (),
    signals: OracleSignals | None = None,
    detail: list[Bar] | None = None,
) -> Simulation:
    """Return the product's simulator on the oracle's input, with the default strategy unless there are ``signals``."""
    strategy, execution, rules = configs_of(settings)
    ready = None if signals is None else Signals(np.array(signals[0], np.int8), np.array(signals[1]), np.array(signals[2]))
    candles = candles_of(bars, settings, settings.bar_ms)
    finer = None
    if detail is not None:
        finer = candles_of(detail, settings, settings.bar_ms // settings.detail_bars)
        execution = execution.replace(detail_timeframe=finer.timeframe.name)
    rates = rates_of(funding)
    return Simulation(candles, strategy, settings.order_qty, execution, rules, funding=rates, detail=finer, signals=ready)


def rates_of(funding: Sequence[tuple[int, float]]) -> FundingRates | None:
    """Return the oracle's times and rates as the product's, None where there are none."""
    if not funding:
        return None
    return FundingRates(np.array([time for time, _ in funding], np.int64), np.array([rate for _, rate in funding]))


def run_engine(
    bars: list[Bar], settings: Settings, funding: Sequence[tuple[int, float]] = (), detail: list[Bar] | None = None
) -> BacktestResult:
    """Run the product's simulator on the oracle's input."""
    return simulation_of(bars, settings, funding, detail=detail).run()


def differences(result: BacktestResult, oracle: OracleResult, bars: list[Bar], detail: list[Bar] | None = None) -> list[str]:
    """Return every field in which the two disagree: numbers beyond 1e-9 relative, times and reasons at all."""
    found: list[str] = []
    ours = result.trades.to_dicts()
    theirs = [asdict(trade) for trade in oracle.trades]
    if len(ours) != len(theirs):
        found.append(f"{len(ours)} trades, the oracle has {len(theirs)}")
    for mine, other in zip(ours, theirs, strict=False):
        found += [f"trade {mine['trade_id']}.{key}: {mine[key]} != {other[key]}" for key in other if not _equal(key, mine[key], other[key])]
    found += _event_differences(result, oracle, bars, detail or bars)
    equity = result.equity["equity"].to_numpy()
    scale = max(1.0, float(np.abs(oracle.equity).max()))
    off = np.flatnonzero(~np.isclose(equity, oracle.equity, rtol=RELATIVE, atol=RELATIVE * scale))
    found += [f"equity[{i}]: {equity[i]} != {oracle.equity[i]}" for i in off[:1]]
    if result.ambiguous_exits != oracle.ambiguous_exits:
        found.append(f"ambiguous exits: {result.ambiguous_exits} != {oracle.ambiguous_exits}")
    if result.metrics.ruined != oracle.ruined:
        found.append(f"ruined: {result.metrics.ruined} != {oracle.ruined}")
    return found


def _event_differences(result: BacktestResult, oracle: OracleResult, bars: list[Bar], detail: list[Bar]) -> list[str]:
    ours = result.entries.to_dicts()
    found = [] if len(ours) == len(oracle.events) else [f"{len(ours)} entry events, the oracle has {len(oracle.events)}"]
    for mine, event in zip(ours, oracle.events, strict=False):
        other = {
            "kind": event.kind,
            "reason": event.reason,
            "signal_time": bars[event.signal_bar].open_ms,
            "end_time": detail[event.bar].open_ms,
            "direction": event.direction,
            "wanted_qty": event.wanted_qty,
            "filled_qty": event.filled_qty,
        }
        found += [f"entry event {key}: {mine[key]} != {value}" for key, value in other.items() if not _equal(key, mine[key], value)]
    return found


def _equal(name: str, mine: object, other: object) -> bool:
    if isinstance(mine, float) and isinstance(other, int | float):
        return abs(mine - other) <= RELATIVE * max(0.0 if name in OF_ANY_SIZE else 1.0, abs(mine), abs(other))
    return mine == other
