"""What every page and every resource of the API is made of."""

from dataclasses import dataclass

from core.paths import Paths
from dashboard.assets import PlotlyScript
from dashboard.events.hub import EventHub
from dashboard.events.sources import event_hub
from dashboard.jobs.command import start_supervisor
from dashboard.jobs.queue import JobQueue, Limits
from dashboard.options import DashboardOptions
from dashboard.reading.files import FileReader
from dashboard.reading.runs import RunIndex
from dashboard.security import Access


@dataclass(frozen=True, slots=True)
class Context:
    """The installation served: its folders, the readers of its runs, Plotly's script, the options of the server, who may ask, the jobs,
    and what tells pages of changes."""

    paths: Paths
    options: DashboardOptions
    files: FileReader
    index: RunIndex
    plotly: PlotlyScript
    access: Access
    jobs: JobQueue
    hub: EventHub

    @classmethod
    def of(cls, paths: Paths, options: DashboardOptions) -> "Context":
        """Return the context of the installation under ``paths``. Raises ConfigError when the installed Plotly has no script."""
        files = FileReader(paths.data)
        limits = Limits(options.jobs_waiting, options.jobs_running)
        jobs = JobQueue(paths, limits, lambda slot: start_supervisor(paths, slot))
        return cls(
            paths, options, files, RunIndex(paths, files), PlotlyScript.installed(), Access(paths, options), jobs, event_hub(paths, jobs)
        )
