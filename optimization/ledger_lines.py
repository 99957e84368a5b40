"""A trial as the JSON of its ledger line and back: a hundred thousand of them in about a second."""

import sys

from msgspec import MsgspecError, Raw, Struct
from msgspec.json import Decoder

from core.canonical_json import dumps_plain
from optimization.stored_metrics import StoredMetrics, StoredParams
from optimization.trial_record import State, TrialRecord

Scores = tuple[float | None, ...]


class _Line(Struct, forbid_unknown_fields=True, gc=False):
    """The fields of a line, checked while they are read; parameters and metrics stay the text that they are."""

    bars: int
    fidelity: int
    key: str
    metrics: Raw
    params: Raw
    scores: Scores
    stage: str
    state: State
    trial: int
    window: int | None
    duplicate_of: int | None = None
    error: str | None = None
    screen: Scores = ()
    values: Scores = ()
    violations: tuple[float, ...] = ()


_decode = Decoder(_Line).decode


def text_of(record: TrialRecord) -> bytes:
    """Return the canonical JSON of ``record``."""
    return dumps_plain(record.as_dict()).encode()


def record_of(text: bytes) -> TrialRecord:
    """Return the record whose canonical JSON is ``text``; its metrics and parameters stay text until somebody looks into them.

    ValueError when it is no trial.
    """
    try:
        line = _decode(text)
    except MsgspecError as error:
        raise ValueError(str(error)) from None
    params, metrics = bytes(line.params), bytes(line.metrics)
    if params[:1] != b"{" or metrics[:1] != b"{":
        raise ValueError("params and metrics must be objects")
    own = line.key if line.key.encode() == params else params.decode()
    return TrialRecord(
        line.trial, sys.intern(line.stage), line.window, StoredParams(own), line.key, line.state, line.fidelity, line.bars,
        line.scores, StoredMetrics(metrics), line.duplicate_of, line.error, line.screen, line.values, line.violations,
    )  # fmt: skip
