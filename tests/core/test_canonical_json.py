"""One spelling per value: equal contents are equal bytes."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.canonical_json import digest, dump_bytes, dumps, plain, read_json
from core.errors import CorruptFileError

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float64("nan"), np.float32("inf")])
def test_what_is_no_number_is_null(value: float) -> None:
    assert dumps({"x": value, "y": [value]}) == '{"x":null,"y":[null]}'


def test_keys_are_sorted_at_every_level() -> None:
    assert dumps({"b": 1, "a": {"d": 2, "c": 3}}) == '{"a":{"c":3,"d":2},"b":1}'
    assert dumps({"a": {"c": 3, "d": 2}, "b": 1}) == dumps({"b": 1, "a": {"d": 2, "c": 3}})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"), (1.0, "1.0"), (1, "1"), (1e22, "1e+22"), (-0.0, "-0.0"), (0.1 + 0.2, "0.30000000000000004"),
        (True, "true"), (None, "null"), ("é\n", '"é\\n"'), ((1, 2), "[1,2]"), (Path("a") / "b", '"a/b"'),
        (np.int64(3), "3"), (np.float64(0.1), "0.1"), (np.bool_(True), "true"), (np.array([1, 2]), "[1,2]"), (np.float32(0.5), "0.5"),
        ({1: 2}, '{"1":2}'),
    ],
)  # fmt: skip
def test_a_value_has_one_spelling(value: Any, text: str) -> None:
    assert dumps(value) == text


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes", 1j])
def test_what_json_does_not_know_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=f"a {type(value).__name__} has no JSON form"):
        dumps(value)


@given(values)
def test_what_is_read_back_is_what_was_written(value: Any) -> None:
    text = dumps(value)
    assert json.loads(text) == value
    assert dumps(json.loads(text)) == text
    assert "\n" not in text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_survive_to_the_last_bit(value: float) -> None:
    assert math.copysign(1.0, json.loads(dumps(value))) == math.copysign(1.0, value)
    assert json.loads(dumps(value)) == value


def test_plain_leaves_nothing_of_numpy() -> None:
    found = plain({"a": np.arange(2), "b": (np.float64(1.5), np.True_)})
    assert found == {"a": [0, 1], "b": [1.5, True]}
    assert [type(item) for item in [*found["a"], *found["b"]]] == [int, int, float, bool]


def test_digest_is_that_of_the_content() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1}) != digest({"a": 1.0})
    assert dump_bytes({"a": 1}) == b'{"a":1}\n'


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"{'a': 1}", b"[" * 100_000])
def test_a_file_that_is_no_json_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "stage.json"
    path.write_bytes(content)
    with pytest.raises(CorruptFileError, match=r"stage\.json is not valid JSON .*Remove it and resume"):
        read_json(path)
