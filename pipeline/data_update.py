"""Bringing the candle store up to date, and telling what came of it."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.clock import format_utc
from core.market import Market
from exchanges import ExchangeManager
from market_data.fetching import FetchProgress, OnProgress
from market_data.store.revisions import describe
from market_data.updating import SeriesUpdate, update_all
from pipeline.data_rows import NOTHING
from pipeline.data_session import DataSession
from pipeline.progress import ProgressReport
from pipeline.tables import TableData, cell


@dataclass(frozen=True, slots=True)
class Round:
    """One update: the series that were asked for, and what became of them; a series without a report was left when it was stopped."""

    wanted: tuple[Market, ...]
    updates: tuple[SeriesUpdate, ...]

    @property
    def added(self) -> int:
        """The number of new bars."""
        return sum(update.added for update in self.updates)

    @property
    def revised(self) -> int:
        """The number of bars that the venues have changed."""
        return sum(len(update.revisions) for update in self.updates)

    @property
    def troubles(self) -> tuple[tuple[str, str], ...]:
        """What went wrong, each once: the series it concerns, and the message."""
        concerned: dict[str, list[Market]] = {}
        for update in self.updates:
            if update.trouble:
                concerned.setdefault(update.trouble, []).append(update.market)
        return tuple((_named(markets), trouble) for trouble, markets in concerned.items())


def update_store(
    session: DataSession,
    choose: Callable[[], Sequence[Market]],
    *,
    stop: threading.Event,
    on_progress: OnProgress | None = None,
) -> Round:
    """Bring the series that ``choose`` returns up to date; see ``update_all``. Raises what ``choose`` raises."""
    markets, manager = tuple(choose()), ExchangeManager()
    updates = update_all(session.store, markets, lambda name: manager.get(name, session.paths), stop=stop, on_progress=on_progress)
    return Round(markets, tuple(updates))


def venue_progress(report: ProgressReport) -> OnProgress:
    """Return what shows a bar for every venue, in candles."""

    def tell(progress: FetchProgress) -> None:
        report.report(progress.market.exchange, progress.done, progress.total)

    return tell


def update_table(done: Round) -> TableData:
    """Return what became of every series."""
    rows = tuple(
        (
            str(update.market),
            cell(update.added),
            cell(len(update.revisions)) if update.revisions else NOTHING,
            NOTHING if update.end_ms is None else format_utc(update.end_ms),
            "failed" if update.trouble else "ok",
        )
        for update in done.updates
    )
    return TableData("Stored series", ("series", "new bars", "revised", "up to (UTC)", ""), rows, (0, 4))


def say_revisions(session: DataSession, done: Round) -> None:
    """Name the bars that venues have changed."""
    for update in done.updates:
        if update.revisions:
            session.screen.warning(f"{update.market}: {describe(update.revisions)}. The new values are used.")


def _named(markets: Sequence[Market]) -> str:
    """Return ``BINANCE BTCUSDT 1h``, or ``BINANCE BTCUSDT 1h and 11 more``."""
    return str(markets[0]) if len(markets) == 1 else f"{markets[0]} and {len(markets) - 1:,} more"
