"""Funding rates of a perpetual: from the store, or fetched and stored; and what is to be said where some are missing."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.clock import format_utc
from core.clock import now_ms as clock_ms
from core.funding import FundingRates
from core.paths import Paths
from core.timeframe import DAY_MS, MINUTE_MS
from exchanges.base import FundingExchange
from exchanges.manager import ExchangeManager
from exchanges.span import require_forward
from market_data.fetch_saving import SETTLED_AFTER_MS
from market_data.fetching import PagedExchange
from market_data.store.funding_store import FundingStore
from market_data.store.intervals import Interval, Intervals

HOUR_MS = 3_600_000
# No venue waits longer from one funding to the next.
LONGEST_INTERVAL_MS = 8 * HOUR_MS
# A rate is missing where the next one comes this much later than is usual there; venues are some milliseconds late.
_LATE = 1.5
_NEIGHBOURS = 5
_LISTED = 3

OnRates = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class LoadedFunding:
    """The rates to charge, and what is to be known about them.

    ``told`` rates are the venue's own. ``holes`` are the ranges (UTC ms, end exclusive) in which it told none although some were due; there
    the constant ``assumed_rate`` stands in, ``assumed`` times in all (0: nothing is charged there). ``notes`` say all that in sentences.
    """

    market: str
    rates: FundingRates
    told: int
    holes: Intervals
    assumed: int
    assumed_rate: float
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the facts by name, ready for JSON; the rates themselves by their digest."""
        return {
            "source": f"{self.market}, rates told by the venue", "told": self.told, "holes": self.holes, "assumed": self.assumed,
            "assumed_rate": self.assumed_rate, "digest": self.rates.digest, "warnings": self.notes,
        }  # fmt: skip


def load_funding(
    exchange: str,
    symbol: str,
    start_ms: int,
    end_ms: int,
    *,
    assumed_rate: float = 0.0,
    interval_hours: int = 8,
    paths: Paths | None = None,
    on_rates: OnRates | None = None,
    stop: threading.Event | None = None,
) -> LoadedFunding | None:
    """Return the funding due with ``start_ms <= time < end_ms`` (UTC ms); None for an exchange that tells no rates.

    The venue is asked only for what is not stored, and every answer is stored before the next question. Where rates are missing the
    constant ``assumed_rate`` is put at every whole multiple of ``interval_hours`` since 1970, and ``notes`` say so: nothing is ever 0
    without a word. ``on_rates`` is told (rates that came, rates to come, roughly); when ``stop`` is set KeyboardInterrupt is raised.
    Raises ConfigError for an unknown exchange or symbol, DataError for rates that are not as documented, CorruptFileError for a damaged
    file of the store, APIError when the venue cannot be asked.
    """
    require_forward(start_ms, end_ms)
    folders = paths or Paths.default()
    venue = ExchangeManager().get(exchange, folders)
    if not isinstance(venue, FundingExchange):
        return None
    spelled, store = venue.spelling(symbol) if isinstance(venue, PagedExchange) else symbol, FundingStore(folders)
    # The rate before the first one says how long the venue waits from one to the next.
    begin, until = start_ms - LONGEST_INTERVAL_MS, min(end_ms, clock_ms())
    if begin < until:
        _fetch_missing(venue, store, spelled, begin, until, on_rates, stop)
    stored = store.read(venue.name, spelled).rates
    return judged(f"{venue.name} {spelled}", stored, start_ms, max(until, start_ms + 1), assumed_rate, interval_hours)


def judged(market: str, stored: FundingRates, start_ms: int, end_ms: int, assumed_rate: float, interval_hours: int) -> LoadedFunding:
    """Return the rates of the range among ``stored``, with a constant in place of those that are missing."""
    inside = (stored.time_ms >= start_ms) & (stored.time_ms < end_ms)
    times, rates = stored.time_ms[inside], stored.rate[inside]
    holes = find_funding_holes(stored.time_ms, start_ms, end_ms)
    added = _multiples(holes, interval_hours * HOUR_MS, times) if assumed_rate else np.zeros(0, np.int64)
    every = np.concatenate((times, added))
    order = np.argsort(every, kind="stable")
    due = FundingRates(every[order], np.concatenate((rates, np.full(len(added), assumed_rate)))[order])
    notes = _notes(market, holes, len(times), end_ms - start_ms, len(added), assumed_rate, interval_hours)
    return LoadedFunding(market, due, len(times), holes, len(added), assumed_rate if len(added) else 0.0, notes)


def find_funding_holes(time_ms: NDArray[np.int64], start_ms: int, end_ms: int) -> Intervals:
    """Return the ranges between ``start_ms`` and ``end_ms`` in which funding was due and no rate is known.

    ``time_ms`` may hold times around the range. One is missing where the next comes much later than is usual among its neighbours, or
    than eight hours; before the first and after the last rate, where more than eight hours pass.
    """
    near = time_ms[(time_ms >= start_ms - LONGEST_INTERVAL_MS) & (time_ms < end_ms)]
    if not len(near):
        return ((start_ms, end_ms),)
    holes: list[Interval] = []
    if near[0] - start_ms > LONGEST_INTERVAL_MS:
        holes.append((start_ms, int(near[0])))
    steps = np.diff(near)
    suspects = np.flatnonzero(steps > _LATE * (steps.min() if len(steps) else 0))
    holes += [(int(near[at]), int(near[at + 1])) for at in suspects.tolist() if steps[at] > _LATE * _usual(steps, at)]
    if end_ms - near[-1] > _LATE * (min(steps[-_NEIGHBOURS:].max(), LONGEST_INTERVAL_MS) if len(steps) else LONGEST_INTERVAL_MS):
        holes.append((int(near[-1]), end_ms))
    # The rate at which a hole begins is known.
    clipped = ((max(begin + 1 if begin != start_ms else begin, start_ms), min(end, end_ms)) for begin, end in holes)
    return tuple(each for each in clipped if each[0] < each[1])


def _usual(steps: NDArray[np.int64], at: int) -> float:
    """Return how long the venue waits there: the longer median of the steps before and after, at most eight hours.

    Near an end, where few steps say what was usual before a change, the next step counts as well.
    """
    before, after = steps[max(at - _NEIGHBOURS, 0) : at], steps[at + 1 : at + 1 + _NEIGHBOURS]
    waits = [float(np.median(side)) for side in (before, after) if len(side)]
    if min(len(before), len(after)) < _NEIGHBOURS:
        waits += [float(side) for side in (*before[-1:], *after[:1])]
    return min(max(waits, default=LONGEST_INTERVAL_MS), LONGEST_INTERVAL_MS)


def _multiples(holes: Intervals, step_ms: int, told_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the whole multiples of ``step_ms`` inside the holes, but for one that a rate told a moment later stands for."""
    found = [np.arange(-(-start // step_ms) * step_ms, end, step_ms, dtype=np.int64) for start, end in holes]
    every = np.concatenate(found) if found else np.zeros(0, np.int64)
    following = np.searchsorted(told_ms, every)
    told = following < len(told_ms)
    told[told] = told_ms[following[told]] - every[told] < MINUTE_MS
    return every[~told]


def _fetch_missing(
    venue: FundingExchange, store: FundingStore, symbol: str, start_ms: int, end_ms: int, on_rates: OnRates | None,
    stop: threading.Event | None,
) -> None:  # fmt: skip
    """Ask for what is not stored; the end of a range counts as answered only when it lies some days back, for a rate may come late."""
    settled_ms, done = clock_ms() - SETTLED_AFTER_MS, 0
    missing = store.missing(venue.name, symbol, start_ms, end_ms)
    total = sum(end - start for start, end in missing) // LONGEST_INTERVAL_MS
    for start, end in missing:
        for page in venue.funding_pages(symbol, start, end):
            answered = max(min(page.end_ms, settled_ms), int(page.time_ms[-1]) + 1 if len(page.time_ms) else 0)
            if answered > page.start_ms:
                store.merge(venue.name, symbol, FundingRates(page.time_ms, page.rate), (page.start_ms, answered))
            done += len(page.time_ms)
            if on_rates is not None:
                on_rates(done, max(total, done))
            if stop is not None and stop.is_set():
                raise KeyboardInterrupt


def _notes(
    market: str, holes: Intervals, told: int, span_ms: int, assumed: int, assumed_rate: float, interval_hours: int
) -> tuple[str, ...]:  # fmt: skip
    if not holes:
        return ()
    days = sum(end - start for start, end in holes) / DAY_MS
    whole = not told and days * DAY_MS >= span_ms
    what = f"the venue tells no funding rate for {'the whole span' if whole else f'{days:,.1f} days of the span'}, UTC: {_listed(holes)}"
    if assumed:
        did = f"The constant execution.funding_rate, {assumed_rate:.4%} every {interval_hours} h, is charged instead ({assumed:,} times)"
    else:
        did = "No funding is charged there: positions held then look cheaper or dearer than they were. execution.funding_rate assumes one"
    return (f"{market}: {what}. {did}.",)


def _listed(holes: Sequence[Interval]) -> str:
    texts = [f"{format_utc(start // 60_000 * 60_000)} to {format_utc(end // 60_000 * 60_000)}" for start, end in holes[:_LISTED]]
    return "; ".join(texts) + (f"; and {len(holes) - _LISTED:,} more" if len(holes) > _LISTED else "")
