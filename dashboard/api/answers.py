"""What routes answer with, and how the document says so: each operation declares its success and every refusal it can meet.

The document adds to every GET that If-None-Match may be answered by 304, and CSV where ``format`` asks for it.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from flask import Response
from pydantic import BaseModel

from core.canonical_json import dumps, plain
from dashboard.formatting import visible

# What any request may meet, whatever it asks for.
_ALWAYS = (400, 401, 403, 429, 500)
_TEXTS = {
    400: "A parameter, the body or the host name is not what it must be; field names it where it is one.",
    401: "Nobody is signed in, or the token is not the dashboard's.",
    403: "The request comes from another page, or lacks the token of this page.",
    404: "There is no such thing, or (not_ready) the run has not come so far.",
    409: "The request does not fit what is going on, such as a run that is being worked on.",
    413: "The body is larger than is ever needed.",
    415: "The body is no JSON, or does not say that it is.",
    422: "A stored file is damaged, or the data cannot be used.",
    424: "A venue's key is missing or refused.",
    429: "Too many requests; Retry-After says how many seconds to wait.",
    500: "Something went wrong inside the dashboard; the details are in its log.",
    502: "The venue could not be reached or answered with an error.",
    503: "All places are taken or the venue wants to be left alone; Retry-After says how many seconds to wait.",
    507: "The disk refused to write.",
}
_RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}

Responses = dict[Any, Any]
# A chart of four curves takes it 2 ms, canonical JSON 40; answers are told from each other by their tags, not by their spelling.
_ENCODER = msgspec.json.Encoder(enc_hook=plain)


def json_answer(content: Any, status: int = 200) -> Response:
    """Return ``content`` as JSON without NaN: an undefined number is null. A model is written with what it holds beside its fields."""
    fields = content.model_dump(by_alias=True) if isinstance(content, BaseModel) else content
    return Response(encoded(fields), status, mimetype="application/json")


def encoded(content: Any) -> bytes:
    """Return ``content`` as JSON, with null for an undefined number."""
    try:
        return _ENCODER.encode(content)
    except UnicodeEncodeError:  # half a character, as names of folders may hold
        marked: str = visible(dumps(content))
        return marked.encode()


def reading(schema: type[BaseModel] | str, *refusals: int) -> Responses:
    """Return the ``responses`` of a GET: its answer's schema (a model, or a name among the stored shapes) and its refusals."""
    return {200: _success(schema, "What was asked for.")} | errors(refusals)


def changing(schema: type[BaseModel] | str, *refusals: int, status: int = 200) -> Responses:
    """Return the ``responses`` of a request that changes something and answers with ``status``."""
    return {status: _success(schema, "Done.")} | errors((413, 415, *refusals))


def streaming(*refusals: int) -> Responses:
    """Return the ``responses`` of a stream of events."""
    return {
        200: {"description": "Events, until one side ends.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    } | errors(refusals)


def errors(codes: Iterable[int]) -> Responses:
    """Return the ``responses`` of refusals: those of every request and these."""
    return {code: _error(code) for code in sorted({*_ALWAYS, *codes})}


def _success(schema: type[BaseModel] | str, text: str) -> Any:
    return schema if not isinstance(schema, str) else {"description": text, "content": _body(schema)}


def _error(code: int) -> dict[str, Any]:
    headers = {"headers": dict(_RETRY)} if code in (429, 503) else {}
    return {"description": _TEXTS[code], "content": _body("ErrorAnswer")} | headers


def _body(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
