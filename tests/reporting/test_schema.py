"""What is read back is checked, and a file that is not what was written is named."""

from pathlib import Path

import pytest

from core.errors import CorruptFileError
from reporting.publish import publish_report
from reporting.schema import RESULT_FILES, read_result
from reporting.shapes import ListOf, MapOf, require_shape
from tests.reporting.runs import put, write_run


def test_every_published_file_reads_back(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    publish_report(run)
    for name in RESULT_FILES:
        assert read_result(run.results, name)["schema"] == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"markets": {}}, "schema version None"),
        ({"schema": 2, "markets": {}}, "schema version 2"),
        ([], "schema version None"),
        ({"schema": 1}, "the file has no 'markets'"),
        ({"schema": 1, "markets": []}, "markets must be an object"),
        ({"schema": 1, "markets": {"a": {"bars": True}}}, "markets.a has no 'expected_bars'"),
    ],
)
def test_wrong_content_names_file_and_place(tmp_path: Path, content: object, problem: str) -> None:
    put(tmp_path / "quality.json", content)
    with pytest.raises(CorruptFileError, match=problem) as raised:
        read_result(tmp_path, "quality")
    assert str(tmp_path / "quality.json") in str(raised.value)


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorruptFileError, match="run.json is missing"):
        read_result(tmp_path, "run")
    (tmp_path / "run.json").write_text("{", encoding="utf8")
    with pytest.raises(CorruptFileError, match="run.json is not valid JSON"):
        read_result(tmp_path, "run")


def test_shapes_tell_numbers_from_truth_values(tmp_path: Path) -> None:
    shape = {"a": ListOf(MapOf((int, type(None))))}
    require_shape({"a": [{"x": 1, "y": None}], "more": "is fine"}, shape, tmp_path)
    with pytest.raises(CorruptFileError, match=r"a\[1\]\.x must be int or null, not True"):
        require_shape({"a": [{}, {"x": True}]}, shape, tmp_path)
