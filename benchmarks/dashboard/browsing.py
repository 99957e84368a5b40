"""A browser looks at a run: how long until a page's first chart is to be seen, and until Plotly has drawn it in full."""

import statistics
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.dashboard.looking import PAGE
from benchmarks.dashboard.serving import served

VIEWS = {"market page": (f"{PAGE}/", "candles"), "equity page": (f"{PAGE}/equity", "equity"), "search page": (f"{PAGE}/search", "history")}
# The page's own clock, which starts when it is asked for, at the frame after a chart has come to a state: by then it is on the screen.
_STOPWATCH = """
window.reached = {};
new MutationObserver((changes) => {
  for (const { target } of changes) {
    const name = `${target.dataset.chart} ${target.dataset.state}`;
    window.requestAnimationFrame(() => window.setTimeout(() => { window.reached[name] ??= performance.now(); }, 0));
  }
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-state"] });
"""
_ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu"]


def report(data: Path, chromium: str, repeats: int) -> list[str]:
    """Return the lines to print; each time is from a fresh server to the first chart on the screen of a fresh browser profile.

    ``seen``: its candles, lines or points stand there; ``drawn``: Plotly has been read and has drawn it, with axes, texts and zoom.
    """
    lines = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        for name, (page, chart) in VIEWS.items():
            looks = [_first_chart(data, browser, page, chart) for _ in range(repeats)]
            for what, seconds in zip(("seen", "drawn"), zip(*looks, strict=True), strict=True):
                words = f"{name}, {what} in a browser"
                lines.append(f"{words:34s} {statistics.median(seconds):8.3f} s median, {max(seconds):.3f} s slowest of {repeats}")
        browser.close()
    return lines


def _first_chart(data: Path, browser: Browser, page: str, chart: str) -> tuple[float, float]:
    with served(data) as server:
        profile = browser.new_context(viewport={"width": 1280, "height": 900})
        screen = profile.new_page()
        screen.add_init_script(_STOPWATCH)
        screen.goto(server.sign_in)
        screen.wait_for_url(server.address)
        screen.goto(f"{server.address}{page}")
        screen.wait_for_function(f"() => '{chart} drawn' in window.reached", timeout=120_000)
        reached: dict[str, float] = screen.evaluate("window.reached")
        profile.close()
        drawn = reached[f"{chart} drawn"]
        return reached.get(f"{chart} sketched", drawn) / 1000, drawn / 1000
