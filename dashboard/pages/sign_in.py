"""Signing in with the address that the terminal printed, and signing out."""

import re

from flask import Blueprint, Response, render_template, request

from core.canonical_json import dumps
from dashboard.context import Context
from dashboard.security import Access, current_caller

# A page of the dashboard: segments of harmless characters, so that nobody can be sent elsewhere.
_PAGE = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*(?:[A-Za-z0-9_-][A-Za-z0-9._-]*)?")


def blueprint(context: Context) -> Blueprint:
    """Return the routes of signing in and out."""
    routes = Blueprint("sign_in", __name__)
    access = context.access

    @routes.get("/sign-in", provide_automatic_options=False)
    def page() -> Response:
        target = _target()
        if current_caller() is not None:
            return _page("done", 200, target)
        token = request.args.get("token", "")
        # Nobody is there yet who would keep the cookie: a program asks what it would get, or loads the page in advance.
        if not token or request.method != "GET" or "prefetch" in request.headers.get("Sec-Purpose", ""):
            return _page("needed", 200, target)
        cookie = access.sign_in(token)
        return _page("spent", 401, target) if cookie is None else _with_cookie(_page("done", 200, target), access, cookie)

    @routes.post("/sign-out", provide_automatic_options=False)
    def sign_out() -> Response:
        access.sign_out()
        response = Response(dumps({"signed_out": True}), mimetype="application/json")
        response.delete_cookie(access.cookie_name, path="/", httponly=True, samesite="Strict")
        return response

    return routes


def _target() -> str:
    target = request.args.get("next", "/")
    return target if _PAGE.fullmatch(target) else "/"


def _page(state: str, code: int, target: str) -> Response:
    return Response(render_template("sign_in.html", state=state, target=target), code)


def _with_cookie(response: Response, access: Access, cookie: str) -> Response:
    response.set_cookie(access.cookie_name, cookie, max_age=access.lifetime_s, path="/", httponly=True, samesite="Strict")
    return response
