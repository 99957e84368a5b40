"""What cannot be simulated is refused before anything runs, with an error that names the value."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from backtest_engine import BacktestEngine, Simulation
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.errors import BacktestError, ConfigError, DataError
from strategies import Signals
from tests.backtest_engine.markets import BUSY, START_MS, random_walk

ACCOUNT = ExecutionConfig()


def frame(bars: int = 300) -> pl.DataFrame:
    return random_walk(bars).to_polars()


def with_value(column: str, row: int, value: float) -> pl.DataFrame:
    values = frame()[column].to_numpy().copy()
    values[row] = value
    return frame().with_columns(pl.Series(column, values))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("close", float("nan"), "1 bar.s. hold a price that is missing or not finite, first at row 17"),
        ("open", float("inf"), "not finite, first at row 17"),
        ("low", -1.0, "1 bar.s. hold a price that is not positive, first at row 17"),
        ("low", 0.0, "not positive, first at row 17"),
        ("high", 1.0, "have a high below the open, low or close, first at row 17"),
        ("volume", -3.0, "hold a volume that is missing, not finite or negative, first at row 17"),
        ("timestamp", START_MS, "go back in time, first at row 17"),
        ("timestamp", START_MS + 16 * 3_600_000, "repeat the time of the bar before, first at row 17"),
        ("timestamp", START_MS + 16 * 3_600_000 + 1, "off the 1h grid, first at row 17"),
    ],
)
def test_broken_bars_are_counted_and_the_first_is_named(column: str, value: float, message: str) -> None:
    with pytest.raises(DataError, match=message):
        BacktestEngine(with_value(column, 17, value), timeframe="1h")


def test_a_frame_without_bars_is_refused() -> None:
    with pytest.raises(DataError, match="no bars"):
        BacktestEngine(frame().head(0), timeframe="1h")


def test_a_frame_without_a_column_names_it() -> None:
    with pytest.raises(DataError, match="no column volume; it has timestamp, open"):
        BacktestEngine(frame().drop("volume"), timeframe="1h")


def test_a_frame_does_not_say_its_timeframe() -> None:
    with pytest.raises(ConfigError, match="pass timeframe='1h'"):
        BacktestEngine(frame())


def test_a_timeframe_that_the_bars_are_not_on_is_refused() -> None:
    with pytest.raises(DataError, match="off the 4h grid"):
        BacktestEngine(frame(), timeframe="4h")
    with pytest.raises(ConfigError, match="timeframe = 4h contradicts the candles, which are 1h"):
        BacktestEngine(random_walk(50), timeframe="4h")
    with pytest.raises(ConfigError, match="timeframe '1x' is not known"):
        BacktestEngine(frame(), timeframe="1x")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere"):
        BacktestEngine(tmp_path / "nowhere.parquet")


def test_an_unknown_strategy_offers_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match=r"'hybrid_trent' is not known. Did you mean 'hybrid_trend'\?"):
        BacktestEngine(random_walk(50), StrategyConfig(name="hybrid_trent")).run()


def test_a_parameter_that_the_strategy_does_not_have_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"params\.speed: strategy hybrid_trend has no such parameter"):
        BacktestEngine(random_walk(50), StrategyConfig(params={"speed": 1})).run()


def strategy_file(folder: Path, signals: str) -> StrategyConfig:
    """Return settings that name a user's strategy whose ``signals`` has that body."""
    path = folder / "mine.py"
    path.write_text(
        "import numpy as np\nfrom strategies import Signals\n\n\nclass Mine:\n    name = 'mine'\n    params = ()\n\n"
        f"    def warmup(self, params):\n        return 0\n\n    def signals(self, candles, params):\n        n = len(candles)\n"
        f"        ones = np.ones(n)\n        {signals}\n\n\nSTRATEGY = Mine()\n"
    )
    return StrategyConfig(name=str(path))


WRONG_SIGNALS = {
    "return Signals(np.ones(n - 1, np.int8), ones, ones)": r"direction must be numbers, one for each of 50 bars, .* of shape \(49,\)",
    "return Signals(ones, np.ones((n, 1)), ones)": r"touch_level must be numbers.* float64 of shape \(50, 1\)",
    "return Signals(ones, ones, 1.0)": r"atr must be numbers.* of shape \(\)",
    "return Signals(ones * 0.5, ones, ones)": r"direction is none of -1, 0, 1 at bar 0 \(2024-01-01 00:00 UTC\)",
    "return Signals(ones * 256, ones, ones)": "direction is none of -1, 0, 1 at bar 0",
    "return Signals(np.where(np.arange(n) == 7, np.nan, 0.0), ones, ones)": "direction is none of -1, 0, 1 at bar 7",
    "return Signals(['1'] * n, ones, ones)": "direction must be numbers.* but is <U1",
    "return Signals(ones, ones, np.where(np.arange(n) < 3, 1.0, np.nan))": "no finite touch_level and atr >= 0 at bar 3",
    "return Signals(ones, ones, -ones)": "no finite touch_level and atr >= 0 at bar 0",
    "return Signals(ones, ones * np.inf, ones)": "no finite touch_level and atr >= 0 at bar 0",
    "return None": "direction must be numbers",
    "return params['missing']": "fails on LOCAL WALK 1h: KeyError: 'missing'",
    "return 1 / 0": "fails on LOCAL WALK 1h: ZeroDivisionError",
}


@pytest.mark.parametrize("signals", WRONG_SIGNALS)
def test_wrong_signals_name_the_strategy_and_the_first_bar(signals: str, tmp_path: Path) -> None:
    config = strategy_file(tmp_path, signals)
    with pytest.raises(BacktestError, match=WRONG_SIGNALS[signals]) as caught:
        BacktestEngine(random_walk(50), config).run()
    assert "mine.py" in str(caught.value)


def test_signals_of_another_number_type_are_the_same_signals(tmp_path: Path) -> None:
    whole = strategy_file(tmp_path, "return Signals((np.arange(n) % 9 == 5).astype(np.int64), candles.close, ones)")
    (tmp_path / "b").mkdir()
    true = strategy_file(tmp_path / "b", "return Signals(np.arange(n) % 9 == 5, candles.close, ones.astype(np.float32))")
    first, second = (BacktestEngine(random_walk(200), config).run() for config in (whole, true))
    assert first.metrics.total_trades > 10
    assert first.digest == second.digest


def test_a_bar_before_the_first_one_is_named_by_its_number_in_the_candles() -> None:
    candles = random_walk(50)
    atr = np.ones(50)
    atr[30] = np.nan
    signals = Signals(np.ones(50, np.int8), candles.close, atr)
    with pytest.raises(BacktestError, match=r"at bar 30 \(2024-01-02 06:00 UTC\)"):
        Simulation(candles, BUSY, 1.0, ACCOUNT, first_bar=20, signals=signals)


def test_what_happened_before_the_first_bar_does_not_matter() -> None:
    candles = random_walk(50)
    atr = np.where(np.arange(50) < 20, np.nan, 1.0)
    Simulation(candles, BUSY, 1.0, ACCOUNT, first_bar=20, signals=Signals(np.ones(50, np.int8), candles.close, atr)).run()


def test_steps_out_of_order_are_refused() -> None:
    simulation = Simulation(random_walk(50), BUSY, 1.0, ACCOUNT)
    with pytest.raises(BacktestError, match="no bar is simulated yet"):
        simulation.metrics()
    with pytest.raises(BacktestError, match="cannot finish: 0 of 50 bars are done"):
        simulation.finish()
    simulation.advance(20)
    for end in (19, 51):
        with pytest.raises(BacktestError, match=f"cannot advance to bar {end}: 20 of 50 bars are done"):
            simulation.advance(end)
    with pytest.raises(BacktestError, match="not finished"):
        simulation.result()
    simulation.run()
    for again in (simulation.finish, lambda: simulation.advance(50)):
        with pytest.raises(BacktestError):
            again()


def test_too_few_bars_for_the_warm_up_trade_nothing_and_are_no_error() -> None:
    for bars in (1, 2, 199):
        result = BacktestEngine(random_walk(bars)).run()
        assert result.metrics.total_trades == 0
        assert result.equity["equity"].to_list() == [100_000.0] * bars


@pytest.mark.parametrize("kind", ["polars", "pandas", "candles", "datetimes"])
def test_every_form_of_the_same_candles_gives_the_same_result(kind: str) -> None:
    candles = random_walk(400)
    forms: dict[str, Any] = {
        "candles": candles,
        "polars": candles.to_polars(),
        "pandas": candles.to_polars().to_pandas(),
        "datetimes": candles.to_polars().with_columns(pl.from_epoch("timestamp", "ms")),
    }
    assert isinstance(forms["pandas"], pd.DataFrame)
    assert isinstance(candles, Candles)
    result = BacktestEngine(forms[kind], BUSY, 1.0, timeframe="1h").run()
    assert result.metrics.total_trades > 5
    assert result.digest == BacktestEngine(candles, BUSY, 1.0).run().digest
