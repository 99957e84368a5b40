"""Metrics that stay text until somebody looks are the same mapping as the dictionary they were."""

import json
import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest_engine.metrics import Metrics
from core.canonical_json import dumps, plain
from core.errors import CorruptFileError
from optimization.ledger_lines import record_of, text_of
from optimization.stored_metrics import StoredMetrics, StoredParams
from optimization.trial_record import TrialRecord

numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53) | st.booleans()
ALL = [field.name for field in fields(Metrics)]
names = st.text(st.characters(codec="utf-8", exclude_characters="{}"), max_size=8)


@given(st.dictionaries(names, numbers, max_size=6))
def test_they_are_the_mapping_that_was_written(metrics: dict[str, float]) -> None:
    stored = StoredMetrics(dumps(metrics).encode())
    assert dict(stored) == dict(stored.items()) == metrics
    assert [(name, type(value)) for name, value in stored.items()] == sorted((name, type(value)) for name, value in metrics.items())
    assert list(stored) == sorted(metrics)
    assert list(stored.values()) == [metrics[name] for name in sorted(metrics)]
    assert (len(stored), stored == metrics, repr(stored)) == (len(metrics), True, repr(dict(sorted(metrics.items()))))
    assert all(stored[name] == value for name, value in metrics.items())
    assert dumps(stored) == dumps(metrics)


@given(st.fixed_dictionaries(dict.fromkeys(ALL, numbers | st.none())))
def test_the_usual_metrics_come_back_without_their_names_being_kept(metrics: dict[str, float | None]) -> None:
    text = dumps(metrics).encode()
    stored = StoredMetrics(text)
    assert plain(stored) == metrics
    assert dumps(stored).encode() == text
    assert stored == StoredMetrics(text)
    assert b"sharpe" not in stored._text


@pytest.mark.parametrize("value", [b"[1", b'"x', b"", b"1 2"])
def test_usual_metrics_with_a_value_that_is_none_are_corrupt(value: bytes) -> None:
    text = dumps(dict.fromkeys(ALL, 1)).encode().replace(b'"fees":1', b'"fees":' + value)
    with pytest.raises(CorruptFileError, match="Remove its ledger"):
        StoredMetrics(text).decoded()


def test_null_is_nan_and_a_name_that_is_not_there_is_missing() -> None:
    stored = StoredMetrics(b'{"a":null}')
    assert math.isnan(stored["a"])
    assert plain(stored) == {"a": None}
    assert "b" not in stored
    with pytest.raises(KeyError):
        stored["b"]


@pytest.mark.parametrize("text", [b"", b"[1]", b"{", b'{"a":}'])
def test_what_is_no_object_is_corrupt(text: bytes) -> None:
    with pytest.raises(CorruptFileError, match="Remove its ledger"):
        StoredMetrics(text).decoded()


@given(
    st.dictionaries(names, numbers, max_size=4),
    st.text(max_size=40),
    st.dictionaries(st.sampled_from(["metrics", "a", '"params":{', '"metrics":{', '},"scores":', "\\", "}", '"']), st.integers(0, 9)),
)
def test_a_trial_comes_back_from_its_text_whatever_its_words_are(metrics: dict[str, float], error: str, params: dict[str, int]) -> None:
    record = TrialRecord(3, "7.1", 2, params, dumps(params), "failed", 1, 9, (0.5, None), metrics, error=f'{error}"metrics":{{')
    text = text_of(record)
    back = record_of(text)
    assert back.as_dict() == record.as_dict()
    assert text_of(back) == text
    assert (back.params, back.scores, back.values) == (params, (0.5, None), record.values)


def test_parameters_are_kept_once_as_the_key_that_they_are_and_apart_from_one_that_they_are_not() -> None:
    record = TrialRecord(0, "7.2", None, {"b": 0.5, "a": True}, dumps({"b": 0.5, "a": True}), "complete", 1, 9, (1.0,), {"fees": 1.0})
    text = text_of(record)
    back = record_of(text)
    assert isinstance(back.params, StoredParams)
    assert [(name, value, type(value)) for name, value in back.params.items()] == [("a", True, bool), ("b", 0.5, float)]
    other = record_of(text.replace(b'"params":{"a":true', b'"params":{"a":false'))
    assert (other.key, dict(other.params)) == (record.key, {"a": False, "b": 0.5})
    assert json.loads(text_of(back)) == json.loads(text)
