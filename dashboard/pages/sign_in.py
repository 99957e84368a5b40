"""Signing in with the address that the terminal printed, and signing out."""

from flask import Blueprint, Response, render_template, request

from core.canonical_json import dumps
from dashboard.context import Context
from dashboard.security import Access, current_caller


def blueprint(context: Context) -> Blueprint:
    """Return the routes of signing in and out."""
    routes = Blueprint("sign_in", __name__)
    access = context.access

    @routes.get("/sign-in", provide_automatic_options=False)
    def page() -> Response:
        token = request.args.get("token", "")
        # A program that only asks what it would get, or loads the page in advance, must not use the token up.
        looks = request.method != "GET" or "prefetch" in request.headers.get("Sec-Purpose", "")
        target = None if looks else access.tokens.spend(token)
        if current_caller() is not None:
            return _page("done", 200, target or "/")
        if target is not None:
            return _signed_in(_page("done", 200, target), access)
        return _page("spent", 401) if token and not looks else _page("needed", 200)

    @routes.post("/sign-out", provide_automatic_options=False)
    def sign_out() -> Response:
        access.sign_out()
        response = Response(dumps({"signed_out": True}), mimetype="application/json")
        response.delete_cookie(access.cookie_name, path="/", httponly=True, samesite="Strict")
        return response

    return routes


def _page(state: str, code: int, target: str = "/") -> Response:
    return Response(render_template("sign_in.html", state=state, target=target), code)


def _signed_in(response: Response, access: Access) -> Response:
    cookie = access.open_session()
    response.set_cookie(access.cookie_name, cookie, max_age=access.lifetime_s, path="/", httponly=True, samesite="Strict")
    return response
