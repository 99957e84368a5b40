"""The bars of a live stream and the order they leave in: each closed bar once, none left out."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from math import inf

import numpy as np

from core.candle_checks import PRICE_NAMES, find_value_violations
from core.candles import Candles
from core.market import Market


@dataclass(frozen=True, slots=True)
class Bar:
    """One closed bar: ``open_ms`` UTC milliseconds, prices in the quote currency, ``volume`` as the venue's candles count it."""

    open_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: float | None = None

    @property
    def is_sound(self) -> bool:
        """Whether it keeps the candle contract."""
        prices = {name: np.array([getattr(self, name)]) for name in PRICE_NAMES}
        volumes_bad = self.quote_volume is not None and not 0 <= self.quote_volume < inf
        return not volumes_bad and not find_value_violations(np.array([self.open_ms]), prices, np.array([self.volume]))


def bars_of(candles: Candles | None) -> list[Bar]:
    """Return ``candles`` bar by bar; none for None."""
    if candles is None:
        return []
    quotes = [None] * len(candles) if candles.quote_volume is None else candles.quote_volume.tolist()
    columns = (candles.open_ms, candles.open, candles.high, candles.low, candles.close, candles.volume)
    return [Bar(*values) for values in zip(*(column.tolist() for column in columns), quotes, strict=True)]


def candles_of(market: Market, bars: Sequence[Bar], *, has_volume: bool = True) -> Candles:
    """Return ``bars``, oldest first, as checked candles; the quote volume only when every bar has one. DataError for none or bad ones."""
    names = ("timestamp", *PRICE_NAMES, "volume", "quote_volume")
    columns = dict(zip(names, zip(*(astuple(bar) for bar in bars), strict=True), strict=True)) if bars else dict.fromkeys(names, ())
    if any(bar.quote_volume is None for bar in bars):
        del columns["quote_volume"]
    return Candles.from_arrays(market, columns, has_volume=has_volume)


@dataclass(frozen=True, slots=True)
class Update:
    """What one message of a venue says.

    Every bar that opened before ``open_ms`` is closed. ``bar`` is the one that opened then, when it is closed too; ``traded`` says
    that the bar which opened then exists, closed or not.
    """

    open_ms: int
    bar: Bar | None = None
    traded: bool = True


class BarOrder:
    """Knows which bar is next, lets every closed bar through once, in order, and says what is still owed."""

    def __init__(self, step_ms: int, next_open_ms: int | None, *, every_bar_exists: bool) -> None:
        """``next_open_ms`` is the first bar wanted (None: the first one the stream speaks of); bars are ``step_ms`` apart.

        ``every_bar_exists`` is False where a venue makes no bar for a time without trades.
        """
        self._step, self._every_bar_exists = step_ms, every_bar_exists
        self.next_open_ms = next_open_ms
        self._last_traded_ms = -1
        self._asked_until_ms = -1

    def hear(self, update: Update) -> None:
        """Take note of an update before asking what is owed because of it."""
        if self.next_open_ms is None:
            self.next_open_ms = update.open_ms

    def owed(self, closed_until_ms: int) -> tuple[int, int] | None:
        """Return the range to fetch now that all bars before ``closed_until_ms`` are closed; None when nothing new closed."""
        if self.next_open_ms is None or closed_until_ms <= max(self.next_open_ms, self._asked_until_ms):
            return None
        return self.next_open_ms, closed_until_ms

    def is_paid(self, closed_until_ms: int) -> bool:
        """Return whether the last bar that must exist before ``closed_until_ms`` has left."""
        last = closed_until_ms - self._step if self._every_bar_exists else min(self._last_traded_ms, closed_until_ms - self._step)
        return self.owed(closed_until_ms) is None or (self.next_open_ms is not None and self.next_open_ms > last)

    def forget_asking(self) -> None:
        """Let everything that has not left be owed again: on a new connection."""
        self._asked_until_ms = -1

    def asked(self, update: Update) -> None:
        """Take note that what an update made owed was fetched as far as the venue has it."""
        self._asked_until_ms = max(self._asked_until_ms, update.open_ms)
        if update.traded:
            self._last_traded_ms = max(self._last_traded_ms, update.open_ms)

    def pass_on(self, bars: Iterable[Bar]) -> list[Bar]:
        """Return the bars that have not left yet, oldest first, and move on behind them."""
        fresh = []
        for bar in bars:
            if self.next_open_ms is None or bar.open_ms >= self.next_open_ms:
                fresh.append(bar)
                self.next_open_ms = bar.open_ms + self._step
        return fresh
