"""The generated run of the largest size has the shape that the pipeline gives a run, whatever size is asked for."""

from pathlib import Path

import pytest

from core.checked_log import read_checked_log
from core.errors import CorruptFileError
from core.paths import Paths
from core.run_folder import current_record, stage_named
from dashboard.reading.files import FileReader
from dashboard.reading.run_reader import Run
from optimization.trial_record import STATES
from reporting.checkpoints import read_run
from reporting.trial_tables import TABLE_SUFFIX, GrowingLedger, all_trials, ledger_files, read_trials
from tests.dashboard.large_run import LARGE_SLUG, Size, write_large_run
from tests.dashboard.sample_run import market_folder

SIZE = Size(candles=120_000, trades=300, trials=200)


def test_a_generated_run_is_one_that_the_report_reads_and_as_large_as_asked(paths: Paths) -> None:
    run = write_large_run(paths, SIZE)
    (market,) = read_run(run).markets
    trials = all_trials(ledger_files(run, LARGE_SLUG))
    assert market.slug == LARGE_SLUG
    assert len(trials) == SIZE.trials
    assert {"complete", "pruned", "duplicate"} <= set(trials["state"]) <= set(STATES)
    for name in ("selection", "baseline", "optimize", "walkforward", "report"):
        assert current_record(run.stage(stage_named(name)), {}, "code") is not None
    for stage, count in SIZE.stages.items():
        lines = read_checked_log(market_folder(run, "optimize", LARGE_SLUG) / f"{stage}.trials.log")
        assert lines[0]["study"]["trials"] == count == len(lines) - 1


def test_a_search_that_is_done_is_read_from_its_table_and_one_that_is_not_from_its_ledger(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_large_run(paths, SIZE)
    run = Run(folder, FileReader(paths.data))
    (file,) = (each for each in run.ledgers(LARGE_SLUG) if each.stage == "7.1" and each.window is None)
    expected = read_trials(file)
    with monkeypatch.context() as patch:
        patch.setattr(GrowingLedger, "read", lambda _self: pytest.fail("the ledger was taken apart"))
        found = run.search(file)
    assert found.study == expected.study
    assert found.trials.equals(expected.trials)
    assert found.trials.schema == expected.trials.schema

    (folder.stage(stage_named("optimize")) / "stage.json").unlink()  # the search runs again
    Path(file.path).write_bytes(b"".join(file.path.read_bytes().splitlines(keepends=True)[:5]))
    assert run.search(file).trials.equals(expected.trials[:4])


def test_a_table_of_trials_that_was_changed_after_its_stage_is_not_believed(paths: Paths) -> None:
    run = Run(write_large_run(paths, SIZE), FileReader(paths.data))
    file = run.ledgers(LARGE_SLUG)[0]
    table = file.path.with_name(f"{file.stage}{TABLE_SUFFIX}")
    table.write_bytes(table.read_bytes()[:-1] + b"?")
    with pytest.raises(CorruptFileError, match="7.1.trials.parquet was changed or damaged"):
        run.search(file)


def test_the_full_size_is_what_the_dashboard_promises() -> None:
    assert (Size().candles, Size().trades, sum(Size().stages.values())) == (1_000_000, 10_000, 100_000)
