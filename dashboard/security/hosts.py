"""The names under which the dashboard is asked for: any other is a foreign page's that points at this machine (DNS rebinding)."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import SecurityError

_HOST = re.compile(r"([a-z0-9.-]{1,253})(?::\d{1,5})?")


def is_own_host(value: str, hosts: Collection[str]) -> bool:
    """Return whether a Host header or the host of an address, with or without a port, is one of ``hosts``."""
    match = _HOST.fullmatch(value)
    return match is not None and match[1] in hosts


def check_host(hosts: Collection[str]) -> None:
    """Refuse the request in hand unless it names one of ``hosts``, in its Host header and, where its target holds one, there too.

    Raises SecurityError, which is answered in plain text: no page with links is built from a name that is not to be trusted.
    """
    target = request.environ.get("REQUEST_URI", "")
    named = [request.environ.get("HTTP_HOST", "")]
    if not target.startswith("/") and "//" in target:
        try:
            named.append(urlsplit(target).netloc)
        except ValueError:
            raise SecurityError from None
    if not all(is_own_host(name, hosts) for name in named):
        raise SecurityError
