"""Which modules a module of the front end imports, and what those import: a page names them all, so that none waits for another."""

import posixpath
import re

from dashboard.delivery.static_files import StaticFiles

_IMPORT = re.compile(r'^import\s[^;]*?"(\.[^"]+)";', re.MULTILINE)


def imported_by(static: StaticFiles, name: str) -> tuple[str, ...]:
    """Return the names of all modules that the one called ``name`` needs, itself left out, sorted. KeyError where one is not there."""
    found, open_ = set[str](), [name]
    while open_:
        module = open_.pop()
        text = static.files[module].content.decode()
        near = {posixpath.normpath(posixpath.join(posixpath.dirname(module), each)) for each in _IMPORT.findall(text)}
        open_ += near - found
        found |= near
    return tuple(sorted(found - {name}))
