"""The pages: one file a page."""

from flask import Flask

from dashboard.context import Context
from dashboard.pages import data, equity, market, overfitting, overview, runs, search, walkforward

PAGES = (runs, overview, market, equity, search, walkforward, overfitting, data)


def register_pages(app: Flask, context: Context) -> None:
    """Put all pages on ``app``."""
    for page in PAGES:
        app.register_blueprint(page.blueprint(context))
