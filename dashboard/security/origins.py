"""Which web pages may send requests: the dashboard's own, and those of origins that the user lists."""

from collections.abc import Collection

from flask import request
from werkzeug.exceptions import Forbidden

_OWN_SITES = frozenset({"", "same-origin", "none"})


def own_origin() -> str:
    """Return the origin of the dashboard as the request in hand addresses it."""
    return f"{request.scheme}://{request.environ.get('HTTP_HOST', '')}"


def is_listed(origins: Collection[str]) -> bool:
    """Return whether the request in hand comes from a page of one of ``origins``."""
    return request.headers.get("Origin", "") in origins


def is_preflight(origins: Collection[str]) -> bool:
    """Return whether the request in hand is a browser's question whether a page of one of ``origins`` may send another."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers and is_listed(origins)


def check_origin(origins: Collection[str]) -> None:
    """Refuse a request that a foreign page made, whatever it asks for; a link that leads here is none. Raises Forbidden."""
    origin = request.headers.get("Origin")
    if origin is not None:
        if origin != own_origin() and origin not in origins:
            raise Forbidden("A page of another origin may not ask the dashboard. Origins are listed with --allow-origin.")
        return
    navigates = request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    if request.headers.get("Sec-Fetch-Site", "") not in _OWN_SITES and not navigates:
        raise Forbidden("A page of another site may not ask the dashboard.")


def check_same_origin() -> None:
    """Refuse a request that the dashboard's own pages did not verifiably make. Raises Forbidden."""
    origin = request.headers.get("Origin")
    verified = request.headers.get("Sec-Fetch-Site") == "same-origin" if origin is None else origin == own_origin()
    if not verified:
        raise Forbidden("Only the dashboard's own pages may change something with a cookie; scripts send Authorization: Bearer.")
