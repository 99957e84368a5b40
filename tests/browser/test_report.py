"""The report file opens in a browser from disk, without an error, and draws every one of its figures."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from reporting.publish import publish_report
from tests.reporting.runs import SLUG, put, write_run
from tests.reporting.test_surroundings import searched

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DRAWN = "() => [...document.querySelectorAll('[data-figure]')].every(place => place.querySelector('.main-svg'))"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_winners_heat_maps_are_drawn_and_fit(browser: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    run = write_run(tmp_path)
    put(run.checkpoints / "07_optimize" / SLUG / "optimization.json", searched())
    publish_report(run)
    troubles: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light")
    page.on("console", lambda message: troubles.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto((run.exports / "report.html").as_uri())
    page.wait_for_function(DRAWN)
    assert page.locator("[data-figure*='-map-'] .heatmaplayer image").count() == 3
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    page.close()
    assert not troubles
