"""One closed bar."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """Prices in the quote currency, ``volume`` in the base currency, ``open_ms`` the UTC time of the open in milliseconds."""

    open_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: float | None = None
