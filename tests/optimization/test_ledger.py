"""The trial ledger: what it accepts, what it refuses, what survives a torn file."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.checked_log import CheckedLog
from core.errors import CorruptFileError, OptimizationError
from optimization.ledger import TrialLedger, read_ledger
from optimization.ledger_lines import record_of, text_of
from optimization.trial_record import TrialRecord

IDENTITY: dict[str, Any] = {"seed": 42, "levels": [0.33, 1.0], "base": {"ema_fast": 20, "ema_slow": 50}, "code": "abc"}


def record(trial: int, score: float | None = 1.5) -> TrialRecord:
    values = {"sharpe_ratio": math.nan if score is None else score, "total_trades": 12, "ruined": False}
    return TrialRecord(trial, "7.1", None, {"x": trial}, f'{{"x":{trial}}}', "complete", 2, 900, (0.5, score), values)


def same(ours: list[TrialRecord], theirs: list[TrialRecord]) -> bool:
    return [each.as_dict() for each in ours] == [each.as_dict() for each in theirs]


def write(path: Path, *records: TrialRecord) -> None:
    with TrialLedger(IDENTITY, path) as ledger:
        ledger.append(records)


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "7.1.trials.log"
    write(path, record(0), record(1, None))
    with TrialLedger(IDENTITY, path) as ledger:
        assert same(ledger.records, [record(0), record(1, None)])
        assert math.isnan(ledger.records[1].metrics["sharpe_ratio"])
        assert ledger.records[1].scores == (0.5, None)
    assert read_ledger(path)[0] == IDENTITY


def test_appended_records_are_the_ones_that_a_resumed_run_would_read(tmp_path: Path) -> None:
    infinite = replace(record(0), metrics={"profit_factor": math.inf})
    with TrialLedger(IDENTITY, tmp_path / "x.log") as ledger:
        kept = ledger.append([infinite])
    assert repr(kept) == repr(read_ledger(tmp_path / "x.log")[1])


def test_without_a_file_the_ledger_lives_in_memory(tmp_path: Path) -> None:
    ledger = TrialLedger(IDENTITY)
    ledger.append([record(0)])
    assert same(ledger.records, [record(0)])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 7}, "its seed is 42, this one's is 7"),
        ({"levels": [0.5, 1.0]}, "its levels is .0.33, 1.0., this one's is .0.5, 1.0."),
        ({"base": {"ema_fast": 20, "ema_slow": 60}}, "its base.ema_slow is 50, this one's is 60"),
        ({"code": "abd"}, "its code is abc"),
        ({"new_setting": 1}, "its new_setting is None"),
    ],
)
def test_the_ledger_of_another_search_is_refused_by_the_name_of_the_setting(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "7.1.trials.log"
    write(path, record(0))
    before = path.read_bytes()
    with pytest.raises(OptimizationError, match=message) as caught:
        TrialLedger(IDENTITY | change, path)
    assert "Remove the file" in str(caught.value)
    assert path.read_bytes() == before


def test_a_torn_end_is_cut_off_at_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "7.1.trials.log"
    write(path, record(0), record(1), record(2))
    whole = path.read_bytes()
    ends = [position + 1 for position, byte in enumerate(whole) if byte == ord("\n")]
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with TrialLedger(IDENTITY, path) as ledger:
            lines = sum(end <= length for end in ends)
            assert len(ledger.records) == max(0, lines - 1)
            ledger.append([record(trial) for trial in range(len(ledger.records), 3)])
        assert path.read_bytes() == whole


def test_a_batch_that_was_half_written_is_completed_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "7.1.trials.log"
    write(path, record(0), record(1))
    write(path, record(0), record(1), record(2))
    assert same(read_ledger(path)[1], [record(0), record(1), record(2)])


def test_a_trial_that_comes_out_differently_when_repeated_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "7.1.trials.log"
    write(path, record(0), record(1))
    with (
        TrialLedger(IDENTITY, path) as ledger,
        pytest.raises(OptimizationError, match=r"trial 1 .* metrics.sharpe_ratio was 1.5 and is now 9.0"),
    ):
        ledger.append([record(0), replace(record(1), metrics=dict(record(1).metrics) | {"sharpe_ratio": 9.0})])


def test_damage_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "7.1.trials.log"
    write(path, record(0), record(1))
    content = bytearray(path.read_bytes())
    content[content.index(b"\n") + 40] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorruptFileError, match=r"7\.1\.trials\.log"):
        TrialLedger(IDENTITY, path)


@pytest.mark.parametrize(
    "lines",
    [
        ["no header"],
        [{"schema": 1}],
        [{"schema": 1, "study": IDENTITY}, 5],
        [{"schema": 1, "study": IDENTITY}, {"trial": 0}],
        [{"schema": 1, "study": IDENTITY}, record(1).as_dict()],
        [{"schema": 1, "study": IDENTITY}, record(0).as_dict() | {"state": "excellent"}],
        [{"schema": 1, "study": IDENTITY}, record(0).as_dict() | {"colour": "red"}],
    ],
)
def test_sound_lines_that_are_no_ledger_are_refused_by_name(tmp_path: Path, lines: list[Any]) -> None:
    path = tmp_path / "7.1.trials.log"
    with CheckedLog(path) as log:
        log.append(lines)
    with pytest.raises(CorruptFileError, match=r"7\.1\.trials\.log"):
        TrialLedger(IDENTITY, path)
    with pytest.raises(CorruptFileError, match=r"7\.1\.trials\.log"):
        read_ledger(path)


def test_a_file_of_a_future_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "7.1.trials.log"
    with CheckedLog(path) as log:
        log.append([{"schema": 2, "study": IDENTITY}])
    with pytest.raises(OptimizationError, match="its schema is 2, this one's is 1"):
        TrialLedger(IDENTITY, path)


def test_absent_ledger_reads_as_empty(tmp_path: Path) -> None:
    assert read_ledger(tmp_path / "none.log") == ({}, [])


def test_the_line_of_one_objective_without_constraints_does_not_repeat_its_score() -> None:
    line = record(0).as_dict()
    assert {"values", "violations"}.isdisjoint(line)
    assert record_of(text_of(record(0))).values == (1.5,)


def test_several_values_and_violations_survive_the_ledger() -> None:
    several = replace(record(0), values=(1.5, None), violations=(-0.25, 0.5))
    again = record_of(text_of(several))
    assert (again.values, again.violations, again.value) == ((1.5, None), (-0.25, 0.5), 1.5)
    assert again.as_dict() == several.as_dict()


def test_what_no_level_was_reached_for_has_no_values() -> None:
    assert TrialRecord(3, "7.1", None, {}, "{}", "duplicate", 0, 0, (), {}, duplicate_of=1).values == ()
