"""The Markdown summary: the verdict first, every gate with its words, sound tables whatever a market is called."""

import re
from pathlib import Path
from typing import Any

import pytest

from core.canonical_json import read_json
from core.run_folder import RunFolder
from reporting.gate import GATES
from reporting.publish import publish_report
from reporting.summary_markdown import CAVEATS
from tests.reporting.runs import SLUG, market, put, window, write_run
from tests.reporting.significance import nothing_computed

EVIL = "A|B\n# C <script>alert(1)</script> [x](http://y) *z*"


def summary(run: RunFolder) -> str:
    publish_report(run)
    return (run.exports / "summary.md").read_text(encoding="utf8")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return summary(write_run(tmp_path_factory.mktemp("summary"), [market(synthetic=True)], oos_trades=12))


def test_verdict_stands_before_everything_else(text: str) -> None:
    lines = [line for line in text.splitlines() if line]
    assert lines[:2] == ["# Summary", "## LOCAL BTCUSDT 1h (synthetic)"]
    assert lines[3] == "**FAIL: do not trade this**"
    headings = [line for line in lines if line.startswith("### ")]
    assert headings == [
        "### Gates",
        "### What these data could prove",
        "### Side by side",
        "### Walk-forward windows",
        "### How much of it may be luck",
    ]


def test_every_gate_has_a_row(text: str) -> None:
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith(("| passed |", "| failed |"))]
    assert [row[1] for row in rows] == [info.label for info in GATES.values()]
    assert rows[-1][0] == "| failed"
    assert rows[-1][2:4] == ["12", ">= 30"]


def test_says_what_noise_would_have_shown_and_how_to_read_it(text: str) -> None:
    assert "After it: the trials amount to 41.3 independent ones, whose best is expected to show 2.28 without any edge." in text
    assert "The winner shows 3.10; noise is expected to reach that on less than 0.55 years of data, and there are 1.00." in text
    for caveat in CAVEATS:
        assert f"- {caveat}" in text
    for word in ("2012", "crowds its trials", "drawdown only"):
        assert any(word in caveat for caveat in CAVEATS)


def test_says_what_was_known_before_the_search_where_a_run_has_it(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    file = run.checkpoints / "05_baseline" / SLUG / "baseline.json"
    told = {"days": 366, "years": 1.0, "trials": 350, "noise_sharpe": 2.93, "years_for_sharpe": {"1": 8.6, "2": 2.1}}
    put(file, read_json(file) | {"provable": told})
    written = summary(run)
    assert "of 350 trials without any edge" in written
    assert "a Sharpe ratio of 2.93 on 366 days" in written
    assert "8.60 years for a ratio of 1, 2.10 years for a ratio of 2" in written


def test_odd_names_are_text_and_tables_stay_whole(tmp_path: Path) -> None:
    written = summary(write_run(tmp_path, [market(EVIL), market("two", "local_two_1h")]))
    assert re.search(r"(?<!\\)<", written) is None
    assert "\n# C" not in written
    assert r"\[x\](http://y)" in written
    assert [line for line in written.splitlines() if line.startswith("## ")][1] == "## LOCAL two 1h"
    tables = [part.splitlines() for part in written.split("\n\n") if part.startswith("| ")]
    assert len(tables) == 8
    for table in tables:
        assert table[1].startswith("| --- |")
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1


def test_depth_of_the_walk_forward_is_told_where_a_run_has_it(tmp_path: Path, text: str) -> None:
    worth = {"efficiency": 0.41, "rank_correlation": -0.12, "selection_skill": 0.3, "selection_skill_net_pnl": 55.0}
    stress = {
        "name": "costs_x2", "label": "costs x2", "sentence": "Fees and slippage are twice as high.", "net_pnl": 75.0, "kept": 0.5,
        "worst_net_pnl": 75.0, "return_pct": 0.1, "sharpe_ratio": 0.8, "profit_factor": 1.1, "max_drawdown": -2.0, "total_trades": 36,
    }  # fmt: skip
    regime = {"trend": "up", "volatility": "calm", "bars": 480, "share": 0.33, "trades": 12, "net_pnl": 9.0, "sharpe_ratio": None}
    windows = [window(k) | worth | {"trials_tested": 100 + k} for k in range(2)]
    path = {"path": 0, "net_pnl": 150.0, "sharpe_ratio": 1.0, "max_drawdown": -2.0, "total_trades": 36}
    paths = {"paths": [path, path | {"path": 1, "net_pnl": -20.0}], "stitched_path": 0}
    depth: dict[str, Any] = worth | paths | {"stress": [stress], "regimes": [regime, regime | {"trend": None, "volatility": None}]}
    written = summary(write_run(tmp_path, windows=windows, **depth))
    for line in (
        "| 1 | 0.41 | -0.12 | 0.30 | 55.00 | 101 |",
        "| all | 0.41 | -0.12 | 0.30 | 55.00 | 201 |",
        "| 0 | 150.00 | 1.00 | -2.00 % | 36 | yes, the middle one |",
        "| 1 | -20.00 | 1.00 | -2.00 % | 36 | no |",
        "| costs x2 | 75.00 | 0.50 | 0.80 | -2.00 % | 36 | Fees and slippage are twice as high. |",
        "| up, calm | 33 % | 12 | 9.00 | n/a |",
        "| too early to tell | 33 % | 12 | 9.00 | n/a |",
    ):
        assert line in written
    assert "Stress of the chosen parameters" not in text


def test_run_without_statistics_or_without_any_value_says_so(tmp_path: Path) -> None:
    run = write_run(tmp_path / "none")
    (run.checkpoints / "08_walkforward" / SLUG / "significance.json").unlink()
    written = summary(run)
    assert "This was not computed" in written
    assert "How much of it may be luck" not in written
    assert written.count("| failed |") == 5
    empty = summary(write_run(tmp_path / "empty", significance=nothing_computed()))
    assert "cannot be computed: there is one trial, and a comparison needs two." in empty
