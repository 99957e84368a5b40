"""All rules in their order: name, method, size, origin, caller, and for changes the caller's proof."""

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import Unauthorized

from dashboard.security.access import Access, current_caller, is_public
from dashboard.security.csrf import check_page_change, check_script_change
from dashboard.security.headers import add_headers
from dashboard.security.hosts import check_host
from dashboard.security.limits import SAFE_METHODS, check_method, check_size, limit_bodies
from dashboard.security.origins import check_origin, is_preflight


def protect(app: Flask, access: Access) -> None:
    """Put the rules on ``app``, before anything else looks at a request. Templates get ``csrf`` and ``signed_in``."""
    hosts, origins = access.options.hosts, access.options.cors_origins
    app.config["TRUSTED_HOSTS"] = list(hosts)
    app.extensions["access"] = access
    limit_bodies(app)

    def admit() -> Response | None:
        check_host(hosts)
        if is_preflight(origins):
            return Response(status=204)
        check_method()
        check_size()
        check_origin(origins)
        g.caller = access.recognize()
        if g.caller is None and not is_public():
            return _ask_to_sign_in()
        if request.method not in SAFE_METHODS:
            _check_change()
        return None

    app.before_request(admit)
    app.after_request(add_headers)
    app.context_processor(_context)


def _ask_to_sign_in() -> Response:
    if request.path.startswith("/api/"):
        raise Unauthorized("Sign in first: open the address that the terminal shows, or send Authorization: Bearer with DASHBOARD_TOKEN.")
    return Response(render_template("sign_in.html", state="needed"), 401)


def _check_change() -> None:
    caller = current_caller()
    if caller is None:
        raise Unauthorized("Sign in first.")
    if caller.kind == "session":
        check_page_change(caller.csrf)
    else:
        check_script_change()


def _context() -> dict[str, object]:
    caller = current_caller()
    return {"csrf": caller.csrf if caller else "", "signed_in": caller is not None and caller.kind == "session"}
