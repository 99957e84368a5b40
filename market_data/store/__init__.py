"""Candles kept on disk: Parquet parts and a manifest that knows every one of their bytes."""

from market_data.store.candle_store import CandleStore, SeriesInfo
from market_data.store.checking import Damage, Repair
from market_data.store.merging import MergeReport
from market_data.store.revisions import Revision

__all__ = ["CandleStore", "Damage", "MergeReport", "Repair", "Revision", "SeriesInfo"]
