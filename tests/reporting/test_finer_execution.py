"""What finer execution changed is said in one sentence and a table; nothing is said where nothing is known."""

from typing import Any

from reporting.finer_execution import finer_execution


def figure(name: str, detail: float | None, coarse: float | None, difference: float | None) -> dict[str, Any]:
    return {"name": name, "detail": detail, "coarse": coarse, "difference": difference}


BASELINE: dict[str, Any] = {
    "detail": {"timeframe": "5m"},
    "compared": [
        figure("net_pnl", 10.0, -5.5, 15.5), figure("sharpe_ratio", None, 0.5, None), figure("total_trades", 51, 50, 1),
        figure("ambiguous_exits", 1, 14, -13),
    ],
}  # fmt: skip


def test_sentence_counts_ambiguous_exits_on_both_timeframes() -> None:
    found = finer_execution(BASELINE, "1h")
    assert found is not None
    assert "On 1h bars alone 14 of 50 exits are ambiguous" in found.sentence
    assert "On 5m bars 1 of 51 are." in found.sentence
    assert found.rows == (
        ("Net P&L", "10.00", "-5.50", "15.50"), ("Sharpe ratio", "n/a", "0.50", "n/a"), ("Trades", "51", "50", "1"),
        ("Ambiguous exits", "1", "14", "-13"),
    )  # fmt: skip


def test_run_on_one_timeframe_says_nothing() -> None:
    assert finer_execution(BASELINE | {"compared": []}, "1h") is None
    assert finer_execution({}, "1h") is None
