"""Timeframes: their length, their grid in UTC and how many of them make a year."""

from dataclasses import dataclass

from core.errors import ConfigError
from core.suggest import nearest

MINUTE_MS = 60_000
DAY_MS = 86_400_000
YEAR_MS = 31_557_600_000  # 365.25 days: crypto trades every day of every year
# 1970-01-01 was a Thursday; weeks start on Monday, four days later.
_MONDAY_OFFSET_MS = 4 * DAY_MS


@dataclass(frozen=True, slots=True)
class Timeframe:
    """The length of a bar: ``name`` as users write it, ``ms`` its length, ``offset_ms`` where its grid starts.

    A venue with sessions has its own grid (hours counted from 09:15) and fewer bars in a year, ``bars_per_year``; None is trade that
    never stops.
    """

    name: str
    ms: int
    offset_ms: int = 0
    bars_per_year: float | None = None

    @classmethod
    def parse(cls, text: "str | Timeframe") -> "Timeframe":
        """Return the timeframe called ``text`` (``1h`` and ``1H`` are the same); ConfigError names the known ones."""
        if isinstance(text, Timeframe):
            return text
        known = TIMEFRAMES.get(str(text).strip().lower())
        if known is None:
            raise ConfigError(f"timeframe '{text}' is not known.{nearest(str(text), TIMEFRAMES)} Use one of {', '.join(TIMEFRAMES)}.")
        return known

    @property
    def periods_per_year(self) -> float:
        """Bars in a year, the factor of every annualization: those in 365.25 days, or those of a venue's sessions."""
        return YEAR_MS / self.ms if self.bars_per_year is None else self.bars_per_year

    def floor(self, ms: int) -> int:
        """Return the open time of the bar that holds ``ms``."""
        return ms - (ms - self.offset_ms) % self.ms

    def __str__(self) -> str:
        return self.name


TIMEFRAMES: dict[str, Timeframe] = {
    timeframe.name: timeframe
    for timeframe in (
        Timeframe("1m", MINUTE_MS),
        Timeframe("5m", 5 * MINUTE_MS),
        Timeframe("15m", 15 * MINUTE_MS),
        Timeframe("1h", 60 * MINUTE_MS),
        Timeframe("4h", 240 * MINUTE_MS),
        Timeframe("1d", DAY_MS),
        Timeframe("1w", 7 * DAY_MS, _MONDAY_OFFSET_MS),
    )
}
