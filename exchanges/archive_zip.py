"""What came from the archive, believed only when its checksum is right and the zip holds the one file it should."""

import hashlib
import re
import struct
import zipfile
import zlib
from io import BytesIO

from core.errors import DataError
from exchanges.archive_files import ArchiveFile

_CHECKSUM_LINE = re.compile(r"([0-9a-fA-F]{64})[ \t]+\*?(\S.*)")
# A row of twelve columns has about 120 bytes; nothing honest is near these.
_BYTES_PER_ROW, _BYTES_BESIDE = 400, 65_536
# End of central directory: signature, disks (2 x u16), entries (2 x u16), size and offset of the directory (2 x u32), comment length.
_END = struct.Struct("<4s4H2IH")
_END_SIGNATURE, _ZIP64_SIGNATURE = b"PK\x05\x06", b"PK\x06\x07"
_LONGEST_DIRECTORY = 4096


def most_bytes(file: ArchiveFile) -> int:
    """Return how large the zip of ``file``, and the text inside, may be."""
    return _BYTES_BESIDE + _BYTES_PER_ROW * file.most_bars


def parse_checksum(file: ArchiveFile, content: bytes) -> str:
    """Return the SHA-256 (hex, lower case) in a ``.CHECKSUM`` file; DataError unless it is one line of sha256sum for ``file``."""
    text = content[:1024].decode("utf-8", errors="replace").strip()
    found = _CHECKSUM_LINE.fullmatch(text)
    if found is None or found[2] != file.name:
        raise DataError(f"the archive's checksum of {file.name} is no line of sha256sum for it, but {text[:120]!r}. Try again later.")
    return found[1].lower()


def require_checksum(file: ArchiveFile, content: bytes, sha256: str) -> None:
    """Raise DataError unless ``content`` has the SHA-256 ``sha256``."""
    actual = hashlib.sha256(content).hexdigest()
    if actual != sha256:
        raise DataError(
            f"the archive file {file.name} ({len(content):,} bytes) has the SHA-256 {actual}, but its checksum file says {sha256}. "
            "It is not used: try again, it may just have been replaced."
        )


def unzip(file: ArchiveFile, content: bytes) -> bytes:
    """Return the CSV inside the zip ``content``; DataError unless it is the only member, has its name and an honest size."""
    _require_one_entry(file, content)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            (member,) = archive.infolist()
            _require_plain(file, member)
            with archive.open(member) as stream:
                text = stream.read(most_bytes(file) + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise _refused(file, f"is no readable zip ({error})") from error
    if len(text) > most_bytes(file):
        raise _refused(file, f"unpacks to more than {most_bytes(file):,} bytes")
    return text


def _require_one_entry(file: ArchiveFile, content: bytes) -> None:
    """Look at the end record before any library does: a directory of a million entries is refused unread."""
    at = content.rfind(_END_SIGNATURE)
    if len(content) > most_bytes(file) or at < 0 or at + _END.size > len(content):
        raise _refused(file, f"is no zip of a reasonable size ({len(content):,} bytes)")
    _, _, _, here, total, size, _, _ = _END.unpack_from(content, at)
    if (here, total) != (1, 1) or size > _LONGEST_DIRECTORY or content[max(0, at - 20) : at].startswith(_ZIP64_SIGNATURE):
        raise _refused(file, f"holds {total} files instead of one")


def _require_plain(file: ArchiveFile, member: zipfile.ZipInfo) -> None:
    # orig_filename: ZipInfo cuts a name at its first NUL.
    if member.filename != file.member or member.orig_filename != file.member:
        raise _refused(file, f"holds {member.orig_filename[:80]!r} instead of {file.member}")
    if member.flag_bits & 0x1:
        raise _refused(file, "is encrypted")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refused(file, f"uses compression method {member.compress_type}")
    if member.file_size > most_bytes(file):
        raise _refused(file, f"says it unpacks to {member.file_size:,} bytes, more than {most_bytes(file):,}")


def _refused(file: ArchiveFile, what: str) -> DataError:
    return DataError(f"the archive file {file.name} {what}. It is not used: download the range by REST, or try again later.")
