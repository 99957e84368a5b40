"""HTTP over aiohttp, many requests at once: each with a deadline for the whole answer and a cap on its size.

aiohttp is imported when the first connection is wanted: it takes a third of a second, which programs that download nothing keep.
"""

import asyncio
import os
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from requests.exceptions import ProxyError
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies

from exchanges.addresses import is_loopback
from exchanges.transport import body_sink

if TYPE_CHECKING:
    import aiohttp


class ParallelTransport:
    """Connections to one address; an async context manager. Proxies and certificates of the environment count, as for ``new_session``."""

    def __init__(self, address: str, name: str) -> None:
        """Talk to ``address``; ``name`` is what errors call it."""
        parts = urlsplit(address)
        self._name, self._scheme = name, parts.scheme
        proxies = {} if is_loopback(parts.hostname or "") else get_environ_proxies(address)
        self._proxy = proxies.get(parts.scheme)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        import aiohttp

        trusted = ssl.create_default_context(cafile=_certificates()) if self._scheme == "https" else True
        connector = aiohttp.TCPConnector(limit=0, ssl=trusted)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()
            # A connection that was being made when it was cancelled is known to nobody but the loop: it is closed in the next turn.
            await asyncio.sleep(0)

    async def get(self, url: str, headers: Mapping[str, str], seconds: float, most_bytes: int) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body, unzipped. OSError when there is no whole answer; else what ``body_sink`` raises."""
        import aiohttp
        from yarl import URL

        assert self._session is not None
        try:
            async with self._session.get(
                URL(url, encoded=True),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=seconds),
                allow_redirects=False,
                proxy=self._proxy,
            ) as reply:
                sink = body_sink(reply.headers.get("Content-Encoding", "identity"), self._name, most_bytes)
                async for chunk in reply.content.iter_any():
                    sink.feed(chunk)
                return reply.status, reply.headers, sink.finish()
        except (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError) as error:
            raise ProxyError(type(error).__name__) from error
        except aiohttp.ClientError as error:
            raise ConnectionError(type(error).__name__) from error


def _certificates() -> str:
    """Return the file of the authorities that are trusted: the one that requests would use."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
