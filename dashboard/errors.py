"""Every error as a page for people, or as ``{"reason": ...}`` for scripts; never a traceback, never a path of this machine."""

import logging

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError

from core.canonical_json import dumps
from core.errors import ConfigError, CorruptFileError, PipelineError, RunNotFoundError

log = logging.getLogger(__name__)

_TEXTS = {
    400: ("This address makes no sense here", "Some part of it is not what the dashboard expects."),
    404: ("Nothing here", "There is no such run, market or page. It may have been removed, or the address has a typing error."),
    405: ("The dashboard only reads", "It shows runs and changes nothing; start and resume runs on the command line."),
    422: ("A file of this run is damaged", "The rest of the run may still be fine."),
    500: ("Something went wrong inside the dashboard", "The details are in logs/error.log. The runs themselves are not affected."),
}
# Refusals that say themselves what is missing.
_EXPLAINED = frozenset({401, 403, 413, 415})


def handle_errors(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(PipelineError, _own_error)
    app.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    if isinstance(error, SecurityError):
        # The address itself is not to be trusted: no page with links is built from it.
        return Response("This host name is not served here. Use http://127.0.0.1 or http://localhost.\n", 400, mimetype="text/plain")
    if code < 400:
        return Response(error.get_response().get_data(), code, headers=error.get_headers())
    return _answer(code, error.description or "" if code in _EXPLAINED else "")


def _own_error(error: PipelineError) -> Response:
    if isinstance(error, RunNotFoundError):
        return _answer(404, "")
    if isinstance(error, ConfigError):
        return _answer(400, str(error))
    if isinstance(error, CorruptFileError):
        log.warning("%s", error)
        return _answer(422, str(error))
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    log.error("request for %s failed", request.path, exc_info=error)
    return _answer(500, "")


def _answer(code: int, detail: str) -> Response:
    title, text = _TEXTS.get(code, (f"The request was refused ({code})", "The dashboard did not accept it."))
    if request.path.startswith("/api/"):
        return Response(dumps({"reason": detail or f"{title}. {text}"}), code, mimetype="application/json")
    return Response(render_template("error.html", code=code, title=title, text=text, detail=detail), code)
