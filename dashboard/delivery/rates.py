"""How often one caller may ask the API, with a count of its own for requests that change something."""

from typing import NoReturn

from flask import Flask, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit
from werkzeug.exceptions import TooManyRequests

from core.clock import now_ms
from dashboard.options import DashboardOptions
from dashboard.security.access import caller_key

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def limit_rates(app: Flask, options: DashboardOptions) -> Limiter:
    """Refuse with 429 what one session or script asks beyond the options' requests a minute; pages and files are not counted."""
    return Limiter(
        caller_key,
        app=app,
        application_limits=[
            ApplicationLimit(f"{options.reads_per_minute} per minute", scope="reads", exempt_when=_is_no_read),
            ApplicationLimit(f"{options.changes_per_minute} per minute", scope="changes", exempt_when=_is_no_change),
        ],
        storage_uri="memory://",
        strategy="sliding-window-counter",
        on_breach=_refuse,
    )


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _is_no_read() -> bool:
    return not (_is_api() and request.method in _SAFE)


def _is_no_change() -> bool:
    return not _is_api() or request.method in _SAFE


def _refuse(breach: RequestLimit) -> NoReturn:
    raise TooManyRequests(retry_after=max(1, breach.reset_at - now_ms() // 1000))
