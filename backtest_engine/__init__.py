"""The simulator: ``BacktestEngine(...).run() -> BacktestResult``; ``Simulation``, its resumable form; ``BatchSimulation``, many at once."""

from backtest_engine.batch import BatchSimulation
from backtest_engine.coarse import Comparison, compare_with_coarse
from backtest_engine.engine import BacktestEngine, as_candles
from backtest_engine.explain import BarStory, explain_missed_entry, explain_trade
from backtest_engine.inputs import FundingRates
from backtest_engine.metrics import Metrics
from backtest_engine.result import BacktestResult
from backtest_engine.simulation import Simulation

__all__ = [
    "BacktestEngine",
    "BacktestResult",
    "BarStory",
    "BatchSimulation",
    "Comparison",
    "FundingRates",
    "Metrics",
    "Simulation",
    "as_candles",
    "compare_with_coarse",
    "explain_missed_entry",
    "explain_trade",
]
