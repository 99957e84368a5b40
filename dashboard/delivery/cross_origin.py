"""Which pages of other origins may read the API: those that the user lists, with the token of a script and never with the cookie."""

from flask import Flask
from flask_cors import CORS

from dashboard.options import DashboardOptions

_HEADERS = ["Authorization", "Content-Type", "If-None-Match", "Last-Event-ID"]
_EXPOSED = ["ETag", "Retry-After", "Content-Disposition"]
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def share_with(app: Flask, options: DashboardOptions) -> None:
    """Answer listed origins with what their browsers ask for; without a list no answer ever has such a header."""
    if options.cors_origins:
        CORS(
            app,
            resources={r"/api/v1/.*": {"origins": list(options.cors_origins)}},
            methods=_METHODS,
            allow_headers=_HEADERS,
            expose_headers=_EXPOSED,
            supports_credentials=False,
            always_send=False,
            max_age=600,
            vary_header=True,
        )
