"""Reading a page's query strictly: a wrong value is a ConfigError that says what is allowed, never a guess."""

from flask import request

from core.errors import ConfigError

_LARGEST_PAGE = 2**31


def one_of(name: str, allowed: tuple[str, ...]) -> str:
    """Return the value of ``name``, the first of ``allowed`` if it is not given."""
    value = request.args.get(name, allowed[0])
    if value not in allowed:
        raise ConfigError(f"{name} must be one of {', '.join(word for word in allowed if word)}.")
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


def page_number() -> int:
    """Return which page of a table is asked for, the first where none is."""
    return whole_number("page", 1, _LARGEST_PAGE) or 1
