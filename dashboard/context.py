"""What every page and every resource of the API is made of."""

from dataclasses import dataclass

from core.paths import Paths
from dashboard.assets import PlotlyScript
from dashboard.options import DashboardOptions
from dashboard.reading.files import FileReader
from dashboard.reading.runs import RunIndex


@dataclass(frozen=True, slots=True)
class Context:
    """The installation served: its folders, the readers of its runs, Plotly's script, and the options of the server."""

    paths: Paths
    options: DashboardOptions
    files: FileReader
    index: RunIndex
    plotly: PlotlyScript

    @classmethod
    def of(cls, paths: Paths, options: DashboardOptions) -> "Context":
        """Return the context of the installation under ``paths``. Raises ConfigError when the installed Plotly has no script."""
        files = FileReader(paths.data)
        return cls(paths, options, files, RunIndex(paths, files), PlotlyScript.installed())
