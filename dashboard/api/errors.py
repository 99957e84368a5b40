"""From errors to the one form of refusals: a status, a word for programs, a sentence for people, and the field to blame."""

import logging
from collections.abc import Iterable

from flask import Response, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from core.canonical_json import dumps
from core.errors import (
    APIError,
    ConfigError,
    CorruptFileError,
    CredentialError,
    JobNotFoundError,
    LockedError,
    PipelineError,
    QueueFullError,
    RateLimitError,
    RunNotFoundError,
    StorageError,
)  # fmt: skip
from dashboard.api.paging import FieldError
from dashboard.api.schemas.errors import ErrorCode
from dashboard.formatting import visible
from dashboard.jobs.problems import FormError, Problem

log = logging.getLogger(__name__)


class NotReadyError(PipelineError):
    """What is asked for will be there once the run has come so far."""


class MissingError(PipelineError):
    """There is no such thing."""


_HTTP: dict[int, tuple[ErrorCode, str]] = {
    400: ("invalid", "The request makes no sense here."),
    401: ("signed_out", "Sign in with the address that the terminal shows, or send a token as 'Authorization: Bearer ...'."),
    403: ("forbidden", "This request is not allowed from where it comes."),
    404: ("not_found", "There is no such run, market or resource."),
    405: ("method", "This resource does not take that method; Allow names those it takes."),
    406: ("not_acceptable", "There is no answer in the form that is asked for."),
    408: ("timeout", "The request took too long to arrive."),
    409: ("conflict", "The request does not fit what is going on."),
    413: ("too_large", "The body is larger than is ever needed."),
    414: ("address_too_long", "The address is longer than is ever needed."),
    415: ("media_type", "Send JSON, with 'Content-Type: application/json'."),
    422: ("unusable", "The data cannot be used."),
    429: ("rate_limited", "Too many requests: wait as many seconds as Retry-After says."),
    503: ("busy", "All places are taken: try again after as many seconds as Retry-After says."),
}
# Refusals that may say themselves what is missing.
_EXPLAINED = frozenset({400, 401, 403, 409, 413, 415, 422, 503})
# The first that fits counts: the more particular before the more general.
_OWN: tuple[tuple[type[PipelineError], int, ErrorCode], ...] = (
    (NotReadyError, 404, "not_ready"),
    (MissingError, 404, "not_found"),
    (RunNotFoundError, 404, "not_found"),
    (JobNotFoundError, 404, "not_found"),
    (QueueFullError, 503, "busy"),
    (ConfigError, 400, "invalid"),
    (CorruptFileError, 422, "damaged"),
    (CredentialError, 424, "failed_dependency"),
    (RateLimitError, 503, "busy"),
    (APIError, 502, "venue"),
    (LockedError, 409, "locked"),
    (StorageError, 507, "storage"),
    (PipelineError, 422, "unusable"),
)
INTERNAL = "Something went wrong inside the dashboard. The details are in logs/error.log; the runs themselves are not affected."


def error_answer(status: int, code: ErrorCode, message: str, field: str | None = None, problems: Iterable[Problem] = ()) -> Response:
    """Return a refusal; ``problems`` are all mistakes of a form, where there may be several."""
    details = [{"field": problem.field or None, "message": problem.message} for problem in problems]
    content = {"code": code, "message": message, "field": field} | ({"details": details} if details else {})
    return Response(visible(dumps({"error": content})), status, mimetype="application/json")


def http_refusal(error: HTTPException) -> AnyResponse:
    """Return the refusal for an error of HTTP; an answer that the error carries already is kept."""
    if error.response is not None:
        return error.get_response()
    status = error.code or 500
    if isinstance(error, SecurityError):
        return error_answer(400, "invalid", "This host name is not served here. Use http://127.0.0.1 or http://localhost.")
    code, message = _HTTP.get(status, ("internal", INTERNAL) if status >= 500 else ("refused", f"The request was refused ({status})."))
    own = error.description if status in _EXPLAINED and error.description != type(error).description else None
    answer = error_answer(status, code, own or message)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            answer.headers[name] = value
    return answer


def own_refusal(error: PipelineError, text: str) -> Response:
    """Return the refusal for one of the product's errors; ``text`` is its message without the machine's paths."""
    status, code = next((status, code) for kind, status, code in _OWN if isinstance(error, kind))
    if status in (422, 502, 507):
        log.warning("%s: %s", request.path, error)
    problems = error.problems if isinstance(error, FormError) else ()
    field = error.field if isinstance(error, FieldError) else next((problem.field for problem in problems if problem.field), None)
    answer = error_answer(status, code, text, field, problems)
    if status == 503:
        answer.headers["Retry-After"] = "30"
    return answer


def internal_refusal(error: Exception) -> Response:
    """Return the refusal for what nobody thought of; the log has the rest."""
    log.error("request for %s failed", request.path, exc_info=error)
    return error_answer(500, "internal", INTERNAL)


def invalid_question(error: ValidationError) -> Response:
    """Return the refusal for a query or a body that is not what it must be: its first mistake, with the field."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])[:200]
    if first["type"] == "extra_forbidden":
        return error_answer(400, "invalid", f"There is no parameter '{field[:60]}'.", field)
    reason = str(first["msg"]).removeprefix("Value error, ")
    return error_answer(400, "invalid", f"{field}: {reason[:1].lower()}{reason[1:]}." if field else f"{reason}.", field or None)
