"""The sample is what the pipeline writes: the report's own checks accept every file of it."""

import pytest

from core.canonical_json import dump_bytes
from core.checked_log import read_checked_log
from core.run_folder import RunFolder, current_record, stage_named
from optimization.ledger_lines import record_of
from reporting.checkpoints import read_run
from reporting.schema import RESULT_FILES, read_result
from tests.dashboard.sample_ledger import STAGE_TRIALS
from tests.dashboard.sample_run import SLUG, market_folder


def test_checkpoints_have_the_shape_that_the_report_reads(finished: RunFolder) -> None:
    (market,) = read_run(finished).markets
    assert market.slug == SLUG


def test_published_report_has_its_shape(finished: RunFolder) -> None:
    assert "report" in RESULT_FILES
    assert SLUG in read_result(finished.results, "report")["markets"]


def test_ledger_lines_are_trials(finished: RunFolder) -> None:
    for stage, count in STAGE_TRIALS.items():
        lines = read_checked_log(market_folder(finished, "optimize") / f"{stage}.trials.log")
        assert lines[0]["study"]["trials"] == count
        assert [record_of(dump_bytes(line)).trial for line in lines[1:]] == list(range(count))


@pytest.mark.parametrize("stage", ["selection", "strategy", "baseline", "optimize", "walkforward", "report"])
def test_stages_are_committed_with_their_files(finished: RunFolder, stage: str) -> None:
    record = current_record(finished.stage(stage_named(stage)), {}, "code")
    assert record is not None
    assert record.outputs
