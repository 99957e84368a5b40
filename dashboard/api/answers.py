"""JSON answers, without NaN."""

from flask import Response

from core.canonical_json import dumps


def json_answer(content: object) -> Response:
    """Return ``content`` as JSON; NaN becomes null."""
    return Response(dumps(content), mimetype="application/json")
