"""A stage is finished when its record is there, and is reused only while nothing it hangs on has changed."""

import contextlib
import json
from pathlib import Path

import pytest

from core.atomic_files import write_bytes
from core.errors import CorruptFileError
from core.run_folder import SCHEMA_VERSION, StageRecord, commit_stage, current_record, read_stage_record

INPUTS = {"settings": "aaa", "04_strategy": "bbb"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("baseline.json", "btc/equity.parquet"):
        write_bytes(tmp_path / name, name.encode())
    return tmp_path


@pytest.fixture
def record(folder: Path) -> StageRecord:
    return commit_stage(folder, "baseline", INPUTS, [folder / "btc" / "equity.parquet", folder / "baseline.json"], "code1")


def test_a_committed_stage_is_found_again(folder: Path, record: StageRecord) -> None:
    assert read_stage_record(folder) == record
    assert current_record(folder, INPUTS, "code1") == record
    assert sorted(record.outputs) == ["baseline.json", "btc/equity.parquet"]


def test_the_record_holds_no_path_of_this_machine(folder: Path, record: StageRecord) -> None:
    assert str(folder) not in (folder / "stage.json").read_text()
    assert set(json.loads((folder / "stage.json").read_bytes())) == {"stage", "inputs", "outputs", "code", "schema"}


def test_equal_stages_have_equal_bytes_whatever_the_order(folder: Path, record: StageRecord) -> None:
    before = (folder / "stage.json").read_bytes()
    outputs = [folder / "baseline.json", folder / "btc" / "equity.parquet"]
    again = commit_stage(folder, "baseline", dict(reversed(INPUTS.items())), outputs, "code1")
    assert (folder / "stage.json").read_bytes() == before
    assert again.hash == record.hash


def test_a_stage_that_was_never_committed_has_no_record(folder: Path) -> None:
    assert read_stage_record(folder) is None
    assert current_record(folder, INPUTS, "code1") is None
    assert current_record(folder / "nowhere", INPUTS, "code1") is None


@pytest.mark.parametrize(
    "inputs",
    [{"settings": "other", "04_strategy": "bbb"}, {"settings": "aaa"}, {**INPUTS, "06_hardware": "ccc"}],
    ids=["value", "less", "more"],
)
def test_another_input_runs_the_stage_again(inputs: dict[str, str], folder: Path, record: StageRecord) -> None:
    assert current_record(folder, inputs, "code1") is None


def test_other_code_runs_the_stage_again(folder: Path, record: StageRecord) -> None:
    assert current_record(folder, INPUTS, "code2") is None


def test_another_schema_runs_the_stage_again(folder: Path, record: StageRecord) -> None:
    content = json.loads((folder / "stage.json").read_bytes())
    (folder / "stage.json").write_text(json.dumps(content | {"schema": SCHEMA_VERSION + 1}))
    assert current_record(folder, INPUTS, "code1") is None


@pytest.mark.parametrize("change", [b"", b"btc/equity.parquex", b"btc/equity.parquet "])
def test_a_changed_output_is_named_and_not_passed_over(change: bytes, folder: Path, record: StageRecord) -> None:
    (folder / "btc" / "equity.parquet").write_bytes(change)
    with pytest.raises(CorruptFileError, match=r"btc/equity\.parquet was changed or damaged .*Remove .*stage\.json and resume"):
        current_record(folder, INPUTS, "code1")


def test_a_missing_output_is_named(folder: Path, record: StageRecord) -> None:
    (folder / "baseline.json").unlink()
    with pytest.raises(CorruptFileError, match=r"baseline\.json is missing although its stage was finished"):
        current_record(folder, INPUTS, "code1")


def test_a_changed_output_of_a_stage_that_has_to_run_anyway_is_no_error(folder: Path, record: StageRecord) -> None:
    (folder / "baseline.json").unlink()
    assert current_record(folder, INPUTS, "code2") is None


NO_RECORDS = ["", "{", "[]", '{"stage": "baseline"}', '{"unknown": 1}', "null", "7", '{"stage":"a","inputs":{},"outputs":null,"code":"c"}']
NO_RECORDS += ['{"stage":"a","inputs":[],"outputs":{},"code":"c"}', '{"stage":"a","inputs":{},"outputs":{"x":5},"code":"c"}']


@pytest.mark.parametrize("content", NO_RECORDS)
def test_a_damaged_record_is_named(content: str, folder: Path) -> None:
    (folder / "stage.json").write_text(content)
    with pytest.raises(CorruptFileError, match=r"stage\.json .*Remove it and resume"):
        read_stage_record(folder)


def test_a_record_cut_at_any_byte_is_named(folder: Path, record: StageRecord) -> None:
    content = (folder / "stage.json").read_bytes()
    for length in range(len(content) - 1):
        (folder / "stage.json").write_bytes(content[:length])
        with pytest.raises(CorruptFileError, match=r"stage\.json is not valid JSON .*Remove it and resume"):
            current_record(folder, INPUTS, "code1")


def test_a_flipped_bit_of_a_record_never_passes_for_the_record(folder: Path, record: StageRecord) -> None:
    content = (folder / "stage.json").read_bytes()
    for position in range(len(content) - 1):
        damaged = bytearray(content)
        damaged[position] ^= 1
        (folder / "stage.json").write_bytes(damaged)
        found = None
        with contextlib.suppress(CorruptFileError):
            found = current_record(folder, INPUTS, "code1")
        assert found is None or found.stage != record.stage, damaged


def test_the_hash_of_a_record_is_that_of_all_it_holds(record: StageRecord) -> None:
    others = [
        StageRecord("other", record.inputs, record.outputs, record.code),
        StageRecord(record.stage, {}, record.outputs, record.code),
        StageRecord(record.stage, record.inputs, {}, record.code),
        StageRecord(record.stage, record.inputs, record.outputs, "other"),
    ]
    assert len({record.hash, *(other.hash for other in others)}) == 5
