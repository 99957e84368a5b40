"""What axe finds wrong with a page for those who do not see it, or do not see it well."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

GRAVE = ("serious", "critical")
# Everything for the page as it stands; only the contrast of its colours for the other theme.
_RUN = """rules => axe.run(document, {
    resultTypes: ["violations"], elementRef: false,
    ...(rules.length ? { runOnly: { type: "rule", values: rules } } : {}),
}).then(found => found.violations.map(each => ({
    id: each.id, impact: each.impact, help: each.help, nodes: each.nodes.map(node => `${node.target.join(" ")}: ${node.failureSummary}`),
})))"""


@cache
def _axe() -> str:
    """Return the script of axe as a function's text: it is set up from outside, which the content policy of the page has no say in."""
    found = find_spec("axe_playwright_python")
    folders = found.submodule_search_locations if found else None
    assert folders, "axe-playwright-python is in requirements-dev.txt: make .venv/.tests"
    source = (Path(folders[0]) / "axe.min.js").read_text(encoding="utf-8")
    return f"() => {{ {source}\n }}"


def grave_findings(page: Page, rules: tuple[str, ...] = ()) -> list[str]:
    """Return what is serious or critical, one text a place; ``rules`` are those to check, all of axe's where there are none."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(_axe())
    violations: list[dict[str, Any]] = page.evaluate(_RUN, list(rules))
    return [f"{each['id']} ({each['impact']}): {node}" for each in violations if each["impact"] in GRAVE for node in each["nodes"]]


def assert_accessible(page: Page) -> None:
    """Assert that nothing on the page is serious or critical, and that its colours stand apart in light and in dark."""
    found = grave_findings(page)
    page.click("#theme")
    other = grave_findings(page, ("color-contrast",))
    page.click("#theme")
    assert not found, "\n".join(found)
    assert not other, "in the other theme:\n" + "\n".join(other)


def assert_scrollable(page: Page) -> None:
    """Assert that the keys reach whatever scrolls, which a narrow window has more of."""
    found = grave_findings(page, ("scrollable-region-focusable", "aria-hidden-focus"))
    assert not found, "\n".join(found)
