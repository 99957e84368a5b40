"""Pages of candles in the very spelling that Binance uses, read without making a Python object of every number.

Such a page is ``[[1577836800000,"30000.00000000", ... ,"0"],[ ... ]]`` without blanks. Its punctuation is compared as a whole; the
numbers then go through a reader of CSV. Whatever is spelled in another way is left to the reader of JSON, so that nothing is accepted
here that would not be accepted there.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl

from core.candle_checks import Floats, Times
from exchanges.http_replies import strict_json

# A number of a row, outside and inside of quotes, leaves nothing when its digits are taken away.
_ROW = b'[,"","","","","",,"",,"","",""],'
_NUMBER = b"0123456789."
_ROW_END_TO_LINE_END = bytes.maketrans(b"]", b"\n")
_QUOTE, _COMMA, _OPENING, _ZERO = b'",[0'
# From one quote to the next: a number of so many digits, or the end of a row and two times.
_LONGEST = 40
# The first column is empty: a line begins with the comma that separated the rows.
_NAMES = ("", "opens", "open", "high", "low", "close", "volume", "closes", "quote_volume", "trades", "t1", "t2", "t3")
_WHOLE = frozenset({"opens", "closes", "trades"})
_SCHEMA = {name: pl.String if not name else pl.Int64 if name in _WHOLE else pl.Float64 for name in _NAMES}
_WANTED = list(range(1, len(_NAMES)))


@dataclass(frozen=True, slots=True)
class KlineTable:
    """The columns of a page: times in UTC ms, and by name the numbers that stood in quotes."""

    opens: Times
    closes: Times
    decimals: dict[str, Floats]


def read_klines(body: bytes) -> Any:
    """Return a KlineTable where ``body`` is a page in Binance's spelling, else what ``strict_json`` returns; ValueError as there."""
    table = _table(body) if _is_spelled_as_usual(body) else None
    return strict_json(body) if table is None else table


def _is_spelled_as_usual(body: bytes) -> bool:
    bare = body.translate(None, _NUMBER)
    rows = (len(bare) - 1) // len(_ROW)
    if rows < 1 or bare != b"[" + (_ROW * rows)[:-1] + b"]":
        return False
    letters = np.frombuffer(body, np.uint8)
    # Outside of quotes 0123 is no JSON, and a row without trades is rare enough for the other reader.
    begins_with_zero = (letters[1:] == _ZERO) & ((letters[:-1] == _COMMA) | (letters[:-1] == _OPENING))
    return not begins_with_zero.any() and int(np.diff(np.flatnonzero(letters == _QUOTE)).max()) <= _LONGEST + 1


def _table(body: bytes) -> KlineTable | None:
    """Return the numbers; None when one of them is no number after all, such as 1.2.3."""
    text = b"," + body[1:-1].translate(_ROW_END_TO_LINE_END, b'["')
    try:
        frame = pl.read_csv(BytesIO(text), has_header=False, schema=_SCHEMA, columns=_WANTED, quote_char=None)
    except pl.exceptions.PolarsError:
        return None
    if any(frame.null_count().row(0)):
        return None
    decimals = {name: frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume", "quote_volume")}
    finite = all(np.isfinite(values).all() for values in decimals.values())
    return KlineTable(frame["opens"].to_numpy(), frame["closes"].to_numpy(), decimals) if finite else None
