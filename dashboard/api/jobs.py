"""Jobs: asking for them, watching them, stopping them."""

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from core.errors import ConfigError, RunNotFoundError
from dashboard.api.answers import changing, json_answer, reading
from dashboard.api.errors import NotReadyError
from dashboard.api.paging import FieldError, page_of
from dashboard.api.runs import run_item
from dashboard.api.schemas.jobs import JobBody, JobDetail, JobItem, JobPath, JobResult, JobsPage, JobsQuery, LogAnswer, LogQuery
from dashboard.context import Context
from dashboard.jobs.orders import Fetch, fetch_order, resume_order, settings_order
from dashboard.jobs.output import read_piece
from dashboard.jobs.queue import Order
from dashboard.jobs.states import JobKind
from dashboard.jobs.view import command_text, job_row
from dashboard.keeping.tags import TagStore
from dashboard.reading.masking import PathCutter
from dashboard.views.form_fields import known_paths

TAG = Tag(name="Jobs", description="Work in processes of their own, which outlive the page and the server.")


def blueprint(context: Context) -> APIBlueprint:
    """Return the routes of the jobs."""
    routes = APIBlueprint("api_jobs", __name__, abp_tags=[TAG])
    cut = PathCutter(context.paths)

    @routes.get("/jobs", responses=reading(JobsPage), provide_automatic_options=False)
    def jobs(query: JobsQuery) -> Response:
        """Jobs, the newest first."""
        rows = [_row(job_row(job), cut) for job in context.jobs.jobs()]
        fitting = [row for row in rows if query.state in (None, row["state"]) and query.kind in (None, row["kind"])]
        return json_answer(page_of(fitting, query))

    @routes.post("/jobs", responses=changing(JobItem, 404, 422, 503, 507, status=201), provide_automatic_options=False)
    def submit(body: JobBody) -> Response:
        """Put a job in line; it begins as soon as none before it is at work."""
        return json_answer(_row(job_row(context.jobs.submit(_order(context, body))), cut), 201)

    @routes.get("/jobs/<job_id>", responses=reading(JobDetail, 404, 422), provide_automatic_options=False)
    def job(path: JobPath) -> Response:
        """One job, with the command that it runs."""
        found = context.jobs.job(path.job_id)
        return json_answer(_row(job_row(found), cut) | {"command": cut(command_text(found))})

    @routes.post("/jobs/<job_id>/cancel", responses=changing(JobItem, 404, 422, 507), provide_automatic_options=False)
    def cancel(path: JobPath) -> Response:
        """Take a job out of the line, or stop it: what it finished is saved. One that is over stays as it is."""
        return json_answer(_row(job_row(context.jobs.cancel(path.job_id)), cut))

    @routes.get("/jobs/<job_id>/result", responses=reading(JobResult, 404, 422), provide_automatic_options=False)
    def result(path: JobPath) -> Response:
        """What a job left, once it is over."""
        row = _row(job_row(context.jobs.job(path.job_id)), cut)
        if row["state"] in ("queued", "running"):
            raise NotReadyError(f"the job is {row['state']}: ask again when it is over.")
        return json_answer({"job": row, "run": _run(context, row["run"])})

    @routes.get("/jobs/<job_id>/log", responses=reading(LogAnswer, 404, 422), provide_automatic_options=False)
    def log(path: JobPath, query: LogQuery) -> Response:
        """What the command wrote, a piece at a time."""
        piece = read_piece(context.jobs.job(path.job_id), query.start)
        return json_answer({"text": cut(piece.text), "next": piece.next, "size": piece.size})

    return routes


def _row(row: dict[str, Any], cut: PathCutter) -> dict[str, Any]:
    return row | {"message": cut(row["message"]), "label": cut(row["label"])}


def _run(context: Context, run_id: str | None) -> dict[str, Any] | None:
    """Return the run at a glance; None where the job has none, or it was removed since."""
    if run_id is None:
        return None
    try:
        row = context.index.summary(context.index.open(run_id).run_id)
        return run_item(row, TagStore(context.paths, context.files).readable()[0].get(row.run_id, ()))
    except RunNotFoundError:
        return None


def _order(context: Context, body: JobBody) -> Order:
    """Return the order of a request. Raises FormError, FieldError and RunNotFoundError."""
    kind = JobKind(body.kind)
    needed = {JobKind.RESUME: "run", JobKind.FETCH: "fetch"}.get(kind, "settings")
    for name in ("settings", "run", "fetch"):
        if (getattr(body, name) is None) == (name == needed):
            raise FieldError(name, f"{name} is {'needed' if name == needed else 'not used'} by a job of kind {kind}.")
    if body.run is not None:
        try:
            order = resume_order(context.paths, body.run)
            if (other := context.jobs.job_of_run(body.run)) is not None:
                raise FieldError("run", f"run {body.run} is in the hands of job {other.id} already, which is {other.status.state}.")
            return order
        except (RunNotFoundError, FieldError):
            raise
        except ConfigError as error:
            raise FieldError("run", str(error)) from None
    if body.fetch is not None:
        fetch = body.fetch
        return fetch_order(context.paths, Fetch(fetch.exchange.upper(), tuple(fetch.symbols), fetch.timeframe, fetch.start, fetch.end))
    settings = body.settings or {}
    return settings_order(context.paths, kind, settings, lambda: known_paths(settings))
