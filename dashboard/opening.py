"""Opening the dashboard in a browser without telling its token to everybody on this machine."""

import os
import webbrowser
from pathlib import Path

from core.atomic_files import write_bytes

_PAGE = '<!doctype html><meta charset="utf-8"><title>Dashboard</title><meta http-equiv="refresh" content="0;url={address}">\n'


class BrowserOpener:
    """Opens ``address`` by a private file that leads there: command lines, unlike files, are seen by all who use this machine."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"open-{os.getpid()}.html"

    def open(self, address: str) -> None:
        """Open the address in the user's browser. Raises StorageError when the file cannot be written."""
        write_bytes(self._path, _PAGE.format(address=address).encode())
        webbrowser.open(self._path.as_uri())

    def clear(self) -> None:
        """Remove the file: it has been followed, or nobody will."""
        self._path.unlink(missing_ok=True)
