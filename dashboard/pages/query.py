"""Reading a page's query strictly: a wrong value is a ConfigError that says what is allowed, never a guess."""

from flask import request

from core.errors import ConfigError


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
