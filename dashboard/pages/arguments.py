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


def page_number() -> int:
    """Return which page of a table is asked for, the first where none is."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= _LARGEST_PAGE):
        raise ConfigError(f"page must be a whole number from 1 to {_LARGEST_PAGE}.")
    return int(text)
