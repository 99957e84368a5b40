"""significance.json: what every reader may rely on."""

import copy
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import VerdictConfig
from core.canonical_json import plain
from core.errors import CorruptFileError
from pipeline.evidence_tables import evidence_table
from reporting import evidence_rows, publish_report
from reporting.checkpoints import read_run
from reporting.schema import read_significance
from reporting.shapes import require_shape
from reporting.significance_figures import luck_figures
from reporting.significance_gates import significance_gates
from reporting.significance_schema import SIGNIFICANCE, STATISTICS
from reporting.significance_view import significance_context
from tests.reporting.runs import SLUG, write_run
from tests.reporting.significance import nothing_computed, significance


def test_a_file_of_which_all_or_nothing_is_computed_has_the_shape() -> None:
    for content in (significance(), nothing_computed()):
        require_shape(plain(content), SIGNIFICANCE, Path("significance.json"))


@pytest.mark.parametrize("name", [*STATISTICS, "winner", "out_of_sample", "haircut"])
def test_a_statistic_that_is_missing_or_has_no_reason_is_named(name: str) -> None:
    content = significance()
    del content[name]
    with pytest.raises(CorruptFileError, match=name):
        require_shape(content, SIGNIFICANCE, Path("significance.json"))
    with pytest.raises(CorruptFileError, match=name):
        require_shape(significance(**{name: {"value": 1.0}}), SIGNIFICANCE, Path("significance.json"))


def test_a_statistic_without_a_value_has_a_reason_and_nulls() -> None:
    content = nothing_computed("there are no trades")
    for name in STATISTICS:
        assert content[name]["reason"] == "there are no trades"
        assert all(value is None for field, value in content[name].items() if field != "reason")


def test_published_significance_is_that_of_stage_8(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    publish_report(run)
    assert read_significance(run.results) == {SLUG: plain(significance())}


def test_a_run_of_before_there_was_such_a_file_stays_readable(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    (run.checkpoints / "08_walkforward" / SLUG / "significance.json").unlink()
    assert read_run(run).markets[0].significance is None
    publish_report(run)
    assert read_significance(run.results) == {}
    (run.results / "significance.json").unlink()
    assert read_significance(run.results) == {}


_DAMAGES: tuple[Any, ...] = ("text", None, [], {}, ["a"], [[1]], {"a": "b"}, _GONE := object())


def _places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where every value of ``content`` stands, of lists the first two."""
    items = content.items() if isinstance(content, dict) else enumerate(content[:2]) if isinstance(content, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from _places(value, (*path, key))


def _damaged(content: Any, path: tuple[Any, ...], damage: Any) -> Any:
    changed = whole = copy.deepcopy(content)
    for key in path[:-1]:
        changed = changed[key]
    if damage is _GONE:
        del changed[path[-1]]
    else:
        changed[path[-1]] = damage
    return whole


def test_what_a_damaged_file_says_is_refused_or_can_be_shown_by_every_reader() -> None:
    refused = 0
    whole = plain(significance())
    for path, damage in itertools.product(_places(whole), _DAMAGES):
        content = _damaged(whole, path, damage)
        try:
            require_shape(content, SIGNIFICANCE, Path("significance.json"))
        except CorruptFileError:
            refused += 1
            continue
        significance_gates(content, VerdictConfig())
        evidence_rows(content)
        significance_context(content)
        luck_figures(content, {})
        evidence_table("a market", content)
    assert refused > 1000
