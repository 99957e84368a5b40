"""Downloading many candles: several symbols and ranges at once, within a venue's limits, from its archive where that pays."""

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import APIError, ConfigError, DataError, PipelineError
from core.market import Market
from core.timeframe import Timeframe
from exchanges.archive import ArchiveFile, archive_http, fetch_file, has_archive, plan_archive, uncovered
from exchanges.http_replies import HttpReply
from exchanges.limits import Limiter
from exchanges.paging import plan_pages
from exchanges.parallel_http import Call, ParallelHttp
from exchanges.parallel_pages import fetch_page
from exchanges.parallel_parts import Part, Piece, Series, split_at_holes
from exchanges.rest_exchange import RestExchange

__all__ = ["DownloadSettings", "Part", "Progress", "SeriesRange", "download", "plan_series"]

_LOG = logging.getLogger(__name__)
_STOP_LOOK_S = 0.05
# The archive is asked when it saves at least this many pages.
_WORTH_PAGES = 20


@dataclass(frozen=True, slots=True)
class SeriesRange:
    """A series to download: bars with ``start_ms <= open < end_ms``, None as far as there are any."""

    symbol: str
    timeframe: Timeframe
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is: bars so far, requests done and in all, and bars per second since it began."""

    bars: int
    done: int
    total: int
    bars_per_second: float


@dataclass(frozen=True, slots=True)
class DownloadSettings:
    """How a download works: requests under way at once to the venue and to its archive, pages per part, and whose budget is spent.

    ``limiter`` None is the exchange's own, and with it its share of the venue's limit (half unless set otherwise). ``archive`` False
    leaves the archive alone.
    """

    connections: int = 16
    archive_connections: int = 4
    part_pages: int = 50
    limiter: Limiter | None = None
    archive: bool = True


def download(
    exchange: RestExchange,
    ranges: Sequence[SeriesRange],
    on_part: Callable[[Part], None],
    *,
    on_progress: Callable[[Progress], None] | None = None,
    settings: DownloadSettings | None = None,
    stop: threading.Event | None = None,
) -> bool:
    """Download ``ranges`` and hand every part to ``on_part`` once, those of a series oldest first; return whether all of it came.

    Together the parts hold the bars that ``exchange.fetch`` returns, range by range. When ``stop`` is set (the answer is False), at
    Ctrl-C (KeyboardInterrupt) and at an error, every page that is there is handed over first, also those behind a page that is not.
    ``on_part`` and ``on_progress`` are called in this thread, between the answers. Raises what ``exchange.fetch_page`` raises, and
    ConfigError for a venue that shows candles only to accounts; an archive that is unreachable or damaged is told in the log, and what
    it should hold comes by REST.
    """
    if not exchange.facts.parallel:
        raise ConfigError(f"{exchange.name} is read by way of ccxt, which is not downloaded in parallel. Use its fetch.")
    if not exchange.facts.public:
        raise ConfigError(f"{exchange.name} shows its candles only to accounts; they are not downloaded in parallel. Use its fetch.")
    settings = settings or DownloadSettings()
    planned = [plan_series(exchange, each, settings) for each in ranges]
    return asyncio.run(_Download(exchange, planned, on_part, on_progress, settings, stop).run())


def plan_series(exchange: RestExchange, wanted: SeriesRange, settings: DownloadSettings) -> tuple[Series, list[Piece]]:
    """Return a series and the pieces to fetch for it, oldest first. Asks the venue for its time, and where its bars begin."""
    timeframe = wanted.timeframe
    now_ms, pages = exchange.plan(wanted.symbol, timeframe, wanted.start_ms, wanted.end_ms)
    market = Market(exchange.name, exchange.spelling(wanted.symbol), timeframe)
    pieces = [Piece(start, end) for start, end in pages]
    if pages and settings.archive and _archive_is_ours(exchange):
        begin, end = pages[0][0], pages[-1][1]
        files = plan_archive(exchange.name, market.symbol, timeframe, begin, end, now_ms, page_bars=exchange.facts.page_bars)
        if sum(file.wanted_until_ms - file.wanted_from_ms for file in files) >= _WORTH_PAGES * exchange.facts.page_bars * timeframe.ms:
            pieces = _with_files(exchange, timeframe, files, begin, end)
    return Series(market, now_ms, pieces, settings.part_pages, has_volume=exchange.has_volume), pieces


def _archive_is_ours(exchange: RestExchange) -> bool:
    """Return whether the archive belongs to where we download from: not when only the venue's address was replaced."""
    own_address = exchange.http.base_url == exchange.facts.base_url.rstrip("/")
    return has_archive(exchange.name) and (own_address or bool(os.environ.get(f"{exchange.name}_ARCHIVE_URL")))


def _with_files(exchange: RestExchange, timeframe: Timeframe, files: Sequence[ArchiveFile], begin: int, end: int) -> list[Piece]:
    pieces = [Piece(file.wanted_from_ms, file.wanted_until_ms, file) for file in files]
    for start, until in uncovered(files, begin, end):
        pieces += _pages(exchange, timeframe, start, until)
    return sorted(pieces, key=lambda piece: piece.start_ms)


def _pages(exchange: RestExchange, timeframe: Timeframe, start_ms: int, end_ms: int) -> list[Piece]:
    return [Piece(start, end) for start, end in plan_pages(start_ms, end_ms, timeframe.ms, exchange.facts.page_bars)]


class _Download:
    """One download: workers that take pieces from two lines, one for the venue and one for its archive."""

    def __init__(
        self,
        exchange: RestExchange,
        planned: Sequence[tuple[Series, list[Piece]]],
        on_part: Callable[[Part], None],
        on_progress: Callable[[Progress], None] | None,
        settings: DownloadSettings,
        stop: threading.Event | None,
    ) -> None:
        self._exchange, self._on_part, self._on_progress, self._settings = exchange, on_part, on_progress, settings
        self._stop = stop
        self._task: asyncio.Task[bool] | None = None
        self._series = [series for series, _pieces in planned]
        todo = [(series, piece) for series, pieces in planned for piece in pieces]
        self._total, self._done, self._bars = len(todo), 0, 0
        self._pages: asyncio.Queue[tuple[Series, Piece] | None] = asyncio.Queue()
        self._files = [each for each in reversed(todo) if each[1].file is not None]
        for each in todo:
            if each[1].file is None:
                self._pages.put_nowait(each)
        self._clock = exchange.http.clock
        self._began = self._clock.monotonic()
        self._stopped = False

    async def run(self) -> bool:
        self._task = asyncio.current_task()
        looking = asyncio.create_task(self._look_for_stop())
        try:
            await self._work()
        except asyncio.CancelledError:
            if not self._stopped:
                raise
            return False
        except BaseExceptionGroup as group:
            raise _first(group) from None
        finally:
            looking.cancel()
            self._hand_over(everything=True)
        return True

    async def _look_for_stop(self) -> None:
        while not self._stopped:
            self._obey_stop()
            await asyncio.sleep(_STOP_LOOK_S)

    def _obey_stop(self) -> None:
        if self._stop is not None and self._stop.is_set() and not self._stopped and self._task is not None:
            self._stopped = True
            self._task.cancel()

    async def _work(self) -> None:
        settings, exchange = self._settings, self._exchange
        async with (
            ParallelHttp.beside(exchange.http, limiter=settings.limiter) as http,
            archive_http(exchange.facts, clock=self._clock) as archive,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(settings.connections):
                group.create_task(self._fetch_pages(http))
            await self._fetch_files(archive)
            for _ in range(settings.connections):
                self._pages.put_nowait(None)

    async def _fetch_files(self, archive: ParallelHttp) -> None:
        async def work() -> None:
            while self._files:
                series, piece = self._files.pop()
                await self._fetch_file(archive, series, piece)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._settings.archive_connections, len(self._files))):
                group.create_task(work())

    async def _fetch_file(self, archive: ParallelHttp, series: Series, piece: Piece) -> None:
        assert piece.file is not None
        try:
            part = await fetch_file(archive, piece.file)
        except (APIError, DataError) as error:
            _LOG.warning("%s; %s comes by REST instead", str(error).rstrip("."), piece.file.stem)
            part = None
        if part is not None and part.candles is not None:
            _LOG.debug("%s: %d bars from %s", series.market, len(part.candles), part.source)
            # What a file lacks the venue may have all the same.
            self._replace(series, piece, split_at_holes(Part(series.market, piece.start_ms, piece.end_ms, part.candles, part.source)))
            self._finish(len(part.candles))
            return
        if part is not None:
            _LOG.info("The archive has no bars of %s, or no checksum of it; %s comes by REST instead", series.market, piece.file.stem)
        self._replace(series, piece, [Piece(piece.start_ms, piece.end_ms)])
        self._total -= 1

    def _replace(self, series: Series, piece: Piece, others: Sequence[Piece]) -> None:
        """Put ``others`` in the place of a file, those without an answer as pages that REST is asked for."""
        pieces: list[Piece] = []
        for each in others:
            pieces += [each] if each.found is not None else _pages(self._exchange, series.market.timeframe, each.start_ms, each.end_ms)
        series.replace(piece, pieces)
        pages = [each for each in pieces if each.found is None]
        self._total += len(pages)
        for page in pages:
            self._pages.put_nowait((series, page))

    async def _fetch_pages(self, http: ParallelHttp) -> None:
        async def ask(call: Call) -> HttpReply:
            reply = await http.get(call)
            assert reply is not None
            return reply

        while (taken := await self._pages.get()) is not None:
            series, piece = taken
            market = series.market
            piece.found = await fetch_page(
                self._exchange, ask, market.symbol, market.timeframe, piece.start_ms, piece.end_ms, series.now_ms
            )
            self._finish(len(piece.found["timestamp"]))

    def _finish(self, bars: int) -> None:
        self._done, self._bars = self._done + 1, self._bars + bars
        self._hand_over()
        if self._on_progress is not None:
            seconds = self._clock.monotonic() - self._began
            self._on_progress(Progress(self._bars, self._done, self._total, self._bars / seconds if seconds > 0 else 0.0))
        self._obey_stop()

    def _hand_over(self, *, everything: bool = False) -> None:
        for series in self._series:
            for part in series.finished(everything=everything):
                self._on_part(part)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error to show: the product's own before others."""
    errors: list[BaseException] = []
    queue: list[BaseException] = [group]
    while queue:
        each = queue.pop(0)
        if isinstance(each, BaseExceptionGroup):
            queue.extend(each.exceptions)
        else:
            errors.append(each)
    return next((error for error in errors if isinstance(error, PipelineError)), errors[0])
