"""Publishing: from checkpoint files to results, exports and raw logs; a pure function of them."""

import csv
import json
from pathlib import Path

import pytest

from core.errors import CorruptFileError
from core.run_folder import RunFolder
from reporting.publish import publish_report
from tests.reporting.runs import DAY, RUN_ID, SLUG, START, market, put, write_run

EXPECTED = {
    f"data/raw_logs/LOCAL_BTCUSDT/{RUN_ID}.jsonl",
    *(f"data/exports/{RUN_ID}/{name}" for name in ("comparison.csv", "gates.csv", f"trials_{SLUG}.parquet", "report.html", "summary.md")),
    *(f"data/exports/{RUN_ID}/{name}_{SLUG}.csv" for name in ("trades", "windows", "drawdowns", "months", "splits", "significance")),
    *(
        f"data/results/{RUN_ID}/{name}.json"
        for name in ("run", "quality", "baseline", "optimization", "walkforward", "significance", "performance", "report")
    ),
}


def published(run: RunFolder, root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in publish_report(run)}


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_writes_exactly_what_it_returns_and_nothing_else(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    names = set(published(run, tmp_path))
    assert names == EXPECTED
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file() and path not in before} == EXPECTED


def test_equal_checkpoints_give_equal_bytes_anywhere(tmp_path: Path) -> None:
    first = published(write_run(tmp_path / "one"), tmp_path / "one")
    again = published(write_run(tmp_path / "one"), tmp_path / "one")
    elsewhere = published(write_run(tmp_path / "two"), tmp_path / "two")
    assert first == again == elsewhere


def test_results_and_exports_hold_no_path_run_id_or_executor(tmp_path: Path) -> None:
    for name, content in published(write_run(tmp_path), tmp_path).items():
        own = content.partition(b"<script>")[0]  # Plotly's own code has many words
        for word in (b"private", b"processes", b"executor", RUN_ID.encode(), str(tmp_path).encode()):
            assert word not in own, f"{word!r} in {name}"


def test_run_json_says_what_was_run(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    publish_report(run)
    content = json.loads((run.results / "run.json").read_bytes())
    assert content["mode"] == "SINGLE"
    assert content["seed"] == 7
    assert content["settings"]["strategy"]["name"] == "my_own.py"
    assert content["settings"]["start_ms"] == START
    assert content["markets"][0]["bars"] == 3000
    assert content["markets"][0]["candles_digest"] == "c" * 64


def test_report_json_holds_verdict_and_comparison(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    publish_report(run)
    content = json.loads((run.results / "report.json").read_bytes())["markets"][SLUG]
    assert content["verdict"]["passed"] is True
    assert len(content["verdict"]["gates"]) == 9
    assert content["comparison"]["columns"] == ["baseline", "7.1", "7.2", "7.3", "walkforward"]


def test_csv_times_stand_beside_their_iso_form(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    publish_report(run)
    trades = read_table(run.exports / f"trades_{SLUG}.csv")
    assert [row["source"] for row in trades] == ["baseline"] * 20 + ["optimized"] * 15 + ["walkforward"] * 36
    assert (trades[0]["entry_time"], trades[0]["entry_time_utc"]) == (str(START), "2024-01-01T00:00:00Z")
    assert (trades[0]["window"], trades[-1]["window"]) == ("", "0")
    windows = read_table(run.exports / f"windows_{SLUG}.csv")
    assert (windows[1]["oos_start_ms"], windows[1]["oos_start_utc"]) == (str(START + 80 * DAY), "2024-03-21T00:00:00Z")
    assert windows[2]["param_ema_fast"] == "20"


def test_raw_log_tells_every_trade_and_every_entry_not_filled_whole(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    publish_report(run)
    path = run.paths.raw_logs / "LOCAL_BTCUSDT" / f"{RUN_ID}.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf8").splitlines()]
    kinds = [(line["source"], line["event"]) for line in lines]
    assert kinds.count(("baseline", "trade")) == 20
    assert kinds.count(("optimized", "trade")) == 15
    assert kinds.count(("walkforward", "trade")) == 36
    assert [event for _, event in kinds if event != "trade"] == ["missed", "partial", "rejected"]
    assert lines[0]["market"] == SLUG
    assert lines[0]["entry_time_utc"] == "2024-01-01T00:00:00Z"


def test_markets_of_one_symbol_share_a_raw_log_and_stale_exports_go(tmp_path: Path) -> None:
    two = [market(), market(slug="local_btcusdt_4h", timeframe="4h"), market("ETHUSDT", "local_ethusdt_1h")]
    run = write_run(tmp_path, two)
    written = publish_report(run)
    logs = [path for path in written if path.suffix == ".jsonl"]
    assert sorted(path.parent.name for path in logs) == ["LOCAL_BTCUSDT", "LOCAL_ETHUSDT"]
    assert {json.loads(line)["market"] for line in logs[0].read_text().splitlines()} == {SLUG, "local_btcusdt_4h"}
    other_run = logs[1].with_name("other.jsonl")
    other_run.write_text("", encoding="utf8")
    (run.exports / "my_notes.csv").write_text("", encoding="utf8")
    publish_report(write_run(tmp_path, [market()]))
    assert not list(run.exports.glob("*ethusdt*"))
    assert (run.exports / "my_notes.csv").exists(), "only what a report writes is taken away"
    assert not logs[1].exists()
    assert other_run.exists()


@pytest.mark.parametrize(
    "name",
    [
        "03_selection/selection.json",
        f"05_baseline/{SLUG}/baseline.json",
        f"05_baseline/{SLUG}/trades.parquet",
        f"08_walkforward/{SLUG}/walkforward.json",
        f"08_walkforward/{SLUG}/oos_equity.parquet",
    ],
)
def test_missing_or_damaged_checkpoint_file_is_named_and_nothing_is_published(tmp_path: Path, name: str) -> None:
    run = write_run(tmp_path)
    path = run.checkpoints / name
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(CorruptFileError, match=path.name):
        publish_report(run)
    path.unlink()
    with pytest.raises(CorruptFileError, match=f"{path.name} is missing"):
        publish_report(run)
    assert not run.results.exists()
    assert not run.exports.exists()


def test_checkpoint_of_another_shape_is_named(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    put(run.checkpoints / "08_walkforward" / SLUG / "walkforward.json", {"windows": []})
    with pytest.raises(CorruptFileError, match="walkforward.json is not what was written: the file has no 'scores'"):
        publish_report(run)
