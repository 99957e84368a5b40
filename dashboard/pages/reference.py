"""The reference of the API, made from its document."""

from flask import Blueprint, current_app, render_template, request

from dashboard.api.openapi import document_of
from dashboard.context import Context
from dashboard.views.reference import schemas, subjects


def blueprint(_context: Context) -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("reference", __name__)

    @routes.get("/reference", provide_automatic_options=False)
    def page() -> str:
        document = document_of(current_app)
        base = request.host_url.rstrip("/")
        return render_template("reference.html", info=document["info"], subjects=subjects(document, base), schemas=schemas(document))

    return routes
