"""What stage 5 left for the stages after it: each market's candles and their digest."""

from typing import Any

from core.candles import Candles
from core.canonical_json import digest, read_json
from core.errors import CorruptFileError
from core.run_folder import RunFolder, stage_named
from pipeline.context import RunContext
from pipeline.frames import read_candles
from pipeline.selection import SelectedMarket, load_selection

_STAGE = stage_named("baseline")


def read_baseline(run: RunFolder, market: SelectedMarket) -> dict[str, Any]:
    """Return a market's baseline.json; CorruptFileError when it is absent or damaged."""
    path = run.stage_market(_STAGE, market.market) / "baseline.json"
    if not path.is_file():
        raise CorruptFileError(f"{path} is missing: stage 5 has not been done or its files were removed. Resume the run.")
    content: dict[str, Any] = read_json(path)
    return content


def baseline_candles(run: RunFolder, market: SelectedMarket) -> Candles:
    """Return a market's candles as stage 5 kept them; CorruptFileError unless they are exactly those."""
    summary = read_baseline(run, market)
    path = run.stage_market(_STAGE, market.market) / "candles.parquet"
    candles = read_candles(path, market, has_volume=bool(summary["has_volume"]))
    if candles.digest != summary["candles_digest"]:
        raise CorruptFileError(f"{path} does not hold the candles of its run. Remove {run.stage(_STAGE) / 'stage.json'} and resume.")
    return candles


def candles_hash(context: RunContext) -> str:
    """Return the hash of all markets' candles."""
    return digest({market.slug: read_baseline(context.run, market)["candles_digest"] for market in load_selection(context.run)})
