"""What one venue says differently from all others: its requests and its answers."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from config.secrets import Secrets
from core.timeframe import Timeframe
from exchanges.base import AccountStatus, SymbolFacts
from exchanges.http import HttpCore
from exchanges.paging import Columns
from exchanges.timing import ServerClock


class Dialect(Protocol):
    """One venue's requests and answers; everything else is in ``RestExchange`` and the venue's facts.

    Methods raise what ``HttpCore.get`` raises, DataError for an answer of another form than documented, and ConfigError for a symbol
    that the venue does not know.
    """

    def server_time(self, http: HttpCore) -> int | None:
        """Return the venue's time in UTC ms; None when it tells none, and our clock has to do."""
        ...

    def listing(self, http: HttpCore) -> Sequence[SymbolFacts]:
        """Return every market of the venue, in any order."""
        ...

    def page(self, http: HttpCore, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int) -> Columns:
        """Return the bars with ``start_ms <= open < end_ms``, open ones included, in any order; at most one page is asked for."""
        ...

    def first_bar(self, http: HttpCore, symbol: str, timeframe: Timeframe, from_ms: int) -> int | None:
        """Return the open of the oldest bar at or after ``from_ms``, or a time before it if that cannot be asked; None for none."""
        ...

    def last_bar(self, http: HttpCore, symbol: str, timeframe: Timeframe, now_ms: int) -> int | None:
        """Return the open of the newest bar, closed or not; None for none. ``now_ms`` is the venue's time."""
        ...

    def volumes(self, http: HttpCore) -> Mapping[str, float]:
        """Return the traded value of the last 24 hours in the quote currency by symbol."""
        ...

    def account(self, http: HttpCore, secrets: Secrets, server_clock: ServerClock) -> AccountStatus:
        """Ask about the account with a signed request; CredentialError when the key is refused."""
        ...
