"""What the hub of an installation watches."""

from core.paths import Paths
from dashboard.events.hub import EventHub
from dashboard.events.jobs_source import JobsSource
from dashboard.events.logs_source import LogsSource
from dashboard.events.runs_source import RunsSource
from dashboard.events.trials_source import TrialsSource
from dashboard.jobs.queue import JobQueue


def event_hub(paths: Paths, jobs: JobQueue) -> EventHub:
    """Return the hub of the installation under ``paths``; it watches nothing before somebody subscribes."""
    runs = RunsSource(paths)
    return EventHub((runs, TrialsSource(paths, runs), JobsSource(paths, jobs.tend), LogsSource(paths)))
