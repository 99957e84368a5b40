"""A browser looks at a run: how long until a page's first chart is drawn, fetching, Plotly and painting included."""

import statistics
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.dashboard.looking import PAGE
from benchmarks.dashboard.serving import served
from core.clock import monotonic_seconds

VIEWS = {"market page": (f"{PAGE}/", "candles"), "equity page": (f"{PAGE}/equity", "equity"), "search page": (f"{PAGE}/search", "history")}
_ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu"]


def report(data: Path, chromium: str, repeats: int) -> list[str]:
    """Return the lines to print; each time is from a fresh server to the first chart on the screen of a fresh browser profile."""
    lines = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        for name, (page, chart) in VIEWS.items():
            seconds = [_first_chart(data, browser, page, chart) for _ in range(repeats)]
            lines.append(
                f"{name + ', drawn in a browser':34s} {statistics.median(seconds):8.3f} s median, {max(seconds):.3f} s slowest of {repeats}"
            )
        browser.close()
    return lines


def _first_chart(data: Path, browser: Browser, page: str, chart: str) -> float:
    with served(data) as server:
        profile = browser.new_context(viewport={"width": 1280, "height": 900})
        screen = profile.new_page()
        screen.goto(server.sign_in)
        screen.wait_for_url(server.address)
        started = monotonic_seconds()
        screen.goto(f"{server.address}{page}")
        screen.wait_for_selector(f"[data-chart='{chart}'][data-state='drawn']", timeout=120_000)
        took = monotonic_seconds() - started
        profile.close()
        return took
