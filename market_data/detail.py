"""Detail candles: the finer bars of a series on which orders fill, checked against the bars that the strategy decides on."""

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.run import GapPolicy
from core.candles import Candles
from core.clock import format_utc
from core.errors import DataError
from core.paths import Paths
from core.timeframe import Timeframe
from market_data.fetching import OnProgress
from market_data.loading import load_candles
from market_data.quality import QualityReport

# Prices that differ by less are the same, written otherwise.
_SAME_PRICE = 1e-9


@dataclass(frozen=True, slots=True)
class LoadedDetail:
    """Detail candles, each inside a decision bar, every decision bar with at least one; ``notes`` say what did not fit."""

    candles: Candles
    quality: QualityReport
    notes: tuple[str, ...]


def load_detail(
    decision: Candles,
    symbol: str,
    timeframe: str | Timeframe,
    *,
    gaps: GapPolicy = GapPolicy.AUTO,
    paths: Paths | None = None,
    on_progress: OnProgress | None = None,
    stop: threading.Event | None = None,
) -> LoadedDetail:
    """Return the candles of ``timeframe`` for the time of ``decision``, loaded as those are: from the store or the venue.

    ``symbol`` is what the venue calls the market, for LOCAL the file: it has to hold the finer candles, of which the decision bars are
    made too. ``gaps`` is applied to them as to any candles. Raises DataError for a decision bar without any of them, and whatever
    ``load_candles`` raises.
    """
    loaded = load_candles(
        decision.market.exchange, symbol, timeframe, int(decision.open_ms[0]), decision.end_ms,
        gaps=gaps, paths=paths, on_progress=on_progress, stop=stop,
    )  # fmt: skip
    fitting, notes = align(decision, loaded.candles)
    return LoadedDetail(fitting, loaded.quality, notes)


def align(decision: Candles, detail: Candles) -> tuple[Candles, tuple[str, ...]]:
    """Return the bars of ``detail`` that lie in a bar of ``decision``, and sentences on what did not fit.

    DataError when a decision bar has none: what happened in it is not known, and nothing could fill there.
    """
    place = np.searchsorted(decision.open_ms, detail.open_ms, side="right") - 1
    inside = (place >= 0) & (detail.open_ms < decision.open_ms[place] + decision.timeframe.ms)
    present = np.bincount(place[inside], minlength=len(decision))
    if (empty := np.flatnonzero(present == 0)).size:
        first = format_utc(int(decision.open_ms[empty[0]]))
        raise DataError(
            f"{detail.market}: {len(empty):,} of {len(decision):,} {decision.timeframe} bars have no {detail.timeframe} candle, the first "
            f"at {first} UTC, so that nothing could fill there. Set gaps to fill (bars without trades), choose dates without such holes, "
            "or leave execution.detail_timeframe out."
        )
    dropped = int((~inside).sum())
    fitting = detail if not dropped else _rows(detail, inside)
    return fitting, (*_dropped_note(decision, detail, dropped), *_difference_note(decision, fitting, place[inside]))


def _dropped_note(decision: Candles, detail: Candles, dropped: int) -> tuple[str, ...]:
    if not dropped:
        return ()
    return (f"{detail.market}: {dropped:,} candles lie where there is no {decision.timeframe} bar; they are left out.",)


def _difference_note(decision: Candles, detail: Candles, place: NDArray[np.int64]) -> tuple[str, ...]:
    """Say in how many bars the two tell different prices: fills follow the detail candles, decisions the others."""
    firsts = np.flatnonzero(np.diff(place, prepend=-1))
    lasts = np.append(firsts[1:], len(place)) - 1
    finer = (detail.open[firsts], np.maximum.reduceat(detail.high, firsts), np.minimum.reduceat(detail.low, firsts), detail.close[lasts])
    coarse = (decision.open, decision.high, decision.low, decision.close)
    apart = np.max([np.abs(fine - whole) / whole for fine, whole in zip(finer, coarse, strict=True)], axis=0)
    differing = int((apart > _SAME_PRICE).sum())
    if not differing:
        return ()
    sentence = (
        f"{detail.market}: in {differing:,} of {len(decision):,} {decision.timeframe} bars these candles have another open, high, low or "
        f"close than the bar itself (by {apart.max():.3%} at most): orders fill on these, the strategy decides on the bars."
    )
    return (sentence,)


def _rows(candles: Candles, chosen: NDArray[np.bool_]) -> Candles:
    names = ("open", "high", "low", "close", "volume", *(["quote_volume"] if candles.quote_volume is not None else []))
    columns = {"timestamp": candles.open_ms[chosen]} | {name: getattr(candles, name)[chosen] for name in names}
    return Candles.from_arrays(candles.market, columns, has_volume=candles.has_volume, synthetic=candles.synthetic)
