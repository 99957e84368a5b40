"""How the dashboard is served: where it listens, under which names, to which other origins, and how often it may be asked."""

import ipaddress
import re
from dataclasses import dataclass, field

from core.errors import ConfigError

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8050
MIN_TOKEN_LENGTH = 32

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9-]{1,63})*")
_ORIGIN_WORDS = "an origin like http://localhost:3000, without a path; * is never allowed"
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class DashboardOptions:
    """What a user may choose.

    ``host`` is the address to listen on: any but 127.0.0.1 needs ``unsafe_bind``. ``names`` are further names under which it is asked
    for. ``cors_origins`` are foreign origins whose pages may use the API (none by default). The rates are requests per minute of one
    session or script. ``script_token`` is what scripts send as ``Authorization: Bearer``; empty: scripts are not let in.
    At most ``jobs_waiting`` jobs stand in line and ``jobs_running`` run at once; with 0 of these none is ever started. Raises ConfigError.
    """

    host: str = LOOPBACK
    port: int = DEFAULT_PORT
    unsafe_bind: bool = False
    names: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    jobs_waiting: int = 20
    jobs_running: int = 1
    reads_per_minute: int = 3000
    changes_per_minute: int = 120
    script_token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Check every value."""
        _check_host(self.host, self.unsafe_bind)
        _check_each("--name", self.names, _NAME, "a host name without port, in lower case")
        _check_each("--allow-origin", self.cors_origins, _ORIGIN, _ORIGIN_WORDS)
        if not 0 <= self.port <= 65_535:
            raise ConfigError(f"port = {self.port} is not allowed: must be from 1 to 65535 (0 = any free one).")
        if min(self.reads_per_minute, self.changes_per_minute) < 1:
            raise ConfigError("reads_per_minute and changes_per_minute must be at least 1.")
        if self.listens_everywhere and not self.names:
            raise ConfigError(f"--host {self.host} listens under every address: say with --name under which one it is asked for.")
        _check_token(self.script_token)

    @property
    def listens_everywhere(self) -> bool:
        """Whether the address stands for all addresses of this machine."""
        return self.host == "0.0.0.0"  # noqa: S104 - compared with, not bound to

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host name that is answered."""
        own = () if self.listens_everywhere else (self.host,)
        return tuple(dict.fromkeys((LOOPBACK, "localhost", *own, *self.names)))

    @property
    def public_host(self) -> str:
        """Return the host of the addresses that are printed."""
        return self.names[0] if self.listens_everywhere else self.host


def _check_host(host: str, unsafe_bind: bool) -> None:
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        raise ConfigError(f"--host {host!r} is no IPv4 address of this machine, such as 127.0.0.1 or 192.168.1.5.") from None
    if str(address) != LOOPBACK and not unsafe_bind:
        raise ConfigError(
            f"--host {host} lets others on the network reach the dashboard, without encryption. "
            "Better: ssh -L 8050:127.0.0.1:8050 from the other machine. If you want it nevertheless, add --unsafe-bind."
        )


def _check_each(option: str, values: tuple[str, ...], pattern: re.Pattern[str], expected: str) -> None:
    for value in values:
        if not pattern.fullmatch(value):
            raise ConfigError(f"{option} {value!r} is not allowed: must be {expected}.")


def _check_token(token: str) -> None:
    if token and (len(token) < MIN_TOKEN_LENGTH or not token.isascii() or not token.isprintable() or " " in token):
        raise ConfigError(
            f"DASHBOARD_TOKEN must have at least {MIN_TOKEN_LENGTH} characters, all of them visible ASCII. "
            'A good one: python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
