"""The commit protocol: a stage's files first, then one small ``stage.json`` renamed last. That rename is the commit point.

``stage.json`` holds what went in (hashes of settings and of earlier stages' records) and what came out (hashes of the files),
so that resume can tell without trust whether a stage has to run again. A fresh start and a resume share this one path.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.atomic_files import sha256_of_file, write_bytes
from core.canonical_json import digest, dump_bytes, read_json
from core.errors import CorruptFileError

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class StageRecord:
    """The content of ``stage.json``: ``inputs`` name -> hash, ``outputs`` path relative to the stage's folder -> SHA-256."""

    stage: str
    inputs: dict[str, str]
    outputs: dict[str, str]
    code: str
    schema: int = SCHEMA_VERSION

    @property
    def hash(self) -> str:
        """The hash that later stages take as their input."""
        return digest(asdict(self))


def commit_stage(folder: Path, stage: str, inputs: Mapping[str, str], outputs: Iterable[Path], code: str) -> StageRecord:
    """Hash the ``outputs`` (files under ``folder``, already written whole) and write ``stage.json`` last."""
    hashes = {path.relative_to(folder).as_posix(): sha256_of_file(path) for path in sorted(outputs)}
    record = StageRecord(stage, dict(inputs), hashes, code)
    write_bytes(folder / "stage.json", dump_bytes(asdict(record)))
    return record


def read_stage_record(folder: Path) -> StageRecord | None:
    """Return the record of a committed stage, None when it was never committed; CorruptFileError when it is damaged."""
    path = folder / "stage.json"
    if not path.is_file():
        return None
    content: Any = read_json(path)
    try:
        record = StageRecord(**content)
        _require_hashes(record.inputs)
        _require_hashes(record.outputs)
    except TypeError as error:
        raise CorruptFileError(f"{path} is no stage record ({error}). Remove it and resume: the stage runs again.") from error
    return record


def _require_hashes(hashes: Any) -> None:
    if not isinstance(hashes, dict) or not all(isinstance(value, str) for value in hashes.values()):
        raise TypeError(f"{hashes!r} are no hashes by name")


def current_record(folder: Path, inputs: Mapping[str, str], code: str) -> StageRecord | None:
    """Return the stage's record if it can be reused: same inputs, same code, every output as it was committed.

    None means that the stage has to run (again). A changed output is no reason to run silently: CorruptFileError names it.
    """
    record = read_stage_record(folder)
    if record is None or record.schema != SCHEMA_VERSION or record.code != code or record.inputs != dict(inputs):
        return None
    for name, expected in record.outputs.items():
        path = folder / name
        if not path.is_file():
            raise CorruptFileError(f"{path} is missing although its stage was finished. Remove {folder / 'stage.json'} and resume.")
        if sha256_of_file(path) != expected:
            raise CorruptFileError(
                f"{path} was changed or damaged after its stage was finished (its SHA-256 does not match). "
                f"Remove {folder / 'stage.json'} and resume: the stage runs again."
            )
    return record
