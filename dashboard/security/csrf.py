"""What a change needs beside a cookie: a page of the dashboard that sends it, its secret in a header, and a body that is JSON."""

import hashlib
import hmac

from flask import request
from werkzeug.exceptions import Forbidden, UnsupportedMediaType

from dashboard.security.origins import check_same_origin

HEADER = "X-CSRF-Token"
_PURPOSE = b"changes made by pages of the dashboard"


def csrf_token(cookie: str) -> str:
    """Return the secret that the pages of a session send along; it does not tell the cookie."""
    return hmac.new(cookie.encode(), _PURPOSE, hashlib.sha256).hexdigest()


def check_json_body() -> None:
    """Refuse a body that is not JSON: forms of foreign pages can send any other kind. Raises UnsupportedMediaType."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The body must be JSON: send Content-Type: application/json.")


def check_page_change(token: str) -> None:
    """Check a change that is asked for with a cookie; ``token`` is the session's secret. Raises Forbidden, UnsupportedMediaType."""
    check_same_origin()
    if not hmac.compare_digest(request.headers.get(HEADER, "").encode(), token.encode()):
        raise Forbidden(f"The header {HEADER} is missing or old. Load the page again.")
    check_json_body()


def check_script_change() -> None:
    """Check a change that a script asks for with its token: what body there is must be JSON. Raises UnsupportedMediaType."""
    if request.content_length or "Transfer-Encoding" in request.headers:
        check_json_body()
