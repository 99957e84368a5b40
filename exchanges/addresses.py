"""The address of a venue: its own, or the one a user names; never one that would carry secrets in the clear."""

import ipaddress
import os
from urllib.parse import urlsplit

from core.errors import ConfigError


def base_address(venue: str, default: str) -> str:
    """Return the address of ``venue`` without a trailing slash: ``<VENUE>_BASE_URL`` where that is set, else ``default``.

    Raises ConfigError unless it is https, or http to this very computer, with nothing after the path.
    """
    variable = f"{venue.replace('-', '_').replace(':', '_')}_BASE_URL"
    named = os.environ.get(variable)
    return check_address(named, variable) if named else default.rstrip("/")


def check_address(address: str, name: str) -> str:
    """Return ``address`` without a trailing slash; ConfigError, naming the setting ``name``, unless secrets may be sent to it."""
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigError(f"{name} is no address. Use one such as https://api.example.com.") from None
    if not host or parts.username is not None or parts.password is not None or parts.query or parts.fragment or "@" in parts.netloc:
        raise ConfigError(f"{name} must be scheme, host, optional port and path, such as https://api.example.com; without user or query.")
    if not address.isprintable() or " " in address or "\\" in address:
        raise ConfigError(f"{name} holds a space, a backslash or a control character. Use an address such as https://api.example.com.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ConfigError(
            f"{name} names {parts.scheme}://{host}: keys are sent only over https, or over http to this computer (127.0.0.1, localhost). "
            "Use https."
        )
    return address.rstrip("/")


def is_loopback(host: str) -> bool:
    """Return whether ``host`` is this computer itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
