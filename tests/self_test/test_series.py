"""The series of the self-test have what they are said to have, and nothing else."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backtest_engine import BacktestEngine
from benchmarks.self_test import calibration
from benchmarks.self_test.calibration import STRATEGY, STRENGTHS, sharpes
from benchmarks.self_test.series import MEAN_SWING, VOLATILITY, planted, random_walk, shuffled
from config import ExecutionConfig
from market_data import read_candle_file


def test_same_number_gives_the_same_series_and_another_number_another() -> None:
    assert planted(3, 10, 0.1).digest == planted(3, 10, 0.1).digest
    assert planted(3, 10, 0.1).digest != planted(4, 10, 0.1).digest
    assert random_walk(3, 10).digest == planted(3, 10, 0.0).digest


def test_random_walk_has_volatility_and_neither_drift_nor_memory() -> None:
    returns = np.concatenate([np.diff(np.log(random_walk(seed, 365).close)) for seed in range(10)])
    error = VOLATILITY / np.sqrt(len(returns))
    assert returns.std() == pytest.approx(VOLATILITY, rel=0.02)
    assert abs(returns.mean() + VOLATILITY**2 / 2) < 4 * error
    for lag in (1, 24, MEAN_SWING // 2):
        assert abs(np.corrcoef(returns[lag:], returns[:-lag])[0, 1]) < 4 / np.sqrt(len(returns))


def test_swings_add_memory_but_no_volatility_and_no_drift_to_speak_of() -> None:
    strength = 0.12
    returns = np.stack([np.diff(np.log(planted(seed, 1095, strength).close)) for seed in range(10)])
    assert returns.std() == pytest.approx(VOLATILITY, rel=0.02)
    near, far = (_covariance(returns, lag) / VOLATILITY**2 for lag in (24, MEAN_SWING))
    # In one swing both bars have the same drift; a mean swing later it is mostly the other one.
    assert near == pytest.approx(strength**2 * 0.9, abs=0.006)
    assert far < -(strength**2) * 0.3
    # 55 swings that cancel each other but for chance: a tenth of what one direction would add up to.
    assert np.abs(returns.sum(axis=1)).mean() < 0.2 * strength * VOLATILITY * returns.shape[1]


def _covariance(returns: np.ndarray, lag: int) -> float:
    return float(np.mean(returns[:, lag:] * returns[:, :-lag]))


@pytest.mark.parametrize("sharpe", sorted(STRENGTHS))
def test_strategy_has_the_sharpe_ratio_that_is_claimed(sharpe: float) -> None:
    mean, error = sharpes(STRENGTHS[sharpe], series=10)
    assert abs(mean - sharpe) < 4 * error
    assert error < 0.3


def test_calibration_finds_the_strength_of_a_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "sharpes", lambda strength, _series: (40 * strength - 0.7 + 30 * strength**2, 0.1))
    assert calibration.strength_of(2.0) == pytest.approx((np.sqrt(1600 + 120 * 2.7) - 40) / 60, abs=2e-4)


def test_shuffled_stretches_begin_evenly_and_keep_their_ends(shared_data: Path) -> None:
    real = read_candle_file(shared_data / "candles" / "BINANCE_BTCUSDT_1h.parquet")
    bars = 24 * 90
    for number, first in ((0, 0), (1, (len(real) - bars) // 2), (2, len(real) - bars)):
        found, stretch = shuffled(real, number, 3, 90), real[first : first + bars]
        assert (found.open_ms == stretch.open_ms).all()
        assert found.open[0] == pytest.approx(stretch.open[0])
        assert found.close[-1] == pytest.approx(stretch.close[-1])
        body = np.log(found.close) - np.log(found.open)
        np.testing.assert_allclose(np.sort(body), np.sort(np.log(stretch.close) - np.log(stretch.open)), atol=1e-9)
        assert not np.allclose(body, np.log(stretch.close) - np.log(stretch.open))


@pytest.mark.parametrize("stops", [{}, {"atr_sl_multiplier": 0.5, "atr_tp_multiplier": 1.0}, {"enable_hybrid_engine": False}])
def test_without_costs_no_strategy_earns_or_loses_anything_on_random_walks(stops: dict[str, Any]) -> None:
    """A martingale has no price at which orders win: a simulator that filled too well, or too badly, would show here."""
    free = ExecutionConfig(maker_fee=0, taker_fee=0, slippage=0)
    runs = (BacktestEngine(random_walk(seed, 365), STRATEGY.replace(**stops), execution=free).run() for seed in range(24))
    ratios = np.array([run.metrics.sharpe_ratio for run in runs])
    assert abs(ratios.mean()) < 3 * ratios.std(ddof=1) / np.sqrt(len(ratios))


def test_highs_and_lows_are_those_of_a_path_in_continuous_time() -> None:
    """The expected range of a Brownian motion is sqrt(8 / pi) of its deviation; of 12 steps it would be a fifth less."""
    walk = random_walk(1, 730)
    ranges = np.log(walk.high / walk.low) / VOLATILITY
    assert ranges.mean() == pytest.approx(np.sqrt(8 / np.pi), rel=0.02)
