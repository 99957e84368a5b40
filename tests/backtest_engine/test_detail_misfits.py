"""Detail candles that do not fit the decision candles or the settings are refused before anything runs, with the first offender."""

from typing import Any

import numpy as np
import pytest

from backtest_engine import BatchSimulation, Simulation
from core.candles import Candles
from core.errors import BacktestError, ConfigError, PipelineError
from core.market import Market
from tests.backtest_engine.finer import FINE, only, two_timeframes
from tests.backtest_engine.markets import BUSY, random_walk
from tests.backtest_engine.test_batch import rows_of

HOURS = 250
CANDLES, DETAIL = two_timeframes(HOURS, seed=3, lost_share=0.1)


@pytest.mark.parametrize(
    ("detail", "settings", "error", "message"),
    [
        (None, {}, ConfigError, "detail_timeframe = 5m, but there are no detail candles"),
        (DETAIL, {"detail_timeframe": None}, ConfigError, "detail_timeframe = None contradicts the detail candles, which are 5m"),
        (DETAIL, {"detail_timeframe": "1m"}, ConfigError, "detail_timeframe = 1m contradicts the detail candles, which are 5m"),
        (random_walk(9, timeframe="4h"), {"detail_timeframe": "4h"}, ConfigError, "detail candles of 4h do not divide a bar of 1h"),
        (only(DETAIL, slice(None), market=Market("LOCAL", "OTHER", DETAIL.timeframe)), {}, BacktestError, "must be of one market"),
        (only(DETAIL, slice(None), has_volume=False), {}, BacktestError, "has_volume is False for the detail candles"),
        (only(DETAIL, slice(None), synthetic=True), {}, BacktestError, "synthetic is True for the detail candles"),
        (DETAIL[13:], {}, BacktestError, "1 decision bar.s. of LOCAL WALK 1h have no detail bar, first at 2024-01-01 00:00"),
        (DETAIL[:-13], {}, BacktestError, "decision bar.s. of LOCAL WALK 1h have no detail bar, first at 2024-01-11"),
        (only(DETAIL, (DETAIL.open_ms < CANDLES.open_ms[9]) | (DETAIL.open_ms >= CANDLES.open_ms[11])), {}, BacktestError,
         "2 decision bar.s. of LOCAL WALK 1h have no detail bar, first at 2024-01-01 09:00"),
        (two_timeframes(HOURS + 1, 3)[1], {}, BacktestError, "12 detail bar.s. of LOCAL WALK 5m have no decision bar, first at 2024-01-11"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_before_anything_runs(
    detail: Candles | None, settings: dict[str, Any], error: type[PipelineError], message: str
) -> None:
    for build in (_single, _batch):
        with pytest.raises(error, match=message):
            build(CANDLES, detail, settings)


def _single(candles: Candles, detail: Candles | None, settings: dict[str, Any]) -> object:
    return Simulation(candles, BUSY, 2.0, FINE.replace(**settings), detail=detail)


def _batch(candles: Candles, detail: Candles | None, settings: dict[str, Any]) -> object:
    return BatchSimulation(candles, BUSY, rows_of(1, 2), 2.0, FINE.replace(**settings), detail=detail)


def test_a_hole_of_the_decision_bars_under_detail_is_refused() -> None:
    holed = only(CANDLES, np.arange(HOURS) != 30)
    for build in (_single, _batch):
        with pytest.raises(BacktestError, match="have no decision bar, first at 2024-01-02 06:0"):
            build(holed, DETAIL, {})


def test_detail_before_all_decision_bars_is_refused_though_a_first_bar_is_given() -> None:
    with pytest.raises(BacktestError, match="have no decision bar, first at 2024-01-01 00:0"):
        Simulation(CANDLES[5:], BUSY, 2.0, FINE, first_bar=20, detail=DETAIL)
