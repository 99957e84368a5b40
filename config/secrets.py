"""The one reader of config/.env. Secrets live there and in memory, and never show in a repr."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from core.errors import CredentialError

# Venue -> the names in config/.env that its account needs; what works without them is in the venues' facts.
REQUIRED_KEYS: Mapping[str, tuple[str, ...]] = {
    "BINANCE": ("BINANCE_API_KEY", "BINANCE_API_SECRET"),
    "BINANCEUSDM": ("BINANCE_API_KEY", "BINANCE_API_SECRET"),
    "DELTA": ("DELTA_API_KEY", "DELTA_API_SECRET"),
    "ZERODHA": ("ZERODHA_API_KEY", "ZERODHA_ACCESS_TOKEN"),
    "DHAN": ("DHAN_CLIENT_ID", "DHAN_ACCESS_TOKEN"),
}
# What people keep beside them: the secret with which a day's token is made is never sent, but it is hidden like the others.
_KEPT_BESIDE = ("ZERODHA_API_SECRET",)
# What scripts must send to the dashboard.
DASHBOARD_TOKEN = "DASHBOARD_TOKEN"
KEY_NAMES = (*dict.fromkeys(name for names in REQUIRED_KEYS.values() for name in names), *_KEPT_BESIDE, DASHBOARD_TOKEN)


class _Hidden:
    """Values that nothing shows which walks through an object's attributes."""

    __slots__ = ("of",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self.of = dict(values)

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("secrets are not serialized")


@dataclass(frozen=True, repr=False, slots=True)
class Secrets:
    """The values of config/.env and, before them, of the environment; ``readable_by_others`` is a reason for a warning.

    ``from_environment`` are the names whose values the environment gave.
    """

    path: Path
    exists: bool
    readable_by_others: bool
    _values: Mapping[str, str] | _Hidden
    from_environment: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Hide the values."""
        if not isinstance(self._values, _Hidden):
            object.__setattr__(self, "_values", _Hidden(self._values))

    @property
    def _known(self) -> Mapping[str, str]:
        return self._values.of if isinstance(self._values, _Hidden) else self._values

    def get(self, name: str) -> str | None:
        """Return the value called ``name``, None when it is absent or empty."""
        return self._known.get(name) or None

    def missing_for(self, exchange: str) -> tuple[str, ...]:
        """Return the names that ``exchange``'s account needs and that are not set."""
        return tuple(name for name in REQUIRED_KEYS.get(exchange.upper(), ()) if not self.get(name))

    def place_of(self, exchange: str) -> str:
        """Return where the keys of ``exchange`` that are set came from: ``config/.env``, ``the environment``, or both."""
        present = {name for name in REQUIRED_KEYS.get(exchange.upper(), ()) if self.get(name)}
        if not present or not present & self.from_environment:
            return "config/.env"
        return "the environment" if present <= self.from_environment else "config/.env and the environment"

    def values(self) -> tuple[str, ...]:
        """Return every secret value, for the redaction filter only."""
        return tuple(value for value in self._known.values() if value)

    def __repr__(self) -> str:
        return f"Secrets(path={str(self.path)!r}, set={sorted(name for name, value in self._known.items() if value)})"

    def __reduce__(self) -> str:
        raise TypeError("secrets are not serialized")


def _read_file(path: Path) -> dict[str, str]:
    try:
        return {key: value for key, value in dotenv_values(path, interpolate=False).items() if value}
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialError(f"cannot read {path}: {error.strerror if isinstance(error, OSError) else 'it is not UTF-8 text'}.") from None


def read_secrets(config_folder: Path) -> Secrets:
    """Read ``.env`` in ``config_folder``; an absent file holds nothing. The process environment wins over the file.

    Raises CredentialError when the file cannot be read.
    """
    path = config_folder / ".env"
    exists = path.is_file()
    from_file = _read_file(path) if exists else {}
    from_environment = {name: os.environ[name] for name in KEY_NAMES if os.environ.get(name)}
    open_to_others = exists and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    return Secrets(path, exists, open_to_others, from_file | from_environment, frozenset(from_environment))
