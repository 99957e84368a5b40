"""Small JSON files that vouch for themselves: their own SHA-256 stands inside, and counts as zeros while it is computed."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.canonical_json import dumps
from market_data.store.stored_files import corrupt

_CHECKSUM = re.compile(rb'"checksum":"([0-9a-f]{64})"')
_ZEROS = "0" * 64


def seal(content: Mapping[str, Any]) -> bytes:
    """Return the bytes of a file with ``content``; equal contents give equal bytes. No key may stand before ``checksum`` when sorted."""
    blank = (dumps({**content, "checksum": _ZEROS}) + "\n").encode()
    return _with_checksum(blank, hashlib.sha256(blank).hexdigest())


def unseal(path: Path, raw: bytes) -> dict[str, Any]:
    """Return the content of the file at ``path`` with bytes ``raw``; CorruptFileError when they are not what was written."""
    found = _CHECKSUM.search(raw)
    if found is None or hashlib.sha256(_with_checksum(raw, _ZEROS)).hexdigest().encode() != found[1]:
        raise corrupt(path, "does not hold what was written (its own checksum differs)")
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise corrupt(path, f"is not valid JSON ({error})") from error
    if not isinstance(content, dict):
        raise corrupt(path, "holds no table")
    return content


def _with_checksum(raw: bytes, checksum: str) -> bytes:
    return _CHECKSUM.sub(f'"checksum":"{checksum}"'.encode(), raw, count=1)
