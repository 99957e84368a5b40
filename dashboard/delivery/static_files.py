"""The files of the front end: read and compressed once, and served under an address that holds the hash of them all.

A browser may keep such an address for a year, for another content has another. Modules import each other by relative paths, so that the
hash is in their addresses too.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, request

from dashboard.delivery.compression import MIN_BYTES, takes_gzip

FOLDER = Path(__file__).resolve().parent.parent / "static"
YEAR_SECONDS = 31_536_000
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent: ``packed`` is its gzip, empty where that would be no gain."""

    content: bytes
    packed: bytes
    mimetype: str
    tag: str


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All files of the front end by their names, and the hash of all of them."""

    files: dict[str, StaticFile]
    version: str

    @classmethod
    def of(cls, folder: Path) -> "StaticFiles":
        """Read the files under ``folder``."""
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        files = {path.relative_to(folder).as_posix(): _read(path) for path in paths}
        whole = hashlib.sha256("".join(f"{name}\0{file.tag}\0" for name, file in files.items()).encode()).hexdigest()
        return cls(files, whole[:16])


@cache
def bundled() -> StaticFiles:
    """Return the dashboard's own files, read once in a process."""
    return StaticFiles.of(FOLDER)


def serve_static(app: Flask, static: StaticFiles) -> None:
    """Let ``url_for("static", ...)`` lead to the versioned addresses of ``static``; addresses without the version work too, unkept."""
    prefix = f"/static/{static.version}"

    def versioned(filename: str) -> Response:
        return answer_with(static.files.get(filename) or abort(404), YEAR_SECONDS)

    def plain(filename: str) -> Response:
        return answer_with(static.files.get(filename) or abort(404), None)

    app.add_url_rule(f"{prefix}/<path:filename>", "static", versioned, methods=["GET"], provide_automatic_options=False)
    app.add_url_rule("/static/<path:filename>", "static_plain", plain, methods=["GET"], provide_automatic_options=False)


def answer_with(file: StaticFile, max_age: int | None) -> Response:
    """Return the answer that carries ``file``, to be kept for ``max_age`` seconds, or (None) to be asked for again each time."""
    packed = bool(file.packed) and takes_gzip()
    response = Response(file.packed if packed else file.content, mimetype=file.mimetype)
    response.vary.add("Accept-Encoding")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    if max_age is None:
        response.cache_control.no_cache = True
    else:
        response.cache_control.public = True
        response.cache_control.max_age = max_age
        response.cache_control.immutable = True
    response.set_etag(file.tag, weak=True)
    response.make_conditional(request)
    return response


def pack(content: bytes, mimetype: str, tag: str = "", level: int = 9) -> StaticFile:
    """Return ``content`` as a file to be sent; ``tag`` names its state, its hash where none is given."""
    packed = gzip.compress(content, level, mtime=0) if len(content) >= MIN_BYTES else b""
    smaller = packed if len(packed) < len(content) else b""
    return StaticFile(content, smaller, mimetype, tag or hashlib.sha256(content).hexdigest()[:24])


def _read(path: Path) -> StaticFile:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return pack(path.read_bytes(), kind)
