"""An append-only file of JSON lines, each with its own checksum, that survives being cut at any byte.

A line is ``<crc32 as 8 hex> <canonical JSON>``. Opening for append trims everything after the last valid line and keeps
the cut bytes beside it in ``<name>.torn``; a damaged line *before* valid ones is no torn tail but corruption, and refused.
"""

import json
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.atomic_files import make_folder, storage_errors, sync_folder
from core.canonical_json import dumps
from core.errors import CorruptFileError


def encode_line(record: Any) -> bytes:
    """Return the checked line of ``record``, newline included."""
    text = dumps(record).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _decode_line(line: bytes) -> Any:
    """Return the record of a whole line, or raise ValueError."""
    if line[:9] != b"%08x " % zlib.crc32(line[9:]):
        raise ValueError("checksum mismatch")
    return json.loads(line[9:])


def _scan(content: bytes) -> tuple[list[Any], int, int | None]:
    """Return the records, how many bytes they span, and the 1-based number of the first bad line (None if there is none)."""
    records: list[Any] = []
    valid_bytes, position = 0, 0
    bad_line = None
    for number, line in enumerate(content.split(b"\n"), start=1):
        end = position + len(line) + 1
        whole = end <= len(content)
        if line or whole:
            try:
                if not whole:
                    raise ValueError("no newline")
                record = _decode_line(line)
            except ValueError:
                bad_line = bad_line or number
            else:
                if bad_line is not None:
                    return records, valid_bytes, -bad_line
                records.append(record)
                valid_bytes = end
        position = end
    return records, valid_bytes, bad_line


def read_checked_log(path: Path) -> list[Any]:
    """Return the valid records of ``path`` ([] if absent), a torn tail left out; CorruptFileError if a middle line is bad."""
    return _load(path)[0]


def _load(path: Path) -> tuple[list[Any], int, bytes]:
    if not path.exists():
        return [], 0, b""
    content = path.read_bytes()
    records, valid_bytes, bad_line = _scan(content)
    if bad_line is not None and bad_line < 0:
        raise CorruptFileError(
            f"{path} is damaged at line {-bad_line}: its checksum does not match while later lines are whole. "
            "Move the file away and resume: what it recorded is computed again."
        )
    return records, valid_bytes, content[valid_bytes:]


class CheckedLog:
    """The writer of a checked log; ``records`` holds what was already there when it was opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        make_folder(path.parent)
        self.records, valid_bytes, torn = _load(path)
        with storage_errors(path):
            if torn:
                with path.with_name(path.name + ".torn").open("ab") as keep:
                    keep.write(torn)
                os.truncate(path, valid_bytes)
            self._handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            sync_folder(path.parent)
        self._size = valid_bytes

    def append(self, records: Iterable[Any]) -> None:
        """Append ``records`` and sync once; on disk trouble the file is cut back to what it held before."""
        block = b"".join(encode_line(record) for record in records)
        with storage_errors(self.path):
            try:
                written = 0
                while written < len(block):
                    written += os.write(self._handle, block[written:])
                os.fsync(self._handle)
            except OSError:
                os.ftruncate(self._handle, self._size)
                raise
        self._size += len(block)

    def close(self) -> None:
        """Close the file; appending afterwards is an error."""
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
