"""Compares what an implementation made of a scenario with what the scenario expects."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.scenarios.scenario import Scenario, Trade, Unfilled


@dataclass(frozen=True)
class Outcome:
    """An implementation's result in the scenario's own terms: bar indices instead of times, ``net`` always given."""

    trades: Sequence[Trade]
    unfilled: Sequence[Unfilled]
    equity: Sequence[float]
    ruined: bool
    final_cash: float
    ambiguous: int = 0


def assert_valid_candles(scenario: Scenario) -> None:
    """Fail where a row could not be a bar of a market."""
    for row in scenario.rows:
        assert 0 < row.low <= min(row.open, row.close) <= max(row.open, row.close) <= row.high
        assert row.volume >= 0
        assert row.signal in (-1, 0, 1)


def assert_outcome(scenario: Scenario, outcome: Outcome, *, rel: float = 1e-9) -> None:
    """Fail unless trades, unfilled entries and account are the expected ones: numbers within ``rel``, everything else exactly."""
    assert [_facts(trade) for trade in outcome.trades] == [_facts(trade) for trade in scenario.trades]
    for got, expected in zip(outcome.trades, scenario.trades, strict=True):
        assert got.avg_entry == pytest.approx(expected.avg_entry, rel=rel)
        assert got.exit_price == pytest.approx(expected.exit_price, rel=rel)
        assert got.qty == pytest.approx(expected.qty, rel=rel)
        if expected.net is not None:
            assert got.net == pytest.approx(expected.net, rel=rel, abs=1e-9)
    assert [(u.kind, u.reason, u.signal_bar, u.bar) for u in outcome.unfilled] == [
        (u.kind, u.reason, u.signal_bar, u.bar) for u in scenario.unfilled
    ]
    assert [u.filled for u in outcome.unfilled] == pytest.approx([u.filled for u in scenario.unfilled], rel=rel)
    if scenario.ambiguous is not None:
        assert outcome.ambiguous == scenario.ambiguous
    assert_account(scenario, outcome, rel=rel)


def assert_account(scenario: Scenario, outcome: Outcome, *, rel: float = 1e-9) -> None:
    """Fail unless equity, ruin and the final cash are the expected ones."""
    assert outcome.ruined is scenario.ruined
    assert len(outcome.equity) == len(scenario.rows) // scenario.detail_bars
    assert outcome.equity[-1] == outcome.final_cash
    for t, expected in scenario.equity.items():
        assert outcome.equity[t] == pytest.approx(expected, rel=rel, abs=1e-9)


def _facts(trade: Trade) -> tuple[int, int, int, int, str]:
    return trade.direction, trade.entry_bar, trade.tier, trade.exit_bar, trade.reason
