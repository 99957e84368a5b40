"""What stage 5 keeps for the chart of the candles."""

from pathlib import Path

import numpy as np
import polars as pl

from config import StrategyConfig
from core.canonical_json import read_json
from pipeline.indicator_files import write_indicators
from strategies.indicators import ema
from tests.backtest_engine.markets import random_walk

PLAIN = """
import numpy as np
from strategies import Signals
class Plain:
    name, params = "plain", ()
    def warmup(self, params): return 0
    def signals(self, candles, params):
        nothing = np.zeros(len(candles))
        return Signals(nothing.astype(np.int8), nothing, nothing)
STRATEGY = Plain()
"""


def test_the_lines_are_named_and_row_for_row_beside_the_candles(tmp_path: Path) -> None:
    candles = random_walk(300, seed=1)
    written = write_indicators(tmp_path, StrategyConfig(ema_fast=7), candles)
    assert [path.name for path in written] == ["indicators.parquet", "indicators.json"]
    lines = read_json(tmp_path / "indicators.json")["lines"]
    assert [line["name"] for line in lines] == ["EMA 7", "EMA 50", "EMA 200", "RSI 14", "ATR 14"]
    assert lines[3] == {"column": "line_3", "name": "RSI 14", "panel": "oscillator", "levels": [35.0, 65.0]}
    table = pl.read_parquet(tmp_path / "indicators.parquet")
    assert table.shape == (300, 5)
    np.testing.assert_array_equal(table["line_0"].to_numpy(), ema(candles.close, 7).astype(np.float32))


def test_a_strategy_that_draws_nothing_leaves_no_file(tmp_path: Path) -> None:
    own = tmp_path / "plain.py"
    own.write_text(PLAIN)
    folder = tmp_path / "market"
    folder.mkdir()
    assert write_indicators(folder, StrategyConfig(name=str(own)), random_walk(30, seed=1)) == []
    assert list(folder.iterdir()) == []
