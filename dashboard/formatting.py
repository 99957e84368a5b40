"""How values are written on pages: UTC times, aligned numbers of the right precision, "n/a" for what is undefined."""

import math
import re
from typing import Any

from core.clock import format_utc

UNDEFINED = "n/a"
_MINUS = "−"
# Halves of characters, which names of folders and JSON may hold and no page can.
_HALF = re.compile("[\ud800-\udfff]")
_HYPHEN = re.compile(r"(?<![\w.)-])-(?=[\d.])")


def visible(value: Any) -> Any:
    """Return a text with a mark for everything in it that is no character; any other value as it is."""
    if not isinstance(value, str) or value.isascii() or not _HALF.search(value):
        return value
    return type(value)(_HALF.sub("\ufffd", value))


def number(value: Any, decimals: int = 2) -> str:
    """Return ``value`` with thousands separators and a true minus sign; "n/a" for None, nan and infinities."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return UNDEFINED
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", _MINUS)


def compact(value: Any) -> str:
    """Return a setting or parameter: yes/no, whole numbers without decimals, others with what they need, "n/a" for None."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return number(value, 0)
    if isinstance(value, float):
        return f"{value:,.10g}".replace("-", _MINUS) if math.isfinite(value) else UNDEFINED
    if value is None:
        return UNDEFINED
    return ", ".join(compact(item) for item in value) if isinstance(value, list | tuple) else str(value)


def true_minus(text: str) -> str:
    """Return ``text`` with the hyphens before numbers as minus signs, as pages write them; dates and names keep theirs."""
    return _HYPHEN.sub(_MINUS, text)


def utc(ms: Any) -> str:
    """Return a UTC time of ``ms`` milliseconds as ``YYYY-MM-DD HH:MM``; "n/a" for what is no time."""
    if isinstance(ms, bool) or not isinstance(ms, int | float) or not math.isfinite(ms) or abs(ms) > 253_402_300_799_000:
        return UNDEFINED
    return format_utc(int(ms))


def minute(ms: Any) -> str:
    """Return the UTC time of ``ms`` without its seconds; "n/a" for what is no time."""
    return utc(ms)[:16]


def day(ms: Any) -> str:
    """Return the UTC date of ``ms`` as ``YYYY-MM-DD``; "n/a" for what is no time."""
    text = utc(ms)
    return text if text == UNDEFINED else text[:10]


def sign(value: Any) -> str:
    """Return the CSS class of a signed number: ``gain``, ``loss`` or nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value == 0:
        return ""
    return "gain" if value > 0 else "loss"


def words(name: str) -> str:
    """Return a field name as words: ``exit_reason`` becomes ``Exit reason``."""
    spaced = name.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]


FILTERS = {"number": number, "compact": compact, "utc": utc, "minute": minute, "day": day, "sign": sign, "words": words}
