"""Names of folders and files that every file system takes, whatever a venue calls its markets."""

import hashlib
import re
from pathlib import Path

from core.clock import utc_from_ms
from core.errors import ConfigError
from core.market import Market

MANIFEST = "manifest.json"
ORIGINS = "origins.json"
LOCK = ".lock"
_PART = re.compile(r"\d{8}T\d{4}-([0-9a-f]{16})\.parquet")
_TEMPORARY = re.compile(r"\..+\.tmp\.\d+\.[0-9a-f]{8}")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
# Names of devices on Windows, with or without a suffix.
_DEVICES = re.compile(r"(?:CON|PRN|AUX|NUL|COM\d|LPT\d)(?:\..*)?")
_LONGEST = 80


def series_folder(root: Path, market: Market) -> Path:
    """Return where the series of ``market`` lies under ``root``: EXCHANGE/SYMBOL/TIMEFRAME; ConfigError for a name that is no text."""
    for name in (market.exchange, market.symbol):
        if not name or not name.isprintable():
            raise ConfigError(f"{name!r} is no name of a market: it is empty or holds characters that cannot be shown.")
    return root / folder_name(market.exchange) / folder_name(market.symbol) / market.timeframe.name


def folder_name(text: str) -> str:
    """Return a folder name for ``text``, different for different texts on file systems that ignore case too.

    ``BTCUSDT`` is itself; characters that a file system may refuse become percent-encoded UTF-8. What would still be refused or could
    be mixed up (small letters, device names, leading or trailing dots, long names) gets a hash after ``~`` and is cut to 80 characters.
    """
    raw = text.encode()
    encoded = "".join(chr(byte) if chr(byte).upper() in _PLAIN else f"%{byte:02X}" for byte in raw)
    ordinary = encoded == encoded.upper() and not _DEVICES.fullmatch(encoded) and encoded.strip(".") == encoded
    if encoded and ordinary and len(encoded) <= _LONGEST:
        return encoded
    prefix = "_" if _DEVICES.fullmatch(encoded.upper()) else ""
    return f"{prefix}{encoded[:_LONGEST].strip('.')}~{hashlib.sha256(raw).hexdigest()[:16]}"


def part_name(start_ms: int, sha256: str) -> str:
    """Return the name of the part whose period starts at ``start_ms`` and whose bytes have this SHA-256."""
    return f"{utc_from_ms(start_ms):%Y%m%dT%H%M}-{sha256[:16]}.parquet"


def hash_in_name(name: str) -> str | None:
    """Return the first 16 hex digits of the SHA-256 that a part of ours has in its name; None for any other name."""
    match = _PART.fullmatch(name)
    return match[1] if match else None


def is_temporary(name: str) -> bool:
    """Return whether ``name`` is that of a file which was being written when its process died."""
    return _TEMPORARY.fullmatch(name) is not None
