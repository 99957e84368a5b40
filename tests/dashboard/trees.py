"""Folders at a glance."""

from pathlib import Path

from core.atomic_files import sha256_of_file


def hashes(folder: Path) -> dict[str, str]:
    """Return the hash of every file under ``folder`` by its relative name."""
    return {path.relative_to(folder).as_posix(): sha256_of_file(path) for path in sorted(folder.rglob("*")) if path.is_file()}
