"""The generated run of the largest size has the shape that the pipeline gives a run, whatever size is asked for."""

from core.checked_log import read_checked_log
from core.paths import Paths
from core.run_folder import current_record, stage_named
from optimization.trial_record import STATES
from reporting.checkpoints import read_run
from reporting.trial_tables import all_trials, ledger_files
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


def test_the_full_size_is_what_the_dashboard_promises() -> None:
    assert (Size().candles, Size().trades, sum(Size().stages.values())) == (1_000_000, 10_000, 100_000)
