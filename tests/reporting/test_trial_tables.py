"""Every trial of every ledger as a row, exactly as the ledger holds it, whether the ledger grows or is done."""

import math
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import reporting.trial_tables
from backtest_engine.metrics import Metrics
from core.checked_log import CheckedLog
from core.errors import CorruptFileError
from core.paths import Paths
from core.run_folder import RunFolder, stage_named
from optimization.ledger import TrialLedger
from optimization.trial_record import TrialRecord
from reporting.trial_tables import (
    GrowingLedger,
    LedgerFile,
    all_trials,
    best_first,
    ledger_files,
    read_study,
    read_trials,
    write_table,
    write_trials,
)

SLUG = "local_btcusdt_1h"
STUDY = {"stage": "7.2", "trials": 6}


def metrics(number: int) -> dict[str, float | int | bool]:
    values: dict[str, float | int | bool] = {field.name: (number + 0.1) / 3 for field in fields(Metrics) if field.type is float}
    return values | {field.name: number for field in fields(Metrics) if field.type is int} | {"ruined": False, "sortino_ratio": math.nan}


def trial(number: int, **changes: Any) -> TrialRecord:
    params = {"rsi": 20 + number, "stop": 0.1 * number}
    base = TrialRecord(
        number, "7.2", None, params, f"{params}", "complete", 3, 900, (0.1, None, number / 7), metrics(number), values=(number / 7, 1.0)
    )
    return replace(base, **changes)


TRIALS = [
    trial(0),
    trial(1, state="pruned", fidelity=1, bars=300, scores=(0.1 + 0.2,), values=(0.3,)),
    trial(2, state="duplicate", fidelity=0, bars=0, scores=(), values=(), metrics={}, duplicate_of=0),
    trial(3, state="failed", fidelity=0, bars=0, scores=(), values=(), metrics={}, error="ValueError: no"),
    trial(4, state="screened", fidelity=2, bars=600, scores=(0.5, 0.6), values=(0.6,), screen=(0.5, 0.6)),
    trial(5, violations=(-0.5, 0.25), state="infeasible"),
]


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(Paths.under(tmp_path), "20240101-000000-abcd")


def write(run: RunFolder, stage: str, window: int | None, records: list[TrialRecord]) -> Path:
    folder = run.stage(stage_named("optimize" if window is None else "walkforward")) / SLUG
    path = (folder if window is None else folder / f"window_{window:02d}") / f"{stage}.trials.log"
    with TrialLedger(STUDY, path) as ledger:
        ledger.append(replace(record, stage=stage, window=window) for record in records)
    return path


def test_a_row_is_its_trial_to_the_last_bit(run: RunFolder) -> None:
    table = read_trials(LedgerFile("7.2", None, write(run, "7.2", None, TRIALS)))
    assert table.study == STUDY
    for record, row in zip(TRIALS, table.trials.iter_rows(named=True), strict=True):
        for name in ("trial", "stage", "window", "state", "fidelity", "bars", "duplicate_of", "error"):
            assert row[name] == getattr(record, name), name
        assert [row[f"score_{k}"] for k in (1, 2, 3)] == [*record.scores, *[None] * (3 - len(record.scores))]
        assert row["value"] == (record.scores[-1] if record.state == "complete" else None)
        assert row["score"] == (record.scores[-1] if record.scores else None)
        assert {name: row[f"param_{name}"] for name in record.params} == dict(record.params)
        for field in fields(Metrics):
            expected = record.metrics.get(field.name)
            assert row[field.name] == (None if expected is None or expected != expected else expected), field.name
    assert table.trials["screen_2"].to_list() == [None, None, None, None, 0.6, None]
    assert table.trials["violation_2"].to_list() == [None, None, None, None, None, 0.25]
    assert table.trials["value_2"].to_list() == [1.0, None, None, None, None, 1.0]
    assert table.trials.schema["param_rsi"] == pl.Int64
    assert table.trials.schema["total_trades"] == pl.Int64
    assert table.trials.schema["ruined"] == pl.Boolean


def test_pieces_of_any_size_make_the_same_table(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    file = LedgerFile("7.2", None, write(run, "7.2", None, TRIALS))
    whole = read_trials(file).trials
    for size in (1, 2, 4):
        monkeypatch.setattr(reporting.trial_tables, "_CHUNK", size)
        assert read_trials(file).trials.equals(whole), size
        assert read_trials(file).trials.schema == whole.schema


def test_searches_stand_in_the_order_of_work(run: RunFolder) -> None:
    for window in (100, 2, 11):
        write(run, "7.1", window, TRIALS[:1])
    write(run, "7.2", None, TRIALS[:2])
    write(run, "7.1", None, TRIALS[:2])
    files = ledger_files(run, SLUG)
    assert [(file.stage, file.window) for file in files] == [("7.1", None), ("7.2", None), ("7.1", 2), ("7.1", 11), ("7.1", 100)]
    assert all_trials(files).select("stage", "window", "trial").rows() == [
        ("7.1", None, 0), ("7.1", None, 1), ("7.2", None, 0), ("7.2", None, 1), ("7.1", 2, 0), ("7.1", 11, 0), ("7.1", 100, 0),
    ]  # fmt: skip


def test_equal_ledgers_give_equal_bytes(run: RunFolder, tmp_path: Path) -> None:
    write(run, "7.2", None, TRIALS)
    first, second = (write_trials(tmp_path / name, run, SLUG).read_bytes() for name in ("one", "two"))
    assert first == second
    assert pl.read_parquet(first).equals(all_trials(ledger_files(run, SLUG)))


def test_what_stage_7_leaves_of_a_search_is_its_table_and_the_settings_are_read_alone(run: RunFolder) -> None:
    ledger = write(run, "7.2", None, TRIALS)
    file = LedgerFile("7.2", None, ledger)
    first = write_table(ledger).read_bytes()
    assert pl.read_parquet(first).equals(read_trials(file).trials)
    assert pl.read_parquet(first).schema == read_trials(file).trials.schema
    assert write_table(ledger).read_bytes() == first
    assert read_study(file) == STUDY
    ledger.write_bytes(b"torn")
    assert read_study(file) == {}


def test_a_market_without_trials_has_an_empty_table_of_the_same_columns(run: RunFolder, tmp_path: Path) -> None:
    empty = pl.read_parquet(write_trials(tmp_path / "none", run, SLUG))
    assert len(empty) == 0
    write(run, "7.2", None, TRIALS[:1])
    assert set(empty.columns) < set(all_trials(ledger_files(run, SLUG)).columns)


def test_a_line_that_is_being_written_is_not_shown_and_not_touched(run: RunFolder) -> None:
    path = write(run, "7.2", None, TRIALS)
    content = path.read_bytes()
    ends = [place + 1 for place, byte in enumerate(content) if byte == 10]
    for length in (0, 5, ends[0] - 1, ends[0], ends[2] - 1, ends[2] + 40, len(content)):
        path.write_bytes(content[:length])
        whole = sum(end <= length for end in ends)
        assert len(read_trials(LedgerFile("7.2", None, path)).trials) == max(0, whole - 1)
        assert path.read_bytes() == content[:length]
        assert sorted(entry.name for entry in path.parent.iterdir()) == ["7.2.trials.log"]


@pytest.mark.parametrize("lines", [["no header"], [{"study": STUDY}, 5], [{"study": STUDY}, {"trial": 0}]])
def test_a_file_of_something_else_is_refused_by_name(tmp_path: Path, lines: list[object]) -> None:
    path = tmp_path / "7.1.trials.log"
    with CheckedLog(path) as log:
        log.append(lines)
    with pytest.raises(CorruptFileError, match=r"7\.1\.trials\.log"):
        read_trials(LedgerFile("7.1", None, path))


def test_the_best_stand_first_and_who_cannot_be_ranked_last(run: RunFolder) -> None:
    trials = [trial(0, scores=(0.0, 0.0, 1.0)), trial(1, scores=(0.0, 0.0, 3.0)), trial(2, scores=(0.0, 0.0, None), state="undefined")]
    trials += [trial(3, state="pruned", fidelity=1, scores=(9.0,)), trial(4, state="pruned", fidelity=2, scores=(0.0, 2.0))]
    trials += [trial(5, scores=(0.0, 0.0, 3.0))]
    found = best_first(read_trials(LedgerFile("7.2", None, write(run, "7.2", None, trials))).trials)
    assert found["trial"].to_list() == [1, 5, 0, 2, 4, 3]


def test_a_growing_ledger_is_at_every_moment_what_reading_it_anew_gives(run: RunFolder) -> None:
    path = write(run, "7.2", None, TRIALS)
    content, file = path.read_bytes(), LedgerFile("7.2", None, path)
    ends = [place + 1 for place, byte in enumerate(content) if byte == 10]
    path.write_bytes(b"")
    ledger = GrowingLedger(file)
    for length in (0, 9, ends[0], ends[1] + 30, ends[1], ends[3] - 1, ends[3] + 5, len(content)):
        path.write_bytes(content[:length])
        whole = read_trials(file)
        assert (ledger.read().study, ledger.read().trials.equals(whole.trials)) == (whole.study, True)
        assert ledger.read().trials.schema == whole.trials.schema


def test_a_growing_ledger_that_was_rewritten_is_read_anew(run: RunFolder) -> None:
    path = write(run, "7.2", None, TRIALS[:3])
    ledger = GrowingLedger(LedgerFile("7.2", None, path))
    assert ledger.read().trials["trial"].to_list() == [0, 1, 2]
    path.unlink()
    write(run, "7.2", None, [*reversed(TRIALS)])
    assert ledger.read().trials["trial"].to_list() == [5, 4, 3, 2, 1, 0]
    longer = path.read_bytes().replace(b'"bars":900', b'"bars":9000')
    path.write_bytes(longer)
    with pytest.raises(CorruptFileError, match=r"7\.2\.trials\.log"):
        ledger.read()
    path.unlink()
    assert len(ledger.read().trials) == 0
