"""The reference of the API: from its contents to an operation, its answers and its example."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Screen

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_contents_lead_to_an_operation_with_its_answers_and_example(screen: Screen) -> None:
    page = screen.open("reference")
    assert page.locator("h1").count() == 1
    page.locator("nav[aria-label=Operations] a", has_text="/runs/{run_id}/report").click()
    operation = page.locator("article#get-runs-run_id-report")
    expect(operation).to_be_visible()
    operation.locator("summary", has_text="Answers").click()
    operation.locator("summary", has_text="Example").click()
    expect(operation.locator("pre")).to_contain_text(screen.page.url.split("#")[0].removesuffix("/reference"))
    operation.locator("a", has_text="Report").first.click()
    expect(page.locator("article#schema-Report")).to_be_visible()
    screen.assert_sound()
