"""What a folder holds, to compare byte for byte."""

from pathlib import Path


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file under ``folder`` by its relative name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
