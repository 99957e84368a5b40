"""Exact ranges of what is remarkable about the data, against a count bar by bar."""

import csv
import io
from typing import Any

import numpy as np
import polars as pl
import pytest

from dashboard.decimation import Span
from dashboard.figures.data_quality import quality_figure
from dashboard.views.ranges import KINDS, data_ranges, joined_ranges, kinds_of, ranges_csv

MINUTE = 60_000
QUALITY: dict[str, Any] = {"holes": [[5 * MINUTE, 8 * MINUTE, 3]], "spikes": [[20 * MINUTE, -0.0731]]}


def candles(volumes: list[float], missing: tuple[int, ...] = ()) -> pl.DataFrame:
    kept = [minute for minute in range(len(volumes)) if minute not in missing]
    return pl.DataFrame(
        {"timestamp": [minute * MINUTE for minute in kept], "close": [100.0 + minute % 7 for minute in kept],
         "volume": [volumes[minute] for minute in kept]}
    )  # fmt: skip


def test_ranges_of_every_kind_are_told_in_order_of_time() -> None:
    baseline = {
        "detail": {"quality": {"holes": [[1, 2, 1]], "spikes": [[3, 0.2]]}}, "funding": {"holes": [[4, 5]]}, "has_volume": True,
    }  # fmt: skip
    quality = QUALITY | {"filled": [[30 * MINUTE, 31 * MINUTE, 1]]}
    found = data_ranges(quality, baseline, candles([1.0] * 9 + [0.0] + [1.0] * 20 + [0.0] * 3), MINUTE)
    assert kinds_of(found) == {kind: 1 if kind != "quiet" else 2 for kind in KINDS}
    assert found["start_ms"].is_sorted()
    assert found.filter(pl.col("kind") == "quiet").select("start_ms", "end_ms", "bars").rows() == [
        (9 * MINUTE, 10 * MINUTE, 1), (31 * MINUTE, 33 * MINUTE, 2),
    ], "what was filled in is not the venue's silence"  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_quiet_runs_are_those_of_a_count_bar_by_bar(seed: int) -> None:
    rng = np.random.default_rng(seed)
    volumes = (rng.random(300) > 0.5).astype(float).tolist()
    missing = tuple(np.flatnonzero(rng.random(300) > 0.95).tolist())
    runs: list[list[int]] = []
    for minute in range(300):
        if minute in missing or volumes[minute]:
            continue
        if runs and runs[-1][1] == minute:
            runs[-1][1] += 1
        else:
            runs.append([minute, minute + 1])
    found = data_ranges({"holes": [], "spikes": []}, {}, candles(volumes, missing), MINUTE)
    assert found.select("start_ms", "end_ms", "bars").rows() == [(start * MINUTE, end * MINUTE, end - start) for start, end in runs]


def test_a_source_without_volume_has_no_silence() -> None:
    assert data_ranges({"holes": [], "spikes": []}, {"has_volume": False}, candles([0.0] * 10), MINUTE).is_empty()


def test_joining_keeps_all_bars_both_ends_and_the_widest_gaps() -> None:
    starts = [0, 10, 12, 50, 52, 54, 90]
    rows = [("missing", start, start + 1, 1, None) for start in starts]
    ranges = pl.DataFrame(rows, schema=data_ranges({"holes": [], "spikes": []}, {}, None, MINUTE).schema, orient="row")
    joined = joined_ranges(ranges, 3)
    assert joined.select("start_ms", "end_ms", "bars").rows() == [(0, 13, 3), (50, 55, 3), (90, 91, 1)]
    assert joined_ranges(ranges, 7) is ranges


def test_csv_has_every_range_with_both_forms_of_time() -> None:
    text = ranges_csv(data_ranges(QUALITY, {}, None, MINUTE)).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["kind"] for row in rows] == ["missing", "spike"]
    assert rows[0] == {
        "kind": "missing", "start_ms": "300000", "end_ms": "480000", "start_utc": "1970-01-01 00:05:00", "end_utc": "1970-01-01 00:08:00",
        "bars": "3", "move": "",
    }  # fmt: skip
    assert float(rows[1]["move"]) == -0.0731


def test_time_line_has_a_lane_for_every_kind_and_says_when_it_draws_fewer() -> None:
    bars = candles(([0.0, 1.0] * 1500) + [1.0] * 10)
    ranges = data_ranges(QUALITY, {}, bars, MINUTE)
    figure = quality_figure(bars, ranges, Span(), MINUTE)
    assert figure["layout"]["yaxis2"]["ticktext"] == ["Price spike: 1", "No volume: 1,500", "Bars filled in: none", "Missing bars: 1"]
    assert "1,500 ranges are drawn as 1,000" in figure["meta"]["note"]
    near = quality_figure(bars, ranges, Span(0, 30 * MINUTE), MINUTE)
    assert not near["meta"]["note"]
    assert near["meta"]["ranges"] < 20
    assert quality_figure(None, ranges, Span(), MINUTE)["meta"]["empty"].startswith("The candles are not there yet")
