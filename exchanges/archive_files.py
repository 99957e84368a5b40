"""Which files of Binance's bulk archive hold a range of time, and where each of them lies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote

from core.clock import ms_from_datetime, utc_from_ms
from core.errors import ConfigError
from core.market import Market
from core.timeframe import DAY_MS, Timeframe

ARCHIVE_URL = "https://data.binance.vision"
# 2025-01-01: the spot files of this day and later count microseconds.
_MICROSECONDS_FROM_MS = 1_735_689_600_000
# A month of which fewer days are wanted is not downloaded whole.
_LEAST_DAYS_OF_MONTH = 8
_MONDAY = 0


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """Where a venue's part of the archive lies; files of ``microseconds_from_ms`` and later count microseconds (None: none do)."""

    exchange: str
    folder: str
    microseconds_from_ms: int | None


ARCHIVES = {
    facts.exchange: facts
    for facts in (
        ArchiveFacts("BINANCE", "data/spot", _MICROSECONDS_FROM_MS),
        ArchiveFacts("BINANCEUSDM", "data/futures/um", None),
    )
}


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """One zip of the archive: the bars of ``market`` that open in [``start_ms``, ``end_ms``), a UTC month or day.

    [``wanted_from_ms``, ``wanted_until_ms``) is the part of it that was asked for.
    """

    market: Market
    span: Literal["monthly", "daily"]
    start_ms: int
    end_ms: int
    wanted_from_ms: int
    wanted_until_ms: int

    @property
    def stem(self) -> str:
        """The name without suffix, e.g. ``BTCUSDT-1m-2024-10`` or ``BTCUSDT-1m-2024-10-03``."""
        date = utc_from_ms(self.start_ms).strftime("%Y-%m" if self.span == "monthly" else "%Y-%m-%d")
        return f"{self.market.symbol}-{self.market.timeframe}-{date}"

    @property
    def name(self) -> str:
        """The name of the zip."""
        return f"{self.stem}.zip"

    @property
    def member(self) -> str:
        """The name of the only file inside."""
        return f"{self.stem}.csv"

    @property
    def path(self) -> str:
        """The path on the archive's host, percent-encoded, beginning with a slash."""
        folder = ARCHIVES[self.market.exchange].folder
        return quote(f"/{folder}/{self.span}/klines/{self.market.symbol}/{self.market.timeframe}/{self.name}")

    @property
    def checksum_path(self) -> str:
        """The path of the file that holds the zip's SHA-256."""
        return f"{self.path}.CHECKSUM"

    @property
    def in_microseconds(self) -> bool:
        """Whether times inside count microseconds; told by the file's date, never by the size of the numbers."""
        since = ARCHIVES[self.market.exchange].microseconds_from_ms
        return since is not None and self.start_ms >= since

    @property
    def most_bars(self) -> int:
        """The number of bars when none is missing."""
        return (self.end_ms - self.start_ms) // self.market.timeframe.ms


def has_archive(exchange: str) -> bool:
    """Return whether there is an archive of ``exchange``."""
    return exchange in ARCHIVES


def plan_archive(
    exchange: str, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int, now_ms: int, *, page_bars: int = 1000
) -> list[ArchiveFile]:
    """Return the published files worth fetching for the bars with ``start_ms <= open < end_ms``, oldest first, none overlapping.

    Complete months come as monthly files, the days of a running month as daily ones; what no file covers (``uncovered``) is left to
    REST, and so is a file that would hold no more bars than one REST page of ``page_bars``. Raises ConfigError for an exchange without
    an archive and for a symbol that cannot be part of an address.
    """
    if exchange not in ARCHIVES:
        raise ConfigError(f"there is no bulk archive of {exchange}; there is one of {', '.join(ARCHIVES)}. Download by REST.")
    market = Market(exchange, _safe(symbol), timeframe)
    if timeframe.offset_ms or timeframe.ms > DAY_MS:
        return []
    files: list[ArchiveFile] = []
    for month_start, month_end in _months(start_ms, end_ms):
        first, last = max(start_ms, month_start), min(end_ms, month_end)
        whole_enough = last - first >= _LEAST_DAYS_OF_MONTH * DAY_MS
        if whole_enough and now_ms >= _monthly_published_ms(month_end):
            files.append(ArchiveFile(market, "monthly", month_start, month_end, first, last))
        else:
            files += _days(market, first, last, now_ms)
    return [file for file in files if file.most_bars > page_bars]


def uncovered(files: Sequence[ArchiveFile], start_ms: int, end_ms: int) -> list[tuple[int, int]]:
    """Return the ranges inside [``start_ms``, ``end_ms``) that ``files`` (oldest first) were not asked for, oldest first."""
    edges = [start_ms, *(ms for file in files for ms in (file.wanted_from_ms, file.wanted_until_ms)), end_ms]
    return [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if begin < end]


def _months(start_ms: int, end_ms: int) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of every UTC month that overlaps the range."""
    month = utc_from_ms(start_ms).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while ms_from_datetime(month) < end_ms:
        following = _next_month(month)
        yield ms_from_datetime(month), ms_from_datetime(following)
        month = following


def _next_month(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def _days(market: Market, first_ms: int, last_ms: int, now_ms: int) -> Iterator[ArchiveFile]:
    """Yield the daily files of the days that lie whole in the range and are published: from one day after their end."""
    for day in range(first_ms + -first_ms % DAY_MS, last_ms - DAY_MS + 1, DAY_MS):
        if now_ms >= day + 2 * DAY_MS:
            yield ArchiveFile(market, "daily", day, day + DAY_MS, day, day + DAY_MS)


def _monthly_published_ms(month_end_ms: int) -> int:
    """Return when a month is there for sure: the end of the first Monday after it."""
    first = utc_from_ms(month_end_ms)
    return month_end_ms + ((_MONDAY - first.weekday()) % 7 + 1) * DAY_MS


def _safe(symbol: str) -> str:
    """Return ``symbol``; it becomes part of paths and of a file's name, and must not lead anywhere else."""
    if not symbol or symbol.startswith(".") or not symbol.isprintable() or any(each in symbol for each in "/\\ "):
        raise ConfigError(f"symbol {symbol!r} cannot be part of an address. Use the venue's spelling, e.g. BTCUSDT.")
    return symbol
