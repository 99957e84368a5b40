"""An append-only file of JSON lines, each with its own checksum, that survives being cut at any byte.

A line is ``<crc32 as 8 hex> <canonical JSON>``. Opening for append trims everything after the last valid line and keeps
the cut bytes beside it in ``<name>.torn``; a damaged line *before* valid ones is no torn tail but corruption, and refused.
Files are read line by line and written in pieces: what is in memory are the records, however many there are.
"""

import json
import os
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from core.atomic_files import make_folder, storage_errors, sync_folder
from core.canonical_json import dumps
from core.errors import CorruptFileError, StorageError

_PIECE_BYTES = 1 << 20

# Makes a record of a line's JSON; ValueError for what is no JSON, CorruptFileError for JSON that does not belong in the file.
Decode = Callable[[bytes], Any]


def encode_line(record: Any) -> bytes:
    """Return the checked line of ``record``, newline included."""
    return checked_line(dumps(record).encode())


def checked_line(text: bytes) -> bytes:
    """Return the checked line of a record whose canonical JSON is ``text``, newline included."""
    return b"%08x %s\n" % (zlib.crc32(text), text)


def read_checked_log(path: Path, decode: Decode = json.loads) -> list[Any]:
    """Return the valid records of ``path`` ([] if absent), a torn tail left out; CorruptFileError if a middle line is bad.

    StorageError: it is there and cannot be read.
    ``decode`` makes a record of the JSON of a line whose checksum is right.
    """
    return _load(path, decode)[0]


def first_record(path: Path, decode: Decode = json.loads) -> Any:
    """Return the first record of ``path``, None where there is none or its line is not whole. StorageError: it cannot be read."""
    if not path.exists():
        return None
    with _opened(path) as stream:
        line = stream.readline()
    try:
        return decode(_checked(line))
    except CorruptFileError:
        raise
    except ValueError:
        return None


def follow_checked_log(path: Path, decode: Decode, start: int) -> int:
    """Hand every whole line from byte ``start`` on to ``decode`` and return where they end: what to begin with when the log has grown.

    ``start`` is 0 or what an earlier call returned. Raises as ``read_checked_log`` does, which names lines counted from ``start``.
    """
    return _load(path, decode, start)[1]


def _load(path: Path, decode: Decode, start: int = 0) -> tuple[list[Any], int]:
    """Return the valid records from byte ``start`` on and where they end."""
    records: list[Any] = []
    valid_bytes = position = start
    bad_line = None
    if not path.exists():
        return records, valid_bytes
    with _opened(path) as stream:
        stream.seek(start)
        for number, line in enumerate(stream, start=1):
            position += len(line)
            try:
                record = decode(_checked(line))
            except CorruptFileError:
                raise
            except ValueError:
                bad_line = bad_line or number
                continue
            if bad_line is not None:
                raise CorruptFileError(
                    f"{path} is damaged at line {bad_line}: its checksum does not match while later lines are whole. "
                    "Move the file away and resume: what it recorded is computed again."
                )
            records.append(record)
            valid_bytes = position
    return records, valid_bytes


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}. It must be a file that you may read.") from error


def _checked(line: bytes) -> bytes:
    """Return the JSON in ``line``; ValueError unless it ends with a newline and its checksum is right."""
    text = line[9:-1]
    if line[-1:] != b"\n" or line[:9] != b"%08x " % zlib.crc32(text):
        raise ValueError("torn or damaged")
    return text


class CheckedLog:
    """The writer of a checked log; ``records`` holds what was already there when it was opened, made by ``decode``."""

    def __init__(self, path: Path, decode: Decode = json.loads) -> None:
        self.path = path
        make_folder(path.parent)
        self.records, self._size = _load(path, decode)
        with storage_errors(path):
            _trim(path, self._size)
            self._handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            sync_folder(path.parent)

    def append(self, records: Iterable[Any]) -> None:
        """Append ``records`` as ``append_lines`` does."""
        self.append_lines(encode_line(record) for record in records)

    def append_lines(self, lines: Iterable[bytes]) -> None:
        """Append checked lines, taken as they come, and sync once.

        On an error the file is cut back to what it held before. An interruption (Ctrl-C) keeps every whole line that is in the file
        already: they are true, and somebody who watches the file may have seen them.
        """
        written, piece = 0, bytearray()
        with storage_errors(self.path):
            try:
                for line in lines:
                    piece += line
                    if len(piece) >= _PIECE_BYTES:
                        written += self._write(piece)
                        piece.clear()
                written += self._write(piece)
                os.fsync(self._handle)
            except Exception:
                os.ftruncate(self._handle, self._size)
                raise
            except BaseException:
                with suppress(OSError):
                    self._keep_whole_lines()
                raise
        self._size += written

    def _keep_whole_lines(self) -> None:
        """Cut off what an interrupted append left of a line and sync the lines before it."""
        with self.path.open("rb") as stream:
            stream.seek(self._size)
            self._size += stream.read().rfind(b"\n") + 1
        os.ftruncate(self._handle, self._size)
        os.fsync(self._handle)

    def _write(self, piece: bytearray) -> int:
        written = 0
        while written < len(piece):
            written += os.write(self._handle, bytes(piece[written:]))
        return written

    def close(self) -> None:
        """Close the file; appending afterwards is an error."""
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _trim(path: Path, valid_bytes: int) -> None:
    """Cut off what follows the valid bytes of ``path``, if anything does, and keep it beside the file."""
    if not path.exists() or path.stat().st_size == valid_bytes:
        return
    with path.open("rb") as stream:
        stream.seek(valid_bytes)
        torn = stream.read()
    with path.with_name(path.name + ".torn").open("ab") as keep:
        keep.write(torn)
    os.truncate(path, valid_bytes)
