"""H4 without a browser: a hundred texts that would run as code stand in every place a page shows, and none becomes markup."""

from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from core.paths import Paths
from dashboard.app import create_app
from tests.dashboard.clients import signed_in
from tests.dashboard.payloads import PAYLOADS, Planted, plant
from tests.dashboard.routes import addresses

LINKS = frozenset({"href", "src", "action", "formaction", "data", "srcset", "poster", "content"})
NEVER = frozenset({"iframe", "object", "embed", "base", "style", "applet", "frame", "math", "marquee"})


# These stand nowhere as they are: what a page shows of them has its signs as entities.
MARKUP = tuple(text for text in PAYLOADS if "<" in text or "&" in text)


class Markup(HTMLParser):
    """Collects what the texts would have added to a page."""

    def __init__(self) -> None:
        super().__init__()
        self.planted: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._script = tag == "script"
        names = {name for name, _ in attrs}
        if tag in NEVER or names & {"data-planted", "srcdoc", "style"} or any(name.startswith("on") for name in names):
            self.planted.append(self.get_starttag_text() or tag)
        if tag == "script" and "src" not in names:
            self.planted.append("script without a file")
        for name, value in attrs:
            target = "".join((value or "").split()).lower()
            if name in LINKS and target.startswith(("javascript:", "data:text")):
                self.planted.append(f"{name}={value}")
            if tag == "meta" and "url=javascript:" in target:
                self.planted.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        if self._script and "hit(" in data:
            self.planted.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._script = False


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[FlaskClient, Planted]:
    paths = Paths.under(tmp_path_factory.mktemp("planted"))
    found = plant(paths)
    return signed_in(create_app(paths)), found


def test_there_are_a_hundred_different_texts() -> None:
    assert len(set(PAYLOADS)) == 100


def test_no_text_becomes_markup_on_any_page(planted: tuple[FlaskClient, Planted]) -> None:
    client, _ = planted
    missing = {f"hit({number})" for number in range(len(PAYLOADS))}
    pages = 0
    for address in [*questions(client), *map_texts("/runs/{}/"), *map_texts("/{}"), *map_texts("/runs/x/{}/")]:
        with closing(client.get(address)) as answer:
            assert answer.status_code < 500, address
            if answer.mimetype == "text/html":
                pages += 1
                markup = Markup()
                markup.feed(answer.text)
                markup.close()
                assert not markup.planted, address
                page = answer.text
                assert not [text for text in MARKUP if text in page], address
                missing -= {call for call in missing if call in page}
            else:
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert pages > 300
    assert len(missing) <= 1  # one of them has no call, only braces


def questions(client: FlaskClient) -> Iterator[str]:
    """Yield every address, and those that take a text with each of a few."""
    yield from addresses(client.application)
    for address in ("/", "/logs", "/compare", "/new", "/api/v1/runs", "/api/v1/logs", "/sign-in"):
        for name, text in zip(("q", "search", "run", "sort", "tag", "text", "token", "next"), PAYLOADS[::12], strict=False):
            yield f"{address}?{name}={text.replace('#', '%23').replace('&', '%26')}"


def map_texts(address: str) -> list[str]:
    return [address.format(text.replace("/", "%2f").replace("?", "%3f").replace("#", "%23")) for text in PAYLOADS]


def test_names_of_files_stay_names(planted: tuple[FlaskClient, Planted]) -> None:
    client, found = planted
    for name in found.files[::10]:
        with closing(
            client.get(f"/downloads/{found.run.run_id}/{name.replace('%', '%25').replace('#', '%23').replace('?', '%3f')}")
        ) as answer:
            assert answer.status_code in (200, 404)
            assert answer.mimetype != "text/html" or answer.status_code == 404
            if answer.status_code == 200:
                assert answer.headers["Content-Disposition"].startswith("attachment")
