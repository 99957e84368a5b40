"""Proofs of who asks, by HMAC-SHA256; a secret is used here and goes nowhere."""

import hashlib
import hmac
from collections.abc import Mapping
from types import MappingProxyType

from exchanges.http import Signed
from exchanges.timing import ServerClock


def hmac_sha256_hex(secret: str, message: str) -> str:
    """Return the signature of ``message`` in lower-case hex."""
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


class BinanceSigner:
    """Signs queries as Binance wants it: time stamp and window added, the encoded query signed, the key in a header."""

    def __init__(self, key: str, secret: str, server_clock: ServerClock, window_ms: int = 5000) -> None:
        """Sign with the venue's own time, so that this computer's clock may be wrong."""
        self._key, self._secret, self._clock, self._window_ms = key, secret, server_clock, window_ms

    def sign(self, _method: str, _path: str, query: str, body: bytes) -> Signed:
        """Return ``query`` with recvWindow, timestamp and signature. Bodies are signed after the query, without a separator."""
        stamped = f"{query}{'&' if query else ''}recvWindow={self._window_ms}&timestamp={self._clock.now_ms()}"
        signature = hmac_sha256_hex(self._secret, stamped + body.decode())
        headers: Mapping[str, str] = MappingProxyType({"X-MBX-APIKEY": self._key})
        return Signed(f"{stamped}&signature={signature}", headers)

    def resync(self) -> None:
        """Ask the venue for its time anew."""
        self._clock.ask_again()
