"""The integer codes that kernels speak, one meaning a line, and their names."""

from typing import cast

import numpy as np


def _code(number: int) -> int:
    """Return ``number`` as what compiled code takes for any number: of plain ones it would compile every function once for each."""
    return cast("int", np.int64(number))


# why a trade ended or an entry was given up
STOP_LOSS = _code(1)  # the protective stop set at entry
TRAILING_STOP = _code(2)  # the stop raised by the trailing stop
TRAILING_TAKE_PROFIT = _code(3)  # the stop raised by the trailing take profit
TAKE_PROFIT = _code(4)  # the fixed target
OPPOSITE_SIGNAL = _code(5)  # a signal for the other side
RUIN = _code(6)  # the account was used up
END_OF_DATA = _code(7)  # no more bars
EXPIRED = _code(8)  # the last tier's timeout ran out
NO_TIER = _code(9)  # no entry tier is switched on
NO_BET = _code(10)  # the record so far says not to bet
LIQUIDATION = _code(11)  # the equity fell to the maintenance margin
BELOW_STEP = _code(12)  # the quantity rounds to nothing
BELOW_MIN_QTY = _code(13)  # the quantity is below the market's smallest
BELOW_MIN_NOTIONAL = _code(14)  # the quantity is worth less than the market's smallest order

REASON_NAMES = (
    "", "stop_loss", "trailing_stop", "trailing_take_profit", "take_profit", "opposite_signal",
    "ruin", "end_of_data", "expired", "no_tier", "no_bet", "liquidation", "below_step", "below_min_qty", "below_min_notional",
)  # fmt: skip

# how an entry that was not filled whole ended
MISSED = _code(1)  # nothing was filled
PARTIAL = _code(2)  # something was filled, the rest cancelled
REJECTED = _code(3)  # never became an order

ENTRY_KIND_NAMES = ("", "missed", "partial", "rejected")

# where in the bar an entry was filled; decides what the rest of that bar can do to it
NO_FILL = _code(0)
AT_OPEN = _code(1)  # at the bar's open: the whole bar came after it
RESTING_LIMIT = _code(2)  # inside the bar, waiting at a better price
STOP_ORDER = _code(3)  # inside the bar, the price came from the stop's side
SLICE = _code(4)  # averaged over the bar

# what the distance of a stop or a target is (config.Distance)
BY_ATR = _code(0)
BY_PERCENT = _code(1)
NO_LEVEL = _code(2)

DISTANCE_NAMES = ("atr", "percent", "none")

# what the quantity of an entry follows (config.SizingMethod)
SIZE_FIXED = _code(0)
SIZE_BY_EQUITY = _code(1)
SIZE_BY_RISK = _code(2)
SIZE_BY_VOLATILITY = _code(3)
SIZE_BY_KELLY = _code(4)

SIZING_NAMES = ("fixed", "equity", "risk", "volatility", "kelly")

# the entry tiers
EMA_TOUCH = _code(1)
LIMIT = _code(2)
VWAP_SLICE = _code(3)
MARKET = _code(4)

NOTHING = 1e-12  # share of an entry below which nothing is left of it
