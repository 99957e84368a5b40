"""Every scenario of every table, for the tests that run them through an implementation."""

from tests.scenarios import (
    tables_account,
    tables_detail,
    tables_funding_and_liquidation,
    tables_liquidation_order,
    tables_no_trade_bars,
    tables_protection,
    tables_signals,
    tables_sizing,
    tables_slices_and_market,
    tables_slip_and_steps,
    tables_stop_types,
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
    *tables_slip_and_steps.SCENARIOS,
    *tables_funding_and_liquidation.SCENARIOS,
    *tables_liquidation_order.SCENARIOS,
    *tables_stop_types.SCENARIOS,
    *tables_sizing.SCENARIOS,
    *tables_detail.SCENARIOS,
]
