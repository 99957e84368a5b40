"""What is kept of a golden run, and how two of them are compared."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from backtest_engine import BacktestEngine, BacktestResult
from market_data import read_candle_file
from tests.golden.cases import CASES, MARKETS

Figure = float | int | str | None
Fingerprint = dict[str, Figure]

GOLDEN_FILE = Path(__file__).with_name("golden.json")
HEADLINES = (
    "total_trades", "win_rate", "net_pnl", "return_pct", "final_equity", "sharpe_ratio", "max_drawdown", "profit_factor", "exposure",
    "fees", "slippage_cost", "missed_entries", "partial_entries", "rejected_entries", "ruined",
)  # fmt: skip


def run_case(name: str, candles_folder: Path) -> BacktestResult:
    """Return the result of the case called ``name``."""
    case = CASES[name]
    market = MARKETS[case.market]
    candles = read_candle_file(candles_folder / f"{market.file}.parquet")[market.first : market.first + market.bars]
    return BacktestEngine(candles, case.strategy, market.order_qty * case.size, execution=case.execution, rules=case.rules).run()


def fingerprint(result: BacktestResult) -> Fingerprint:
    """Return the headline metrics to eight digits and a hash of every trade."""
    return {name: _figure(getattr(result.metrics, name)) for name in HEADLINES} | {"trades": trades_hash(result)}


def trades_hash(result: BacktestResult) -> str:
    """Return a SHA-256 over all trades with eight digits of every number: the last bits may differ between processors."""
    lines = (" ".join(map(_text, row)) for row in result.trades.iter_rows())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def differences(golden: Mapping[str, Figure], found: Mapping[str, Figure]) -> Iterator[str]:
    """Yield ``name: was -> is`` for every figure that moved."""
    for name in {**golden, **found}:
        was, now = golden.get(name), found.get(name)
        if not _alike(was, now):
            yield f"{name}: {was} -> {now}"


def read_golden() -> dict[str, Fingerprint]:
    """Return the golden figures of all cases."""
    found: dict[str, Fingerprint] = json.loads(GOLDEN_FILE.read_text(encoding="utf8"))
    return found


def _figure(value: float) -> Figure:
    if isinstance(value, bool | int):
        return value
    return float(f"{value:.8g}") + 0.0 if math.isfinite(value) else None


def _text(value: object) -> str:
    return f"{value + 0.0:.8g}" if isinstance(value, float) else str(value)


def _alike(was: Figure, now: Figure) -> bool:
    if isinstance(was, float) and isinstance(now, float):
        return math.isclose(was, now, rel_tol=1e-7, abs_tol=1e-9)
    return was == now
