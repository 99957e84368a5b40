"""What this machine can do, as it was measured last."""

from flask import Blueprint, render_template

from dashboard.context import Context
from dashboard.pages.parts import part
from dashboard.views.hardware import hardware_profile, hardware_view


def blueprint(context: Context) -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("hardware", __name__)

    @routes.get("/hardware", provide_automatic_options=False)
    def page() -> str:
        return render_template("hardware.html", hardware=part(lambda: hardware_view(hardware_profile(context.paths, context.files))))

    return routes
