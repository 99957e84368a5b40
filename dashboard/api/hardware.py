"""What this machine can do, as it was measured last."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dashboard.api.answers import json_answer, reading
from dashboard.api.errors import NotReadyError
from dashboard.api.schemas.catalogue import HardwareAnswer
from dashboard.context import Context
from dashboard.views.hardware import hardware_profile

TAG = Tag(name="Hardware", description="The machine.")


def blueprint(context: Context) -> APIBlueprint:
    """Return the route of the measurement."""
    routes = APIBlueprint("api_hardware", __name__, abp_tags=[TAG])

    @routes.get("/hardware", responses=reading(HardwareAnswer, 404, 422), provide_automatic_options=False)
    def hardware() -> Response:
        """The last measurement of this machine."""
        profile = hardware_profile(context.paths, context.files)
        if profile is None:
            raise NotReadyError("this machine was not measured yet: stage 6 of a run does it.")
        return json_answer(profile)

    return routes
