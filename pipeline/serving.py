"""Serving the dashboard from a command: where it is, until Ctrl-C."""

import os
import signal
import sys
from dataclasses import dataclass, field, replace

from config.secrets import DASHBOARD_TOKEN, read_secrets
from dashboard.options import DashboardOptions
from dashboard.server import serve
from pipeline.app import App
from pipeline.interrupts import Terminated
from pipeline.screen import Screen


@dataclass(frozen=True, slots=True)
class Serving:
    """Whether to serve, how, and whether to open a browser."""

    wanted: bool
    options: DashboardOptions = field(default_factory=DashboardOptions)
    open_browser: bool = False

    @classmethod
    def on_port(cls, wanted: bool, port: int) -> "Serving":
        """Return what the commands want that go through the stages first: this machine only. Raises ConfigError."""
        return cls(wanted, DashboardOptions(port=port))


def serve_results(app: App, screen: Screen, serving: Serving, run_id: str | None = None) -> None:
    """Serve the dashboard until Ctrl-C, which is the ordinary end; SIGTERM ends the program as terminated.

    Raises ConfigError for a DASHBOARD_TOKEN that is no good one, and when no port is free.
    """
    options = replace(serving.options, script_token=read_secrets(app.paths.config).get(DASHBOARD_TOKEN) or "")
    _say_what_is_open(screen, options)
    shown: list[str] = []

    def show(address: str) -> None:
        screen.good("A browser has signed in. For another one:" if shown else "Dashboard, for one browser, once. Ctrl-C ends it.")
        screen.line(address)
        shown.append("the first")

    app.interrupts.farewell = lambda: "Dashboard stopped."
    app.interrupts.ctrl_c_is_the_end = True
    wanted = serving.open_browser and _has_browser()
    try:
        serve(app.paths, options, page=f"/runs/{run_id}/" if run_id else "/", open_browser=wanted, on_address=show)
    except Terminated:
        raise
    except KeyboardInterrupt:
        pass
    if app.interrupts.received == signal.SIGTERM:
        raise Terminated
    screen.line("Dashboard stopped.")


def _say_what_is_open(screen: Screen, options: DashboardOptions) -> None:
    if options.unsafe_bind:
        screen.warning(
            f"the dashboard listens at {options.host}: whoever can reach this machine can reach it, and can read what goes over the "
            "network, cookies and tokens too, for nothing is encrypted."
        )
    for origin in options.cors_origins:
        screen.warning(f"pages of {origin} may use the API with DASHBOARD_TOKEN.")


def _has_browser() -> bool:
    """Tell whether a graphical browser can be expected; without one, a text browser would take over the terminal."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
