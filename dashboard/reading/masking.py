"""Texts that programs wrote for the person at this machine, without the places where things lie on it."""

import os
import re
from functools import cached_property
from pathlib import Path

from core.paths import PROJECT_ROOT, Paths


class PathCutter:
    """Cuts paths of this machine out of texts: what lies in the installation is named from its root, the rest by its last name."""

    def __init__(self, paths: Paths) -> None:
        roots = ((paths.data, "data"), (paths.logs, "logs"), (paths.config, "config"), (PROJECT_ROOT, ""), (Path.home(), "~"))
        named = {f"{each}{os.sep}": f"{name}/" if name else "" for root, name in roots for each in (root, root.resolve())}
        self._named = sorted(named.items(), key=lambda item: len(item[0]), reverse=True)

    def __call__(self, text: str) -> str:
        """Return ``text`` without such paths."""
        if os.sep not in text:
            return text
        for root, name in self._named:
            text = text.replace(root, name)
        return self._foreign.sub(r"…/\1", text)

    @cached_property
    def _foreign(self) -> re.Pattern[str]:
        """Paths that begin with a folder that this machine has at its root; addresses and routes do not."""
        folders = "|".join(re.escape(name) for name in sorted(os.listdir(os.sep)))
        return re.compile(rf"(?<![\w/:.])/(?:{folders})/(?:[^\s/:'\"]+/)*([^\s/:'\"]*)")
