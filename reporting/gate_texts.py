"""Numbers of gates as people read them: with as many digits as it takes not to contradict the result."""

import math
from typing import Any

# A double tells no more of a number between 0 and 1.
_MOST_DIGITS = 12

_OBJECTIVES = {"sharpe": "Sharpe ratio", "sortino": "Sortino ratio", "calmar": "Calmar ratio", "net_pnl": "net P&L"}


def finite(value: Any) -> float | None:
    """Return a number as it is, None for what is missing, nan or infinite."""
    return None if value is None or not math.isfinite(value) else value


def digits_beside(value: float, limit: float, least: int = 2) -> int:
    """Return how many decimals, ``least`` or more, show on which side of ``limit`` the value is, and that it is not zero."""
    for digits in range(least, _MOST_DIGITS):
        shown, border = round(value, digits), round(limit, digits)
        if _side(shown, border) == _side(value, limit) and (shown != 0 or value == 0):
            return digits
    return _MOST_DIGITS


def _side(value: float, limit: float) -> int:
    return (value > limit) - (value < limit)


def number_beside(value: float | None, limit: float) -> str:
    """Return the value for a table that shows its limit beside it, n/a for None; counts without decimals."""
    if value is None:
        return "n/a"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.{digits_beside(value, limit)}f}"


def percent_beside(share: float | None, limit: float, least: int = 0) -> str:
    """Return a share (1 = 100 %) in percent, with the digits, ``least`` or more, that tell it from ``limit``, from 0 and from 1."""
    if share is None:
        return "n/a"
    hundredfold, border = _hundredfold(share), _hundredfold(limit)
    digits = max(digits_beside(hundredfold, border, least), digits_beside(hundredfold, 100.0, least))
    return f"{hundredfold:,.{digits}f} %"


def percent(share: float | None) -> str:
    """Return a share in percent with one decimal, or more where it takes more to tell it from 0 and from 1."""
    return percent_beside(finite(share), 0.0, 1)


def percent_of_limit(limit: float) -> str:
    """Return a limit in percent with all of its digits."""
    return f"{_hundredfold(limit):,.10g} %"


def _hundredfold(share: float) -> float:
    """Return 100 times ``share`` without the dust of the multiplication: 0.07 is 7 %, not 7.000000000000001 %."""
    return round(100 * share, 10)


def plain(value: float | None, digits: int = 2) -> str:
    """Return a number with ``digits`` decimals and no minus before a zero, n/a where there is none."""
    return "n/a" if finite(value) is None else f"{value:z,.{digits}f}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return ``1 trade`` or ``1,200 trades``; ``plural`` where it is not the noun with an s."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def earned(profit: float | None) -> str:
    """Return ``earned 1,234.50`` or ``lost 1,234.50``."""
    if profit is None:
        return "earned n/a"
    return f"earned {profit:,.2f}" if profit >= 0 else f"lost {-profit:,.2f}"


def objective_in_words(objective: str) -> str:
    """Return an objective as it is called in a sentence."""
    return _OBJECTIVES.get(objective, objective.replace("_", " "))
