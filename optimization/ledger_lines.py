"""A trial as the JSON of its ledger line and back: a hundred thousand of them in about a second."""

import json

from core.canonical_json import dumps_plain
from optimization.stored_metrics import StoredMetrics, StoredParams
from optimization.trial_record import TrialRecord

# What follows what in a line. Quotation marks within a text are escaped, so none can look like that.
_KEY, _METRICS, _PARAMS, _SCORES = b'"key":"', b'","metrics":{', b'},"params":{', b'},"scores":'
_decode = json.JSONDecoder().decode


def text_of(record: TrialRecord) -> bytes:
    """Return the canonical JSON of ``record``."""
    return dumps_plain(record.as_dict()).encode()


def record_of(text: bytes) -> TrialRecord:
    """Return the record whose canonical JSON is ``text``; its metrics stay text, and its parameters where the key is their text.

    Raises TypeError, KeyError, ValueError or AttributeError when it is no trial.
    """
    key = text.find(_KEY)
    metrics = text.find(_METRICS, key)
    params = text.find(_PARAMS, metrics)
    end = text.find(_SCORES, params)
    own = text[params + len(_PARAMS) - 1 : end + 1]
    if min(key, metrics, params, end) < 0 or text[key + len(_KEY) : metrics].replace(b'\\"', b'"') != own:
        return TrialRecord.from_dict(_decode(text.decode()))
    content = _decode((text[:key] + text[end + len(b"},") :]).decode())
    content["key"] = own.decode()
    content["metrics"] = StoredMetrics(text[metrics + len(_METRICS) - 1 : params + 1])
    content["params"] = StoredParams(content["key"])
    return TrialRecord.from_dict(content)
