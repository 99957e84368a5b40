"""How the dashboard is served, beyond where its runs lie."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DashboardOptions:
    """Who may ask.

    ``hosts`` are the names that a request may address; ``cors_origins`` the foreign origins whose pages may read the API, none by default.
    At most ``jobs_waiting`` jobs stand in line and ``jobs_running`` run at once; with 0 of these none is ever started.
    """

    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    cors_origins: tuple[str, ...] = ()
    jobs_waiting: int = 20
    jobs_running: int = 1
