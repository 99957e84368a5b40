"""The only reader of the wall clock and of randomness from the system; everything else is given its times and seeds."""

import secrets
import time
from datetime import UTC, datetime

# The years 1 to 9999, which is what a datetime can hold.
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999


def now_ms() -> int:
    """Return the time of day as UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def monotonic_seconds() -> float:
    """Return seconds of a clock that never jumps, for durations."""
    return time.perf_counter()


def new_run_id() -> str:
    """Return a fresh run id, ``YYYYMMDD-HHMMSS-<4 hex>`` in UTC."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def utc_from_ms(ms: int) -> datetime:
    """Return the aware UTC datetime of ``ms`` milliseconds since 1970."""
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def format_utc(ms: int) -> str:
    """Return ``YYYY-MM-DD HH:MM`` in UTC (with seconds when there are any); a time that no calendar holds is shown as its number."""
    if not _FIRST_MS <= ms <= _LAST_MS:
        return f"{ms} ms"
    moment = utc_from_ms(int(ms))
    return f"{moment:%Y-%m-%d %H:%M:%S}" if ms % 60_000 else f"{moment:%Y-%m-%d %H:%M}"


def ms_from_datetime(moment: datetime) -> int:
    """Return UTC milliseconds; a naive datetime is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    delta = aware - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
