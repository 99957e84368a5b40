"""The pages: one file a page."""

from flask import Flask

from dashboard.context import Context
from dashboard.pages import (
    data,
    equity,
    jobs,
    market,
    new,
    overfitting,
    overview,
    runs,
    search,
    sign_in,
    walkforward,
)

PAGES = (
    sign_in,
    runs,
    overview,
    market,
    equity,
    search,
    walkforward,
    overfitting,
    data,
    new,
    jobs,
)


def register_pages(app: Flask, context: Context) -> None:
    """Put all pages on ``app``."""
    for page in PAGES:
        app.register_blueprint(page.blueprint(context))
