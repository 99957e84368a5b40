"""From a path to the bytes of a regular file of a known kind, or a DataError that says what stands there instead."""

import errno
import stat
from enum import StrEnum
from pathlib import Path

from core.errors import DataError


class FileKind(StrEnum):
    """The formats of candle files, by the name users know them under."""

    PARQUET = "Parquet"
    FEATHER = "Feather"
    CSV = "CSV"


SUFFIXES = {
    ".parquet": FileKind.PARQUET,
    ".pq": FileKind.PARQUET,
    ".feather": FileKind.FEATHER,
    ".arrow": FileKind.FEATHER,
    ".ipc": FileKind.FEATHER,
    ".csv": FileKind.CSV,
}

_PARQUET_MARK = b"PAR1"
_FEATHER_MARK = b"ARROW1"

# How other kinds of files begin, to say what a misnamed file really is.
_SIGNATURES = (
    (_PARQUET_MARK, "a Parquet file"),
    (_FEATHER_MARK, "a Feather (Arrow) file"),
    (b"FEA1", "a Feather file of the first version; write it again with a current pandas, polars or pyarrow"),
    (b"\xff\xff\xff\xff", "an Arrow stream; write it as an Arrow file (Feather)"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
    (b"\x89HDF", "an HDF5 file; export it as Parquet or CSV"),
    (b"\xff\xfe", "UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text; save it as UTF-8"),
    (b"\x80", "a Python pickle, which is never loaded because it can run code; export it as Parquet or CSV"),
)


def read_bytes(path: Path) -> tuple[FileKind, bytes]:
    """Return the kind and the content of the candle file at ``path``.

    Raises DataError for anything but a readable, non-empty regular file whose content is of the kind that its suffix names.
    """
    _require_regular(path)
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise DataError(f"{path}: '{path.suffix or 'no suffix'}' is no kind of candle file; use one of {', '.join(SUFFIXES)}.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}. Check its permissions and the disk.") from error
    if not content.strip():
        raise DataError(f"{path} is empty: it holds no candles. Write or download it again.")
    _require_kind(path, kind, content)
    return kind, content


def _require_regular(path: Path) -> None:
    """Refuse what could block or never end (pipes, devices) before it is opened."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        hint = " It is a link to something that is gone." if path.is_symlink() else " Check the spelling and the folder."
        raise DataError(f"there is no file {path}.{hint}") from None
    except (OSError, ValueError) as error:
        loop = isinstance(error, OSError) and error.errno == errno.ELOOP
        reason = "its links lead in a circle" if loop else str(getattr(error, "strerror", None) or error)
        raise DataError(f"{path} cannot be opened: {reason}. Name a candle file.") from error
    if stat.S_ISDIR(mode):
        raise DataError(f"{path} is a folder: name one candle file in it, or set LOCAL_CANDLES_DIR to it and give the file's name.")
    if not stat.S_ISREG(mode):
        raise DataError(f"{path} is no regular file but a pipe, socket or device: name a candle file.")


def _require_kind(path: Path, kind: FileKind, content: bytes) -> None:
    mark = {FileKind.PARQUET: _PARQUET_MARK, FileKind.FEATHER: _FEATHER_MARK}.get(kind)
    if mark is None:
        found = _describe(content)
        if found:
            raise DataError(f"{path} is named as {kind} but is {found}.")
        if b"\0" in content[:65_536]:
            raise DataError(f"{path} is named as {kind} but holds binary data. Save the candles as UTF-8 text, or as Parquet.")
    elif not content.startswith(mark):
        found = _describe(content) or f"something else (it begins with {content[:16]!r})"
        raise DataError(f"{path} is named as {kind} but is {found}.")
    elif not content.endswith(mark) or len(content) < 2 * len(mark):
        raise DataError(
            f"{path} is cut short: the end of the {kind} file is missing after {len(content)} bytes. Write or download it again."
        )


def _describe(content: bytes) -> str:
    return next((what for mark, what in _SIGNATURES if content.startswith(mark)), "")
