"""What can be changed of a run: its tags; and that it is there at all."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from dashboard.api.answers import changing, json_answer
from dashboard.api.runs import TAG
from dashboard.api.schemas.paths import RunPath
from dashboard.api.schemas.runs import DeletedAnswer, TagsAnswer, TagsBody
from dashboard.context import Context
from dashboard.keeping.deletion import delete_run
from dashboard.keeping.tags import TagStore


def blueprint(context: Context) -> APIBlueprint:
    """Return the routes of the changes."""
    routes = APIBlueprint("api_run_changes", __name__, abp_tags=[TAG])
    store = TagStore(context.paths, context.files)

    @routes.patch("/runs/<run_id>", responses=changing(TagsAnswer, 404, 422, 507), provide_automatic_options=False)
    def tag(path: RunPath, body: TagsBody) -> Response:
        """Replace the tags of a run, or change them from what they were. They lie beside the runs: no byte of a run changes."""
        run = context.index.open(path.run_id)
        return json_answer({"run_id": run.run_id, "tags": list(store.put(run.run_id, body.tags, body.was))})

    @routes.delete("/runs/<run_id>", responses=changing(DeletedAnswer, 404, 409, 422, 507), provide_automatic_options=False)
    def delete(path: RunPath) -> Response:
        """Delete a run with its results, exports, logs of trades and tags; refused while a process works on it."""
        delete_run(context.paths, context.index, store, path.run_id)
        return json_answer({"run_id": path.run_id, "deleted": True})

    return routes
