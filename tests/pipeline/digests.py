"""What equal runs must have in common: results, and everything the stages computed."""

from pathlib import Path

from core.atomic_files import sha256_of_file
from optimization.isolation import MARK

COMPUTED = ("05_baseline", "07_optimize", "08_walkforward")


def run_digests(data: Path, run_id: str) -> dict[str, str]:
    """Return name -> SHA-256 of the published results and of all files of the computing stages, ledgers included."""
    folders = {"results": data / "results" / run_id} | {name: data / "checkpoints" / run_id / name for name in COMPUTED}
    found = {
        f"{label}/{path.relative_to(folder).as_posix()}": sha256_of_file(path)
        for label, folder in folders.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".torn" and path.name != MARK
    }
    exports = data / "exports" / run_id
    return found | {f"exports/{path.name}": sha256_of_file(path) for path in sorted(exports.iterdir())}


def differing(first: dict[str, str], second: dict[str, str]) -> list[str]:
    """Return the names that only one run has or that differ."""
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
