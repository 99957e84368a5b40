"""Tags of answers: whoever has an answer already is told so, instead of being sent it again."""

import hashlib

from flask import Flask, Response, request


def tag_answers(app: Flask) -> None:
    """Give every JSON answer to a GET under ``/api/`` a weak ETag of its content, and answer 304 where If-None-Match has it."""
    app.after_request(_tag)


def _tag(response: Response) -> Response:
    wanted = request.method in ("GET", "HEAD") and response.status_code == 200 and request.path.startswith("/api/")
    if not wanted or response.is_streamed or response.mimetype != "application/json":
        return response
    response.set_etag(hashlib.blake2b(response.get_data(), digest_size=12).hexdigest(), weak=True)
    response.make_conditional(request)
    return response
