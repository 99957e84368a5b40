"""Tags that people give to runs: one small file beside the runs, so that no byte and no hash of a run changes."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.atomic_files import write_bytes
from core.canonical_json import dump_bytes
from core.errors import ConfigError, CorruptFileError
from core.paths import Paths
from dashboard.locks import waiting_for
from dashboard.reading.files import FileReader, expecting

log = logging.getLogger(__name__)

MAX_LENGTH = 100
MAX_TAGS = 12
_SCHEMA = 1

Tags = Mapping[str, tuple[str, ...]]


class TagStore:
    """The tags in ``data/dashboard/tags.json``: run id -> tags in the order of the alphabet. Threads and processes may share the file."""

    def __init__(self, paths: Paths, files: FileReader) -> None:
        self._folder = paths.dashboard
        self._file = self._folder / "tags.json"
        self._files = files

    def all(self) -> Tags:
        """Return the tags of every run that has any. Raises CorruptFileError."""
        content = self._files.mapping(self._file)
        if content is None:
            return {}
        with expecting("dashboard/tags.json"):
            return {str(run_id): _plain_names(tags) for run_id, tags in content["runs"].items()}

    def readable(self) -> tuple[Tags, str]:
        """Return the tags of every run, or none and what is wrong with the file: damaged tags hide no run."""
        try:
            return self.all(), ""
        except CorruptFileError as error:
            log.warning("%s", error)
            return {}, str(error)

    def of(self, run_id: str) -> tuple[str, ...]:
        """Return the tags of one run. Raises CorruptFileError."""
        return self.all().get(run_id, ())

    def put(self, run_id: str, tags: Iterable[str], was: Iterable[str] | None = None) -> tuple[str, ...]:
        """Replace the tags of a run and return what it has now; what others have given it since it ``was`` so, stays, and so on.

        Raises ConfigError, CorruptFileError and StorageError.
        """
        wanted, before = checked_tags(tags), None if was is None else set(was)

        def change(runs: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
            nonlocal wanted
            if before is not None:
                wanted = checked_tags((set(runs.get(run_id, ())) | (set(wanted) - before)) - (before - set(wanted)))
            return runs | {run_id: wanted}

        self._change(change)
        return wanted

    def forget(self, run_id: str) -> None:
        """Remove the tags of a run that is gone. Raises CorruptFileError and StorageError."""
        if run_id in self.all():
            self._change(lambda runs: {name: tags for name, tags in runs.items() if name != run_id})

    def _change(self, change: Callable[[dict[str, tuple[str, ...]]], dict[str, tuple[str, ...]]]) -> None:
        with waiting_for(self._folder / "tags.lock"):
            runs = {name: tags for name, tags in change(dict(self.all())).items() if tags}
            write_bytes(self._file, dump_bytes({"schema": _SCHEMA, "runs": runs}))


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return ``tags`` without surrounding spaces, each once, in the order of the alphabet. Raises ConfigError for what is no tag."""
    found = sorted({" ".join(tag.split()) for tag in tags}, key=lambda tag: (tag.casefold(), tag))
    if len(found) > MAX_TAGS:
        raise ConfigError(f"tags: {len(found)} are too many for one run: at most {MAX_TAGS}.")
    for tag in found:
        if not tag or len(tag) > MAX_LENGTH or not tag.isprintable():
            raise ConfigError(f"tags: a tag has 1 to {MAX_LENGTH} characters that can be printed; this one has {len(tag)}: {tag[:40]!r}.")
    return tuple(found)


def _plain_names(tags: Any) -> tuple[str, ...]:
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise TypeError("tags that are no list of texts")
    return tuple(tags)
