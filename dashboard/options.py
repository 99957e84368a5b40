"""How the dashboard is served, beyond where its runs lie."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DashboardOptions:
    """Who may ask.

    ``hosts`` are the names that a request may address; ``cors_origins`` the foreign origins whose pages may read the API, none by default.
    """

    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    cors_origins: tuple[str, ...] = ()
