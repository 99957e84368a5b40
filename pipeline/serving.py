"""Serving the dashboard from a command: where it is, until Ctrl-C."""

import os
import signal
import sys
from dataclasses import dataclass

from dashboard.server import serve
from pipeline.app import App
from pipeline.interrupts import Terminated
from pipeline.screen import Screen


@dataclass(frozen=True, slots=True)
class Serving:
    """Whether to serve, from which port on, and whether to open a browser."""

    wanted: bool
    port: int
    open_browser: bool = False


def serve_results(app: App, screen: Screen, serving: Serving, run_id: str | None = None) -> None:
    """Serve the dashboard until Ctrl-C, which is the ordinary end; SIGTERM ends the program as terminated."""

    def ready(address: str) -> None:
        screen.good(f"Dashboard: {address}{f'runs/{run_id}/' if run_id else ''}")
        screen.line("Ctrl-C ends it.")

    app.interrupts.farewell = lambda: "Dashboard stopped."
    try:
        serve(app.paths, serving.port, serving.open_browser and _has_browser(), ready)
    except Terminated:
        raise
    except KeyboardInterrupt:
        pass
    if app.interrupts.received == signal.SIGTERM:
        raise Terminated
    screen.line("Dashboard stopped.")


def _has_browser() -> bool:
    """Tell whether a graphical browser can be expected; without one, a text browser would take over the terminal."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
