"""What is to be known of a venue, as data: adapters differ in these records wherever data can say the difference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from exchanges.base import VenueFees
from exchanges.limits import Limit


class Refusal(StrEnum):
    """What a venue's error code means for the caller."""

    RETRY = "retry"  # it may work in a moment
    CLOCK = "clock"  # our time stamp is off: ask for the venue's time and try once more
    CREDENTIAL = "credential"  # the key, its permissions or the login
    LIMIT = "limit"  # too many requests
    SYMBOL = "symbol"  # no such market
    EMPTY = "empty"  # no candles there: an answer, not an error
    REQUEST = "request"  # anything else about this request


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """A venue's addresses, limits and habits.

    ``timeframes`` maps our names to the venue's spelling. ``page_bars`` is the most bars one request may ask for, and
    ``max_span_days`` (by our timeframe name) the longest range, where there is such a limit. ``weight_limit`` per ``weight_window_s``
    is what the venue allows one address or key, ``limit_share`` the part that we use; ``more_limits`` bind as well, by their group.
    ``candle_weight`` is what one page of candles costs. ``errors`` maps the venue's error codes, as text, to what they mean.
    ``calendar`` names the trading calendar of a venue that closes; ``gaps_are_normal`` says that bars without trades are left out, so
    that short holes are no missing data.
    ``required_keys`` are the names in config/.env that its account needs, and ``public`` says that candles need none.
    ``parallel`` says that our own downloader, which asks for several pages at once, can speak to the venue.
    """

    name: str
    base_url: str
    fees: VenueFees
    is_spot: bool
    timeframes: Mapping[str, str]
    page_bars: int
    weight_limit: int
    weight_window_s: float
    candle_weight: int = 1
    account_url: str | None = None
    has_volume: bool = True
    public: bool = True
    parallel: bool = True
    max_span_days: Mapping[str, int] | None = None
    time_unit: str = "ms"
    newest_first: bool = False
    limit_share: float = 0.5
    more_limits: tuple[Limit, ...] = ()
    required_keys: tuple[str, ...] = ()
    first_candle_ms: int | None = None
    calendar: str | None = None
    gaps_are_normal: bool = False
    errors: Mapping[str, Refusal] = field(default_factory=dict)

    @property
    def limits(self) -> tuple[Limit, ...]:
        """All limits, the main one first."""
        return (Limit(self.weight_limit, self.weight_window_s), *self.more_limits)
