"""Every scenario of every table, for the tests that run them through an implementation."""

from tests.scenarios import (
    tables_account,
    tables_no_trade_bars,
    tables_protection,
    tables_signals,
    tables_slices_and_market,
    tables_touch_and_limit,
    tables_trailing,
)

SCENARIOS = [
    *tables_touch_and_limit.SCENARIOS,
    *tables_slices_and_market.SCENARIOS,
    *tables_protection.SCENARIOS,
    *tables_trailing.SCENARIOS,
    *tables_signals.SCENARIOS,
    *tables_no_trade_bars.SCENARIOS,
    *tables_account.SCENARIOS,
]
