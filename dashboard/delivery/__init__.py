"""How answers travel: tagged so that nothing is sent twice, compressed, counted, and to whom they may be shown."""

from functools import cache, partial

from flask import Flask

from dashboard.delivery.compression import compress_answers
from dashboard.delivery.cross_origin import share_with
from dashboard.delivery.etags import tag_answers
from dashboard.delivery.modules import imported_by
from dashboard.delivery.rates import limit_rates
from dashboard.delivery.static_files import bundled, serve_static
from dashboard.options import DashboardOptions


def deliver(app: Flask, options: DashboardOptions) -> None:
    """Put all of it on ``app``, after the rules of who may ask; answers are tagged before they are compressed."""
    static = bundled()
    serve_static(app, static)
    app.jinja_env.globals["modules_of"] = cache(partial(imported_by, static))
    share_with(app, options)
    limit_rates(app, options)
    compress_answers(app)
    tag_answers(app)
