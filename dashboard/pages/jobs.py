"""Jobs: what waits, what is at work, what is done; and one of them with its output."""

from typing import Any

from flask import Blueprint, render_template

from dashboard.context import Context
from dashboard.jobs.output import read_piece
from dashboard.jobs.states import Job
from dashboard.jobs.view import command_text, job_row
from dashboard.reading.masking import PathCutter

_SHOWN = 200


def blueprint(context: Context) -> Blueprint:
    """Return the routes of the pages, and what the pages of runs need to know of jobs."""
    routes = Blueprint("jobs", __name__)
    cut = PathCutter(context.paths)

    def row(job: Job) -> dict[str, Any]:
        found = job_row(job)
        return found | {"message": cut(found["message"]), "label": cut(found["label"])}

    @routes.get("/jobs", provide_automatic_options=False)
    def page() -> str:
        jobs = context.jobs.jobs()
        return render_template("jobs.html", jobs=[row(job) for job in jobs[:_SHOWN]], total=len(jobs))

    @routes.get("/jobs/<job_id>", provide_automatic_options=False)
    def one(job_id: str) -> str:
        job = context.jobs.job(job_id)
        piece = read_piece(job, 0)
        return render_template("job.html", job=row(job), command=cut(command_text(job)), output=cut(piece.text), next=piece.next)

    @routes.app_context_processor
    def of_runs() -> dict[str, Any]:
        return {"job_of_run": context.jobs.job_of_run}

    return routes
