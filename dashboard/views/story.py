"""The story of one trade or entry as a page shows it: the bars from its signal to its end, what happened in each, the levels then."""

from collections.abc import Sequence
from typing import Any

from backtest_engine.explain import BarStory
from core.errors import DataError
from reporting.trade_story import levels_of

# A trade that was held for longer is told by the bars in which something happened.
MAX_BARS = 400


def story_view(story: Sequence[BarStory]) -> dict[str, Any]:
    """Return ``bars`` (time in UTC ms, prices, volume, equity, levels by name, events as sentences), ``total`` and a ``note``."""
    told = list(story)
    if len(told) > MAX_BARS:
        eventful = [bar for bar in told[1:-1] if bar.events]
        told = [told[0], *eventful[: MAX_BARS - 2], told[-1]]
    skipped = len(story) - len(told)
    note = f"{skipped} bars in which nothing happened, or too much to list here, are left out." if skipped else ""
    return {"bars": [_bar(bar) for bar in told], "total": len(story), "note": note}


def require_same(story: Sequence[BarStory], first: int, last: int, bar_ms: int) -> None:
    """Raise DataError unless the story holds ``first`` and ends in ``last`` (UTC ms), the times of the stored trade or entry.

    Another version of the program may simulate another trade of that number; its story must not be told for this one.
    """
    if not (story[0].open_ms <= first < story[-1].open_ms + bar_ms and story[-1].open_ms <= last < story[-1].open_ms + bar_ms):
        raise DataError("this version of the program simulates another trade of that number, so that there is no story of this one.")


def _bar(bar: BarStory) -> dict[str, Any]:
    return {
        "time": bar.open_ms, "open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close, "volume": bar.volume,
        "equity": bar.equity, "levels": dict(levels_of(bar)), "events": list(bar.events),
    }  # fmt: skip
