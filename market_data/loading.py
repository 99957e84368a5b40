"""The one way from a market's name to candles whose quality is known."""

import threading
from dataclasses import dataclass
from pathlib import Path

from config.run import GapPolicy
from core.candles import Candles
from core.clock import format_utc, now_ms
from core.paths import Paths
from core.timeframe import Timeframe
from exchanges.calendars import calendar_of, venue_timeframe
from exchanges.candle_files import read_candles
from exchanges.manager import ExchangeManager
from exchanges.span import require_forward
from market_data.fetching import OnProgress
from market_data.gaps import apply_gap_policy, describe_holes, find_holes
from market_data.quality import QualityReport, assess
from market_data.resample import resample
from market_data.store import CandleStore, Revision
from market_data.store.revisions import describe
from market_data.stored_source import revisions_within, stored_candles

# Their candles are on this machine already.
UNSTORED = frozenset({"LOCAL", "SIMULATED"})


@dataclass(frozen=True, slots=True)
class LoadedCandles:
    """Candles and what is to be known about them."""

    candles: Candles
    quality: QualityReport


def load_candles(
    exchange: str,
    symbol: str,
    timeframe: str | Timeframe,
    start_ms: int | None = None,
    end_ms: int | None = None,
    *,
    gaps: GapPolicy = GapPolicy.AUTO,
    paths: Paths | None = None,
    on_progress: OnProgress | None = None,
    stop: threading.Event | None = None,
) -> LoadedCandles:
    """Return the bars with ``start_ms <= open < end_ms`` (UTC ms, None: as far as there are any) and their quality report.

    A real venue is asked only for what the candle store does not have, and what comes is stored. Where it has only finer bars, or all
    finer ones are stored, they are judged by ``gaps`` and resampled. ``paths`` says which data folder is meant (default: the project's
    own). ``on_progress`` is told how far fetching is; when ``stop`` is set, what came is stored and KeyboardInterrupt raised.

    Raises ConfigError for an unknown exchange, symbol or timeframe and for reversed dates; DataError for dates without bars
    (naming the span there is), unsound bars, holes that ``gaps`` does not allow, and damaged files of the store; APIError when the
    venue cannot be asked.
    """
    require_forward(start_ms, end_ms)
    policy, folders = GapPolicy(gaps), paths or Paths.default()
    venue = ExchangeManager().get(exchange, folders)
    wanted = venue_timeframe(venue.name, timeframe)
    # Whole bars of the wanted timeframe are fetched, whatever they are made of.
    first, last = _next_open(start_ms, wanted), _next_open(end_ms, wanted)
    revised: tuple[Revision, ...] = ()
    if venue.name in UNSTORED:
        fetched = venue.fetch(symbol, venue.source_timeframe(symbol, wanted), first, last)
    else:
        store = CandleStore(folders)
        fetched = stored_candles(venue, store, symbol, wanted, first, last, now_ms(), gaps=policy, on_progress=on_progress, stop=stop)
        revised = revisions_within(store, fetched)
    judged = apply_gap_policy(fetched, policy)
    candles = resample(judged, wanted)
    notes = _span_notes(candles, start_ms, end_ms)
    if revised:
        notes.append(f"{fetched.market}: {describe(revised)}. The new values are used.")
    if fetched.timeframe != wanted and judged is fetched and (holes := find_holes(fetched)):
        notes.append(f"made of bars with holes: {describe_holes(fetched, holes)}.")
    filled = () if judged is fetched else find_holes(fetched)
    return LoadedCandles(candles, assess(candles, policy, filled=filled, notes=notes))


def read_candle_file(
    path: str | Path, *, exchange: str = "LOCAL", symbol: str | None = None, timeframe: str | Timeframe | None = None
) -> Candles:
    """Return all candles of a Parquet, Feather or CSV file, its holes left as they are.

    ``timeframe`` None is the file's own; a multiple of it is resampled. ``symbol`` is the file's stem unless given. Raises DataError
    that counts and shows what is wrong with the file, or when ``timeframe`` cannot be made of its bars.
    """
    wanted = None if timeframe is None else Timeframe.parse(timeframe)
    candles = read_candles(Path(path).expanduser(), exchange=exchange, symbol=symbol, timeframe=wanted)
    return candles if wanted is None else resample(candles, wanted)


def _next_open(ms: int | None, timeframe: Timeframe) -> int | None:
    """Return the first open at or after ``ms``."""
    return None if ms is None else timeframe.floor(ms + timeframe.ms - 1)


def _span_notes(candles: Candles, start_ms: int | None, end_ms: int | None) -> list[str]:
    """Say when there are fewer bars than the dates ask for."""
    notes, begin, step = [], int(candles.open_ms[0]), candles.timeframe.ms
    if start_ms is not None and begin >= start_ms + step and _trades(candles, start_ms, begin):
        notes.append(f"{candles.market}: asked from {format_utc(start_ms)} UTC, but the first bar is {format_utc(begin)}.")
    if end_ms is not None and candles.end_ms < end_ms and _trades(candles, candles.end_ms, end_ms):
        notes.append(f"{candles.market}: asked until {format_utc(end_ms)} UTC, but the last bar closes at {format_utc(candles.end_ms)}.")
    return notes


def _trades(candles: Candles, start_ms: int, end_ms: int) -> bool:
    """Return whether the venue is open at all between two moments."""
    calendar = calendar_of(candles.market.exchange)
    return calendar is None or len(calendar.expected_opens(candles.timeframe, start_ms, end_ms)) > 0
