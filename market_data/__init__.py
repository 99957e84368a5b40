"""From a market's name or a file to checked candles: loading, gap policies, quality, resampling."""

from market_data.detail import LoadedDetail, load_detail
from market_data.funding import LoadedFunding, load_funding
from market_data.gaps import Hole, fill_holes, find_holes
from market_data.loading import LoadedCandles, load_candles, read_candle_file
from market_data.quality import QualityReport
from market_data.resample import resample

__all__ = [
    "Hole",
    "LoadedCandles",
    "LoadedDetail",
    "LoadedFunding",
    "QualityReport",
    "fill_holes",
    "find_holes",
    "load_candles",
    "load_detail",
    "load_funding",
    "read_candle_file",
    "resample",
]
