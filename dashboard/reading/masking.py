"""Texts that programs wrote for the person at this machine, without the places where things lie on it."""

import re
from dataclasses import dataclass
from pathlib import Path

from core.paths import PROJECT_ROOT, Paths

# An absolute path that belongs to none of the folders known: a user's own file, the interpreter, a library. Its name is enough.
_FOREIGN = re.compile(r"(?<![\w.~/:>-])/(?:[\w.@+~ -]*[\w.@+~-]/)+(?=[\w.@+~-])")


@dataclass(frozen=True, slots=True)
class PathMask:
    """Cuts absolute paths: those in the installation's folders to where they lie in them, all others to their last part."""

    known: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, paths: Paths) -> "PathMask":
        """Return the mask of one installation."""
        folders = ((paths.data, "data/"), (paths.logs, "logs/"), (paths.config, "config/"), (PROJECT_ROOT, ""), (Path.home(), "~/"))
        longest_first = sorted(((f"{folder}/", name) for folder, name in folders), key=lambda pair: len(pair[0]), reverse=True)
        return cls(tuple(longest_first))

    def __call__(self, text: str) -> str:
        """Return ``text`` without absolute paths."""
        for folder, name in self.known:
            text = text.replace(folder, name)
        return _FOREIGN.sub("", text)
