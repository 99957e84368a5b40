"""Clients as the dashboard knows them: a browser that signed in, whose changes carry what a page of the dashboard sends."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.paths import Paths
from dashboard.security import Access
from dashboard.security.csrf import csrf_token

SAFE = ("GET", "HEAD", "OPTIONS")
OWN_ORIGIN = "http://localhost"

ClientOf = Callable[[Paths], FlaskClient]
_COOKIES: WeakKeyDictionary[Flask, str] = WeakKeyDictionary()


class SignedInClient(FlaskClient):
    """A browser with a session: whatever it changes, it sends the secret, the origin and the type of a page's request."""

    csrf = ""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; headers that are given win over those of a page."""
        if str(kwargs.get("method", "GET")).upper() not in SAFE:
            kwargs["headers"] = {"X-CSRF-Token": self.csrf, "Origin": OWN_ORIGIN} | dict(kwargs.get("headers") or {})
            if "json" not in kwargs:
                kwargs.setdefault("content_type", "application/json")
        return super().open(*args, **kwargs)


def access_of(app: Flask) -> Access:
    """Return what lets browsers in."""
    access: Access = app.extensions["access"]
    return access


def cookie_of(app: Flask) -> str:
    """Return a cookie that is signed in at ``app``, the same every time."""
    if app not in _COOKIES:
        _COOKIES[app] = access_of(app).open_session()
    return _COOKIES[app]


def signed_in(app: Flask) -> SignedInClient:
    """Return a browser that is signed in at ``app``."""
    client = SignedInClient(app, app.response_class)
    for host in ("localhost", "127.0.0.1"):
        client.set_cookie(access_of(app).cookie_name, cookie_of(app), domain=host, samesite="Strict", httponly=True)
    client.csrf = csrf_token(cookie_of(app))
    return client
