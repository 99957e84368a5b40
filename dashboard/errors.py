"""Every error as a page for people, or in the API's one form for scripts; never a traceback, never a path of this machine."""

import logging

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from core.errors import ConfigError, CorruptFileError, JobNotFoundError, PipelineError, RunNotFoundError
from core.paths import Paths
from dashboard.api.errors import MissingError, http_refusal, internal_refusal, own_refusal
from dashboard.reading.masking import PathCutter

log = logging.getLogger(__name__)

_TEXTS = {
    400: ("This address makes no sense here", "Some part of it is not what the dashboard expects."),
    404: ("Nothing here", "There is no such run, market or page. It may have been removed, or the address has a typing error."),
    405: ("This page only shows", "What changes something has an address of its own."),
    422: ("A file of this run is damaged", "The rest of the run may still be fine."),
    500: ("Something went wrong inside the dashboard", "The details are in logs/error.log. The runs themselves are not affected."),
}
# Refusals that say themselves what is missing.
_EXPLAINED = frozenset({401, 403, 413, 415})


def handle_errors(app: Flask, paths: Paths) -> None:
    """Register the handlers; no text of theirs shows where the folders of ``paths`` lie on this machine."""
    cut = PathCutter(paths)

    def own_error(error: PipelineError) -> Response:
        return own_refusal(error, cut(str(error))) if _is_api() else _own_page(error, cut(str(error)))

    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(PipelineError, own_error)
    app.register_error_handler(Exception, _unexpected)


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _http_error(error: HTTPException) -> AnyResponse:
    code = error.code or 500
    if _is_api():
        return http_refusal(error)
    if isinstance(error, SecurityError):
        # The address itself is not to be trusted: no page with links is built from it.
        return Response("This host name is not served here. Use http://127.0.0.1 or http://localhost.\n", 400, mimetype="text/plain")
    if error.response is not None:
        return error.get_response()
    if code < 400:
        return Response(error.get_response().get_data(), code, headers=error.get_headers())
    answer = _page(code, error.description or "" if code in _EXPLAINED else "")
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _own_page(error: PipelineError, text: str) -> Response:
    if isinstance(error, RunNotFoundError | JobNotFoundError | MissingError):
        return _page(404, "")
    if isinstance(error, ConfigError):
        return _page(400, text)
    if isinstance(error, CorruptFileError):
        log.warning("%s", error)
        return _page(422, text)
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    if _is_api():
        return internal_refusal(error)
    log.error("request for %s failed", request.path, exc_info=error)
    return _page(500, "")


def _page(code: int, detail: str) -> Response:
    title, text = _TEXTS.get(code, (f"The request was refused ({code})", "The dashboard did not accept it."))
    return Response(render_template("error.html", code=code, title=title, text=text, detail=detail), code)
