"""How much a request may bring, and which methods there are."""

from typing import Any

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import MethodNotAllowed, RequestEntityTooLarge

MAX_BODY_BYTES = 64 << 10
SAFE_METHODS = frozenset({"GET", "HEAD"})
METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}


def limit_bodies(app: Flask) -> None:
    """Let no body grow beyond the limit while it is read, nor be nested deeper than Python can follow."""
    app.json = _BearableJson(app)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY_BYTES, MAX_FORM_PARTS=10, MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES)


class _BearableJson(DefaultJSONProvider):
    """Reads JSON; what is nested too deeply is no JSON that anybody meant."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return the content of ``s``. Raises ValueError."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def check_size() -> None:
    """Refuse a body that says itself that it is too large."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge(f"The body may have at most {MAX_BODY_BYTES:,} bytes.")


def check_method() -> None:
    """Refuse methods that nothing here knows."""
    if request.method not in METHODS:
        routing = request.routing_exception
        raise routing if isinstance(routing, MethodNotAllowed) else MethodNotAllowed(sorted(SAFE_METHODS))
