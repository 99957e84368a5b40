"""HTTP over requests with limits that requests does not have: one deadline for the whole answer and a cap on its size.

The time limit of requests is per read: a server that drips a byte now and then holds it for hours. Here the socket itself knows when
the time is up, for the headers as for the body.
"""

import http.client
import io
import logging
import os
import re
import socket
import zlib
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from core.clock import monotonic_seconds
from core.errors import APIError, DataError
from exchanges.addresses import is_loopback
from exchanges.connecting import open_connection

_CHUNK = 65_536
_QUERY = re.compile(r"\?[^\s\"']*")


class _DeadlineReader(io.RawIOBase):
    """Reads a socket until a moment; after it, TimeoutError."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self._socket, self._allowed_s = sock, sock.gettimeout()
        self._raw = sock.makefile("rb", buffering=0)
        self._ends = None if self._allowed_s is None else monotonic_seconds() + self._allowed_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._ends is not None:
            left_s = self._ends - monotonic_seconds()
            if left_s <= 0:
                raise TimeoutError("the time for the answer is used up")
            self._socket.settimeout(left_s)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
            if self._socket.fileno() >= 0:
                self._socket.settimeout(self._allowed_s)
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    """An answer whose headers and body are read against one deadline: the socket's time limit when the answer began."""

    def __init__(self, sock: socket.socket, *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        self.fp.close()
        self.fp = io.BufferedReader(_DeadlineReader(sock))


class _PlainConnection(HTTPConnection):
    response_class = _DeadlineResponse

    def _new_conn(self) -> socket.socket:
        return open_connection(self)


class _TlsConnection(HTTPSConnection):
    response_class = _DeadlineResponse

    def _new_conn(self) -> socket.socket:
        return open_connection(self)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _DeadlineAdapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def proxy_manager_for(self, *arguments: Any, **named: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **named)
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
        return manager


class _Session(requests.Session):
    """A session that does not look where a redirect leads: requests reads its whole body for that, whatever its size."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class _HideQueries(logging.Filter):
    """Takes the query out of urllib3's log lines: a signature or a key may stand in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _QUERY.sub("?...", record.getMessage()), ()
        return True


_HIDE_QUERIES = _HideQueries()


def new_session(address: str) -> requests.Session:
    """Return a session for ``address`` that keeps no cookies and reads no .netrc; proxies and certificates of the environment count.

    No proxy comes between us and this very computer: it would see in the clear what is sent there.
    """
    logging.getLogger("urllib3.connectionpool").addFilter(_HIDE_QUERIES)
    session = _Session()
    session.trust_env = False
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    if not is_loopback(urlsplit(address).hostname or ""):
        session.proxies.update(get_environ_proxies(address))
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.clear()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _DeadlineAdapter(pool_maxsize=16))
    return session


def read_body(response: requests.Response, name: str, most_bytes: int) -> bytes:
    """Return the whole body, unzipped; DataError when it is longer than ``most_bytes``, packed or not, and for a broken packing.

    Raises APIError for a packing that was not asked for, and whatever urllib3 raises when the connection breaks.
    """
    body = body_sink(response.headers.get("Content-Encoding", "identity"), name, most_bytes)
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        body.feed(chunk)
    return body.finish()


def body_sink(content_encoding: str, name: str, most_bytes: int) -> "PlainBody":
    """Return what takes a body chunk by chunk (``feed``) and returns it whole and unzipped (``finish``); see ``read_body``."""
    encoding = content_encoding.strip().lower()
    if encoding not in ("identity", "gzip", ""):
        raise APIError(f"{name} sends its answer packed as {encoding[:40]!r}, which was not asked for. Try again later.")
    return _UnzippedBody(name, most_bytes) if encoding == "gzip" else PlainBody(name, most_bytes)


class PlainBody:
    """A body that is not packed, up to a size."""

    def __init__(self, name: str, most_bytes: int) -> None:
        # Chunks that are put together at the end: a buffer that grows would be there twice whenever it moves.
        self._name, self._most, self._chunks, self._size = name, most_bytes, list[bytes](), 0

    def feed(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > self._most:
            # The error's traceback would keep them for as long as the error lives.
            self._chunks.clear()
            raise DataError(f"{self._name} answers with more than {self._most / 1e6:.0f} MB. Ask for less at once, or try again later.")

    def finish(self) -> bytes:
        return b"".join(self._chunks)


class _UnzippedBody(PlainBody):
    def __init__(self, name: str, most_bytes: int) -> None:
        super().__init__(name, most_bytes)
        self._unzip = zlib.decompressobj(31)

    def feed(self, chunk: bytes) -> None:
        try:
            while chunk:
                if self._unzip.eof:
                    self._unzip = zlib.decompressobj(31)
                super().feed(self._unzip.decompress(chunk, _CHUNK))
                chunk = self._unzip.unconsumed_tail or self._unzip.unused_data
        except zlib.error:
            raise DataError(f"{self._name} answers with a damaged gzip body. Try again later.") from None

    def finish(self) -> bytes:
        if not self._unzip.eof:
            raise DataError(f"{self._name} answers with a gzip body that is cut short. Try again later.")
        return super().finish()
