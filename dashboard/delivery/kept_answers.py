"""Answers about finished runs, kept while the files that they were made of stay as they are.

Fifty people who look at one run ask for the same charts: made once, a chart of a million candles costs a hundredth the next time.
"""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Response

from core.file_state import FileState, state_of_file
from dashboard.delivery.compression import LEVEL, MIN_BYTES, takes_gzip
from dashboard.reading.files import FileReader

_ROOM_BYTES, _MOST = 16 << 20, 512
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    body: bytes
    packed: bytes
    files: Mapping[Path, FileState | None]

    @property
    def size(self) -> int:
        return len(self.body) + len(self.packed)

    def is_current(self) -> bool:
        """Return whether every file it was made of is there as it was, and none has come that was not."""
        return all(state_of_file(path) == state for path, state in self.files.items())


class KeptAnswers:
    """The JSON answers that were asked for last: at most 512, in at most 16 MiB. Thread-safe."""

    def __init__(self, files: FileReader) -> None:
        self._files = files
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def answer(self, key: Key, make: Callable[[], bytes]) -> Response:
        """Return the answer called ``key``: the one that is kept, or what ``make`` makes of files that it reads."""
        with self._lock:
            found = self._kept.get(key)
        if found is None or not found.is_current():
            with self._files.noting() as files:
                body = make()
            found = _Kept(body, gzip.compress(body, LEVEL, mtime=0) if len(body) >= MIN_BYTES else b"", dict(files))
        self._keep(key, found)
        return _response(found)

    def _keep(self, key: Key, answer: _Kept) -> None:
        with self._lock:
            before = self._kept.pop(key, None)
            self._size += answer.size - (0 if before is None else before.size)
            self._kept[key] = answer
            while self._size > _ROOM_BYTES or len(self._kept) > _MOST:
                self._size -= self._kept.popitem(last=False)[1].size


def _response(answer: _Kept) -> Response:
    if not answer.packed or not takes_gzip():
        return Response(answer.body, mimetype="application/json")
    response = Response(answer.packed, mimetype="application/json", headers={"Content-Encoding": "gzip"})
    response.vary.add("Accept-Encoding")
    return response
