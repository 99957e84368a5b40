"""The indicators of a market's strategy, kept beside its candles for charts; nothing is computed from them."""

from pathlib import Path

import numpy as np
import polars as pl

from config import StrategyConfig
from core.atomic_files import write_bytes
from core.candles import Candles
from core.canonical_json import dump_bytes
from core.parquet_files import write_parquet
from strategies import charted_indicators, get_strategy, resolve_params


def write_indicators(folder: Path, config: StrategyConfig, candles: Candles) -> list[Path]:
    """Write indicators.parquet, a float32 column per line and a row per candle, and indicators.json, which names the lines.

    Nothing is written for a strategy that declares none. ConfigError for indicators that cannot be drawn.
    """
    strategy = get_strategy(config.name)
    lines = charted_indicators(strategy, candles, resolve_params(strategy, config))
    if not lines:
        return []
    columns = {f"line_{place}": line.values.astype(np.float32) for place, line in enumerate(lines)}
    named = [
        {"column": column, "name": line.name, "panel": line.panel, "levels": [float(level) for level in line.levels]}
        for column, line in zip(columns, lines, strict=True)
    ]
    table = write_parquet(folder / "indicators.parquet", pl.DataFrame(columns))
    write_bytes(folder / "indicators.json", dump_bytes({"schema": 1, "lines": named}))
    return [table, folder / "indicators.json"]
