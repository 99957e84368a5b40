"""The pages: one file a page."""

from flask import Flask

from dashboard.context import Context
from dashboard.pages import (
    compare,
    data,
    equity,
    hardware,
    jobs,
    logs,
    market,
    new,
    overfitting,
    overview,
    reference,
    runs,
    search,
    sign_in,
    walkforward,
)

PAGES = (
    sign_in,
    runs,
    compare,
    overview,
    market,
    equity,
    search,
    walkforward,
    overfitting,
    data,
    new,
    jobs,
    hardware,
    logs,
    reference,
)


def register_pages(app: Flask, context: Context) -> None:
    """Put all pages on ``app``."""
    for page in PAGES:
        app.register_blueprint(page.blueprint(context))
