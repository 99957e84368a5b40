"""Bars of one series from several sources, of which not all tell the quote volume."""

from dataclasses import replace

from core.candles import Candles
from core.market import Market
from market_data.store import CandleStore
from market_data.store.manifest import read_manifest

_QUOTE = "quote_volume"


def stored_columns(store: CandleStore, market: Market) -> tuple[str, ...]:
    """Return the columns of the stored bars of ``market``, () for none; raises what reading the store raises."""
    manifest = read_manifest(store.folder(market), market)
    return manifest.columns if manifest else ()


def fitting(candles: Candles, columns: tuple[str, ...]) -> Candles:
    """Return ``candles`` without their quote volume where the stored ``columns`` have none."""
    extra = candles.quote_volume is not None and columns and _QUOTE not in columns
    return replace(candles, quote_volume=None) if extra else candles


def lacks_quote_volume(candles: Candles, columns: tuple[str, ...]) -> bool:
    """Return whether the stored ``columns`` have a quote volume and ``candles`` have none."""
    return candles.quote_volume is None and _QUOTE in columns
