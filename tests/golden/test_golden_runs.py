"""Real candles give the trades and the figures they gave when golden.json was written (see update.py)."""

from dataclasses import replace
from pathlib import Path

import pytest

from backtest_engine import BacktestEngine
from tests.golden.cases import CASES, MARKETS
from tests.golden.fingerprints import HEADLINES, differences, fingerprint, read_golden, run_case, trades_hash

GOLDEN = read_golden()
UPDATE = "If this change of the rules is meant: .venv/bin/python -m tests.golden.update, and say why in the commit."


@pytest.mark.parametrize("name", CASES)
def test_golden_run_has_not_moved(name: str, shared_data: Path) -> None:
    moved = list(differences(GOLDEN[name], fingerprint(run_case(name, shared_data / "candles"))))
    assert not moved, f"the golden run '{name}' moved:\n  " + "\n  ".join(moved) + f"\n{UPDATE}"


def test_every_case_has_golden_figures_and_no_other() -> None:
    assert list(GOLDEN) == list(CASES), UPDATE
    assert all(list(figures) == [*HEADLINES, "trades"] for figures in GOLDEN.values())


def test_cases_are_small_and_worth_keeping() -> None:
    assert {case.market for case in CASES.values()} == set(MARKETS)
    assert all(market.bars <= 5000 for market in MARKETS.values())
    assert len({figures["trades"] for figures in GOLDEN.values()}) == len(CASES), "two cases are one"
    traded = [name for name, figures in GOLDEN.items() if figures["total_trades"]]
    assert traded == list(CASES)
    for column in ("missed_entries", "partial_entries", "rejected_entries", "ruined"):
        assert any(figures[column] for figures in GOLDEN.values()), f"no case has {column}"


def test_what_moved_is_told_with_both_values() -> None:
    golden = {"total_trades": 3, "net_pnl": 1.0, "sharpe_ratio": None, "trades": "aa", "ruined": False}
    assert list(differences(golden, golden | {"net_pnl": 1.0 + 1e-9})) == []
    found = golden | {"total_trades": 4, "net_pnl": 1.00001, "sharpe_ratio": 0.5, "trades": "bb", "ruined": True}
    assert list(differences(golden, found)) == [
        "total_trades: 3 -> 4", "net_pnl: 1.0 -> 1.00001", "sharpe_ratio: None -> 0.5", "trades: aa -> bb", "ruined: False -> True",
    ]  # fmt: skip
    assert list(differences({}, {"net_pnl": 1.0})) == ["net_pnl: None -> 1.0"]


def test_hash_of_trades_sees_eight_digits_of_a_price(shared_data: Path) -> None:
    result = run_case("loose, delta 1h", shared_data / "candles")
    before = trades_hash(result)
    trades = result._trades
    for share, same in ((1e-12, True), (1e-6, False)):
        moved = trades.copy()
        moved["exit_price"][0] *= 1 + share
        assert (trades_hash(replace(result, _trades=moved)) == before) is same


def test_small_change_of_a_setting_moves_a_golden_run(shared_data: Path) -> None:
    case = CASES["busy, btc 5m with a hole"]
    engine = BacktestEngine(
        run_case("busy, btc 5m with a hole", shared_data / "candles").candles, case.strategy.replace(atr_sl_multiplier=1.5001), 0.2
    )
    moved = list(differences(GOLDEN["busy, btc 5m with a hole"], fingerprint(engine.run())))
    assert any(line.startswith("trades: ") for line in moved)
