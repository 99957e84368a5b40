"""The integer codes that kernels speak, one meaning a line, and their names."""

# why a trade ended or an entry was given up
STOP_LOSS = 1  # the protective stop set at entry
TRAILING_STOP = 2  # the stop raised by the trailing stop
TRAILING_TAKE_PROFIT = 3  # the stop raised by the trailing take profit
TAKE_PROFIT = 4  # the fixed target
OPPOSITE_SIGNAL = 5  # a signal for the other side
RUIN = 6  # the account was used up
END_OF_DATA = 7  # no more bars
EXPIRED = 8  # the last tier's timeout ran out
NO_TIER = 9  # no entry tier is switched on
NO_BET = 10  # the record so far says not to bet
LIQUIDATION = 11  # the equity fell to the maintenance margin
BELOW_STEP = 12  # the quantity rounds to nothing
BELOW_MIN_QTY = 13  # the quantity is below the market's smallest
BELOW_MIN_NOTIONAL = 14  # the quantity is worth less than the market's smallest order

REASON_NAMES = (
    "", "stop_loss", "trailing_stop", "trailing_take_profit", "take_profit", "opposite_signal",
    "ruin", "end_of_data", "expired", "no_tier", "no_bet", "liquidation", "below_step", "below_min_qty", "below_min_notional",
)  # fmt: skip

# how an entry that was not filled whole ended
MISSED = 1  # nothing was filled
PARTIAL = 2  # something was filled, the rest cancelled
REJECTED = 3  # never became an order

ENTRY_KIND_NAMES = ("", "missed", "partial", "rejected")

# where in the bar an entry was filled; decides what the rest of that bar can do to it
NO_FILL = 0
AT_OPEN = 1  # at the bar's open: the whole bar came after it
RESTING_LIMIT = 2  # inside the bar, waiting at a better price
STOP_ORDER = 3  # inside the bar, the price came from the stop's side
SLICE = 4  # averaged over the bar

# what the distance of a stop or a target is (config.Distance)
BY_ATR = 0
BY_PERCENT = 1
NO_LEVEL = 2

DISTANCE_NAMES = ("atr", "percent", "none")

# what the quantity of an entry follows (config.SizingMethod)
SIZE_FIXED = 0
SIZE_BY_EQUITY = 1
SIZE_BY_RISK = 2
SIZE_BY_VOLATILITY = 3
SIZE_BY_KELLY = 4

SIZING_NAMES = ("fixed", "equity", "risk", "volatility", "kelly")

NOTHING = 1e-12  # share of an entry below which nothing is left of it
