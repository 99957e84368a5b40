"""A trial as the JSON of its ledger line and back: a hundred thousand of them in about a second."""

import json

from core.canonical_json import dumps_plain
from optimization.stored_metrics import StoredMetrics
from optimization.trial_record import TrialRecord

_METRICS = b'"metrics":'
_decode = json.JSONDecoder().decode


def text_of(record: TrialRecord) -> bytes:
    """Return the canonical JSON of ``record``."""
    return dumps_plain(record.as_dict()).encode()


def record_of(text: bytes) -> TrialRecord:
    """Return the record whose canonical JSON is ``text``; its metrics stay text.

    Raises TypeError, KeyError, ValueError or AttributeError when it is no trial.
    """
    start = text.find(_METRICS) + len(_METRICS)
    if start < len(_METRICS) or text[start : start + 1] != b"{":
        return TrialRecord.from_dict(_decode(text.decode()))
    end = text.index(b"}", start) + 1  # metrics are numbers: nothing in there has braces of its own
    content = _decode((text[:start] + b"0" + text[end:]).decode())
    content["metrics"] = StoredMetrics(text[start:end])
    return TrialRecord.from_dict(content)
