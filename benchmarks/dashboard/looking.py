"""One person looks at a run: how long each answer takes, and how many bytes it sends through the wire."""

import http.client
import random
import statistics
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.dashboard.serving import Served, served
from core.clock import monotonic_seconds
from tests.dashboard.large_run import LARGE_RUN, LARGE_SLUG, MINUTE_MS, Size
from tests.dashboard.sample_market import START_MS

PAGE = f"runs/{LARGE_RUN}/{LARGE_SLUG}"
API = f"api/v1/runs/{LARGE_RUN}/markets/{LARGE_SLUG}"
# What the search page asks for when it opens, and as one scrolls down.
SEARCH = ("charts/history", "trials?stage=7.2&sort=value&order=desc&size=100")
SEARCH_BELOW = tuple(f"charts/{name}?stage=7.2" for name in ("coordinates", "importance", "fidelity", "slices", "contour", "plateau"))


@dataclass(frozen=True)
class Answer:
    """One answer: seconds from the first byte sent to the last one received, and the bytes of its body as they were sent."""

    seconds: float
    size: int


def ask(server: Served, path: str) -> Answer:
    """Ask for ``path`` over a connection of its own; RuntimeError for anything but success."""
    started = monotonic_seconds()
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=120)
    try:
        connection.request("GET", f"/{path}", headers=server.headers)
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    if response.status != 200:
        raise RuntimeError(f"/{path} answered {response.status}: {body[:300]!r}")
    return Answer(monotonic_seconds() - started, len(body))


def opened(server: Served, page: str, parts: Sequence[str]) -> Answer:
    """Return what it takes to open a page: itself, then all its parts at once."""
    started = monotonic_seconds()
    first = ask(server, page)
    with ThreadPoolExecutor(max(1, len(parts))) as pool:
        answers = [first, *pool.map(lambda part: ask(server, f"{API}/{part}"), parts)]
    return Answer(monotonic_seconds() - started, max(answer.size for answer in answers))


def zooms(size: Size, count: int, seed: int = 5) -> list[str]:
    """Return ``count`` stretches of the candles to zoom into, from an hour to a year, drawn from ``seed``."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        bars = min(size.candles // 2, int(60 * 10 ** rng.uniform(0, 3.9)))
        first = rng.randrange(size.candles - bars)
        found.append(f"charts/candles?from={START_MS + first * MINUTE_MS}&to={START_MS + (first + bars) * MINUTE_MS}")
    return found


def report(data: Path, size: Size, repeats: int) -> list[str]:
    """Return the lines to print; every first look is at a fresh server, which has read nothing."""
    firsts: dict[str, list[Answer]] = {}
    zoomed: list[Answer] = []
    peak = 0
    for _ in range(repeats):
        for name, page, parts in (
            ("market page", PAGE + "/", ("charts/candles",)), ("equity page", PAGE + "/equity", ("charts/equity",)),
            ("search page", PAGE + "/search", SEARCH), ("search page, all of it", PAGE + "/search", (*SEARCH, *SEARCH_BELOW)),
        ):  # fmt: skip
            with served(data) as server:
                firsts.setdefault(name, []).append(opened(server, page, parts))
                if name == "market page":
                    zoomed += [ask(server, f"{API}/{part}") for part in zooms(size, 20)]
    with served(data) as server:
        for page, parts in (
            (PAGE + "/", ("charts/candles",)),
            (PAGE + "/equity", ("charts/equity",)),
            (PAGE + "/search", (*SEARCH, *SEARCH_BELOW)),
        ):
            opened(server, page, parts)
        peak = server.peak_bytes()
    lines = [_line(f"{name}, first look", answers) for name, answers in firsts.items()]
    return [*lines, _line("zoom into candles", zoomed), f"{'server after all pages':34s} {peak / 2**20:8.0f} MiB at its peak"]


def _line(name: str, answers: Sequence[Answer]) -> str:
    seconds = [answer.seconds for answer in answers]
    largest = max(answer.size for answer in answers)
    middle = statistics.median(seconds)
    return f"{name:34s} {middle:8.3f} s median, {max(seconds):.3f} s slowest of {len(seconds)}, largest answer {largest / 1000:,.0f} kB"
