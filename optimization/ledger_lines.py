"""A trial as the JSON of its ledger line and back: a hundred thousand of them in about a second."""

import json
import sys
from typing import Any

from core.canonical_json import dumps
from optimization.stored_metrics import StoredMetrics
from optimization.trial_record import TrialRecord

_METRICS = b'"metrics":'


def text_of(record: TrialRecord) -> bytes:
    """Return the canonical JSON of ``record``."""
    return dumps(record.as_dict()).encode()


def record_of(text: bytes) -> TrialRecord:
    """Return the record whose canonical JSON is ``text``; its metrics stay text.

    Raises TypeError, KeyError, ValueError or AttributeError when it is no trial.
    """
    start = text.find(_METRICS + b"{")
    if start < 0:
        return TrialRecord.from_dict(_mapping(json.loads(text)))
    start += len(_METRICS)
    end = text.index(b"}", start) + 1  # metrics are numbers: nothing in there has braces of its own
    content = _mapping(json.loads(b"%b0%b" % (text[:start], text[end:])))
    content["metrics"] = StoredMetrics(text[start:end])
    return TrialRecord.from_dict(content)


def _mapping(content: Any) -> dict[str, Any]:
    """Return ``content`` with the names that all lines share kept once."""
    if not isinstance(content, dict):
        raise TypeError(f"it is a {type(content).__name__}")
    for name in ("stage", "state"):
        content[name] = sys.intern(content[name])
    content["params"] = {sys.intern(name): value for name, value in content["params"].items()}
    return content
