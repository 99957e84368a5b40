"""What every request must satisfy and every response carries: this host, reading only, no foreign code, no frames, no caches."""

import os

from flask import Flask, Response, abort, request

from core.errors import ConfigError

HOSTS = ["127.0.0.1", "localhost"]
MAX_BODY_BYTES = 64 << 10

# Data comes by fetch() and scripts are files, so nothing inline is ever needed.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_OFF = {"", "0", "false", "no", "off"}


def refuse_debug_mode() -> None:
    """Raise ConfigError when FLASK_DEBUG asks for the debugger, which runs code from the browser."""
    value = os.environ.get("FLASK_DEBUG", "")
    if value.strip().lower() not in _OFF:
        raise ConfigError(f"FLASK_DEBUG is set to '{value}': debug mode would run code sent by a browser. Unset it.")


def protect(app: Flask) -> None:
    """Put the rules on ``app``."""
    app.config.update(TRUSTED_HOSTS=HOSTS, MAX_CONTENT_LENGTH=MAX_BODY_BYTES, MAX_FORM_PARTS=10, MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES)
    app.before_request(_reading_only)
    app.after_request(_add_headers)


def _reading_only() -> None:
    if request.method not in {"GET", "HEAD"}:
        abort(405)


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers[name] = value
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
