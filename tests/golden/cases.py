"""A few strategies on a few markets, and the fingerprint of what comes out."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from backtest_engine import BacktestEngine, BacktestResult
from config import ExecutionConfig, StrategyConfig
from market_data import read_candle_file

Fingerprint = dict[str, float | int | str]

GOLDEN_FILE = Path(__file__).with_name("golden.json")
HEADLINES = (
    "total_trades", "net_pnl", "fees", "slippage_cost", "win_rate", "sharpe_ratio", "max_drawdown", "exposure",
    "missed_entries", "partial_entries",
)  # fmt: skip


@dataclass(frozen=True)
class GoldenCase:
    """The last ``bars`` bars of a file of ``shared/data/candles``, and what is run on them."""

    file: str
    bars: int
    order_qty: float
    strategy: StrategyConfig = field(default_factory=StrategyConfig)
    execution: ExecutionConfig = field(default_factory=ExecutionConfig)


LOOSE = StrategyConfig(rsi_long_threshold=45, rsi_short_threshold=55)

CASES = {
    "defaults on hours": GoldenCase("BINANCE_BTCUSDT_1h", 37_923, 0.1),
    "loose thresholds on hours": GoldenCase("BINANCE_BTCUSDT_1h", 37_923, 0.1, LOOSE),
    "fixed target, shorts only, on quarters": GoldenCase(
        "BINANCE_ETHUSDT_15m", 40_000, 2.0, LOOSE.replace(allow_long=False, trailing_tp_enabled=False, trailing_sl_enabled=False)
    ),
    "slices in a thin market": GoldenCase(
        "BINANCE_SOLUSDT_1h", 20_000, 5_000.0,
        LOOSE.replace(enable_hybrid_tier1=False, enable_hybrid_tier2=False, participation_rate=0.01),
        ExecutionConfig(initial_capital=5_000_000.0),
    ),
    "market orders only, high costs, on minutes": GoldenCase(
        "BINANCE_BTCUSDT_1m_2024", 60_000, 0.1, LOOSE.replace(enable_hybrid_engine=False), ExecutionConfig(taker_fee=0.001, slippage=0.001)
    ),
    "an account used up": GoldenCase(
        "BINANCE_BTCUSDT_5m", 30_000, 3.0, LOOSE.replace(atr_sl_multiplier=50.0, trailing_sl_enabled=False, exit_on_opposite_signal=False),
        ExecutionConfig(initial_capital=10_000.0, leverage=30.0),
    ),
    "a perpetual of another venue": GoldenCase("DELTAIN_BTCUSD_1h", 10_000, 0.1, LOOSE),
    "days": GoldenCase("BINANCE_BTCUSDT_1d", 3_000, 0.1, LOOSE.replace(enable_trend_filter=False)),
}  # fmt: skip


def run(case: GoldenCase, candles_folder: Path) -> BacktestResult:
    candles = read_candle_file(candles_folder / f"{case.file}.parquet")
    return BacktestEngine(candles[-case.bars :], case.strategy, case.order_qty, execution=case.execution).run()


def fingerprint(result: BacktestResult) -> Fingerprint:
    """Return the headline metrics and a hash of every trade."""
    headlines = {name: getattr(result.metrics, name) for name in HEADLINES}
    return {**headlines, "trades": trades_hash(result)}


def trades_hash(result: BacktestResult) -> str:
    """Return a SHA-256 over the trades with nine digits of every number: the last bit may differ between processors."""
    lines = (" ".join(f"{value:.9g}" if isinstance(value, float) else str(value) for value in row) for row in result.trades.iter_rows())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
