"""Opening a connection within one deadline: looking up the name and trying its addresses together take no longer."""

import ipaddress
import socket
import threading
from collections.abc import Iterable
from typing import Any

from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from core.clock import monotonic_seconds

# How long a connection without a time limit of its own may take.
_USUAL_S = 30.0


class _Lookup(threading.Thread):
    """Asks for a name's addresses where nobody has to wait for it: the system's resolver cannot be told to stop."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(name=f"lookup {host}", daemon=True)
        self._host, self._port = host, port
        self.found: list[Any] = []
        self.error: OSError = socket.gaierror(socket.EAI_AGAIN, "the resolver does not answer")

    def run(self) -> None:
        try:
            self.found = _addresses(self._host, self._port)
        except OSError as error:
            self.error = error
        except UnicodeError:
            self.error = socket.gaierror(socket.EAI_NONAME, "no host can have this name")


def open_connection(connection: HTTPConnection) -> socket.socket:
    """Return a socket to where ``connection`` leads, within its time limit; raises what urllib3's own way raises."""
    allowed_s = float(connection.timeout) if isinstance(connection.timeout, int | float) else _USUAL_S
    host, port = connection._dns_host.strip("[]"), connection.port or connection.default_port
    try:
        return connect_within(host, port, allowed_s, connection.socket_options or ())
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, f"no connection within {allowed_s:g} s") from error
    except OSError as error:
        raise NewConnectionError(connection, "no connection could be made") from error


def connect_within(host: str, port: int, seconds: float, options: Iterable[Any] = ()) -> socket.socket:
    """Return a connected socket with what is left of ``seconds`` as its time limit.

    Each of the name's addresses gets an equal share of the time that is left, so that a dead one does not use up all of it. Raises
    gaierror for a name without address or without answer in time, TimeoutError when no address answers in time, and what the last
    address said otherwise.
    """
    ends = monotonic_seconds() + seconds
    addresses = look_up(host, port, seconds)
    trouble: OSError = TimeoutError("no time left")
    for number, (family, kind, protocol, _name, address) in enumerate(addresses):
        left_s = ends - monotonic_seconds()
        if left_s <= 0:
            break
        sock = socket.socket(family, kind, protocol)
        try:
            for option in options:
                sock.setsockopt(*option)
            sock.settimeout(left_s / (len(addresses) - number))
            sock.connect(address)
            sock.settimeout(max(ends - monotonic_seconds(), 0.001))
        except OSError as error:
            sock.close()
            trouble = error
        else:
            return sock
    raise trouble


def look_up(host: str, port: int, seconds: float) -> list[Any]:
    """Return the addresses of ``host`` as ``getaddrinfo`` does, or raise gaierror after ``seconds``."""
    if _is_address(host):
        return _addresses(host, port)
    lookup = _Lookup(host, port)
    lookup.start()
    lookup.join(seconds)
    if not lookup.found:
        raise lookup.error
    return lookup.found


def _addresses(host: str, port: int) -> list[Any]:
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
