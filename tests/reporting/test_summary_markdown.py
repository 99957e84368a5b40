"""The Markdown summary: the verdict first, every gate with its words, sound tables whatever a market is called."""

import re
from pathlib import Path

import pytest

from core.run_folder import RunFolder
from reporting.gate import GATES
from reporting.publish import publish_report
from reporting.summary_markdown import CAVEATS
from tests.reporting.runs import SLUG, market, write_run
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
    assert "On 366 days the best of 41.3 independent trials without any edge is expected to show a Sharpe ratio of 2.28" in text
    for caveat in CAVEATS:
        assert f"- {caveat}" in text
    for word in ("2012", "crowds its trials", "drawdown only"):
        assert any(word in caveat for caveat in CAVEATS)


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


def test_run_without_statistics_or_without_any_value_says_so(tmp_path: Path) -> None:
    run = write_run(tmp_path / "none")
    (run.checkpoints / "08_walkforward" / SLUG / "significance.json").unlink()
    written = summary(run)
    assert "This was not computed" in written
    assert "How much of it may be luck" not in written
    assert written.count("| failed |") == 5
    empty = summary(write_run(tmp_path / "empty", significance=nothing_computed()))
    assert "cannot be computed: there is one trial, and a comparison needs two." in empty
