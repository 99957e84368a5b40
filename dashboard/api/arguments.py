"""Reading a request's query strictly: a wrong value is a ConfigError that says what is allowed, never a guess."""

from flask import request

from core.errors import ConfigError
from dashboard.decimation import Span
from dashboard.reading.sources import SOURCES

_MAX_MS = 253_402_300_799_000  # the end of the year 9999


def source_argument() -> str:
    """Return which of the backtests is asked for."""
    return one_of("source", tuple(SOURCES))


def one_of(name: str, allowed: tuple[str, ...]) -> str:
    """Return the value of ``name``, the first of ``allowed`` if it is not given."""
    value = request.args.get(name, allowed[0])
    if value not in allowed:
        raise ConfigError(f"{name} must be one of {', '.join(allowed)}.")
    return value


def whole_number(name: str, low: int, high: int) -> int | None:
    """Return the whole number in ``name``, None if it is not given."""
    text = request.args.get(name)
    if text is None:
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19 and low <= int(text) <= high):
        raise ConfigError(f"{name} must be a whole number from {low} to {high}.")
    return int(text)


def span_argument() -> Span:
    """Return the stretch of time from ``from`` to ``to``, UTC milliseconds, either of them open."""
    start, end = whole_number("from", -_MAX_MS, _MAX_MS), whole_number("to", -_MAX_MS, _MAX_MS)
    if start is not None and end is not None and start >= end:
        raise ConfigError("from must be before to.")
    return Span(start, end)
