"""How far a fetch is, counted in bars: those that came, and those that may still come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.market import Market
from exchanges.archive import has_archive
from exchanges.calendars import calendar_of
from exchanges.parallel import Part, Progress
from exchanges.rest_exchange import RestExchange
from market_data.store.intervals import Interval


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """``done`` bars came, of ``total`` that there should be by now: time without bars is taken off; ``market`` is the latest at work."""

    done: int
    total: int
    market: Market


OnProgress = Callable[[FetchProgress], None]
Job = tuple[Market, Interval]


class Meter:
    """Turns the answers for some ranges of some markets into progress."""

    def __init__(self, on_progress: OnProgress | None, jobs: Sequence[Job]) -> None:
        self._on_progress, self._jobs = on_progress, list(jobs)
        self._total = sum(bars_between(market, *span) for market, span in jobs)
        self._done = 0
        self._told: tuple[int, int] | None = None
        self._reached: dict[Job, int] = {}

    def take(self, job: Job, part: Part) -> None:
        """Count one answer of a range whose answers come oldest first."""
        market, span = job
        if job not in self._reached:
            # Before its first bar a venue is not asked.
            self._total -= bars_between(market, span[0], part.start_ms)
        self._reached[job] = part.end_ms
        self._done += part.bars
        self._total -= bars_between(market, part.start_ms, part.end_ms) - part.bars
        self._tell(market)

    def finish(self, job: Job) -> None:
        """Take the rest of a range off the count: there is nothing in it."""
        market, span = job
        self._total -= bars_between(market, self._reached.get(job, span[0]), span[1])
        if not self._jobs or job != self._jobs[-1]:
            return
        self._total = self._done
        self._tell(market)

    def of_download(self, exchange: RestExchange) -> Callable[[Progress], None] | None:
        """Return what a download of all ranges at once has to call."""
        if self._on_progress is None:
            return None
        # The requests of an archive are of very different sizes; else they are alike, and tell how many bars are left out.
        by_bars = has_archive(exchange.name)
        market = self._jobs[-1][0]
        planned = sum(_planned(exchange, *job) for job in self._jobs)

        def tell(progress: Progress) -> None:
            open_share = planned * (progress.total - progress.done) // max(progress.total, 1)
            to_come = max(planned - progress.bars, 0) if by_bars and progress.done < progress.total else open_share
            self._done, self._total = progress.bars, progress.bars + to_come
            self._tell(market)

        return tell

    def _tell(self, market: Market) -> None:
        state = (self._done, self._total)
        if self._on_progress is not None and state != self._told:
            self._told = state
            self._on_progress(FetchProgress(self._done, self._total, market))


def bars_between(market: Market, start_ms: int, end_ms: int) -> int:
    """Return how many bars there should be with ``start_ms <= open < end_ms``."""
    calendar = calendar_of(market.exchange)
    if calendar is not None:
        return len(calendar.expected_opens(market.timeframe, start_ms, end_ms)) if end_ms > start_ms else 0
    return max(-(-(end_ms - start_ms) // market.timeframe.ms), 0)


def _planned(exchange: RestExchange, market: Market, span: Interval) -> int:
    """Return how many bars will be asked for: none from before the venue's first one."""
    _now_ms, pages = exchange.plan(market.symbol, market.timeframe, *span)
    return bars_between(market, pages[0][0], pages[-1][1]) if pages else 0
