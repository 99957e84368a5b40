"""Fifty connections ask ten requests a second in all, whatever the answers take, while a search writes: latencies, and the search's loss.

Requests are sent when their time has come, not when the last one was answered (an open loop), and timed from that moment: a server that
stalls is seen to stall. The search runs all the time; stretches with and without requests take turns, so that whatever else the machine
does falls on both.
"""

import asyncio
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import aiohttp

from benchmarks.dashboard.looking import API, PAGE, zooms
from benchmarks.dashboard.searching import LIVE_RUN, Searching, searching
from benchmarks.dashboard.serving import Served, served
from core.clock import monotonic_seconds
from tests.dashboard.large_run import Size
from tests.dashboard.sample_run import SLUG

CONNECTIONS = 50
PER_SECOND = 10
_LIVE = f"api/v1/runs/{LIVE_RUN}"
_PATIENCE_S = 60


@dataclass
class Load:
    """What came of the requests: seconds of each from the moment it was due, and statuses other than success."""

    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    def centile(self, share: float) -> float:
        """Return the latency that so large a share of the requests keeps."""
        ranked = sorted(self.seconds)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def paths(size: Size) -> list[str]:
    """Return what fifty people look at: lists and pages, charts of the large run, and the search that is at work."""
    large = ["charts/equity", "charts/history", "charts/contour?stage=7.1", "trades?size=50", "trials?stage=7.2&size=50", *zooms(size, 8)]
    live = [f"markets/{SLUG}/charts/history", f"markets/{SLUG}/trials?stage=7.2&size=50", "progress"]
    return [
        "",
        "api/v1/runs",
        f"{PAGE}/",
        f"{PAGE}/search",
        *(f"{API}/{part}" for part in large),
        *(f"{_LIVE}/{part}" for part in live * 2),
    ]


async def send(server: Served, wanted: Sequence[str], seconds: float, load: Load) -> None:
    """Ask for ``wanted`` in turn, ``PER_SECOND`` times a second for so many ``seconds``, over ``CONNECTIONS`` connections in turn."""
    patience = aiohttp.ClientTimeout(total=_PATIENCE_S)
    sessions = [
        aiohttp.ClientSession(
            server.address, connector=aiohttp.TCPConnector(limit=1), headers=server.headers, timeout=patience, auto_decompress=False
        )
        for _ in range(CONNECTIONS)
    ]
    started = monotonic_seconds()
    tasks = []
    for number, (session, path) in enumerate(zip(cycle(sessions), cycle(wanted), strict=False)):
        due = started + number / PER_SECOND
        if due >= started + seconds:
            break
        await asyncio.sleep(max(0.0, due - monotonic_seconds()))
        tasks.append(asyncio.create_task(_one(session, path, due, load)))
    await asyncio.gather(*tasks)
    for session in sessions:
        await session.close()


async def _one(session: aiohttp.ClientSession, path: str, due: float, load: Load) -> None:
    try:
        async with session.get(f"/{path}") as response:
            await response.read()
            if response.status != 200:
                load.failures[f"{response.status} {path.partition('?')[0]}"] += 1
    except (aiohttp.ClientError, TimeoutError) as error:
        load.failures[f"{type(error).__name__} {path.partition('?')[0]}"] += 1
    load.seconds.append(monotonic_seconds() - due)


async def measure(server: Served, search: Searching, wanted: Sequence[str], seconds: float, pairs: int) -> tuple[Load, list[float]]:
    """Return the load's latencies and, for each pair of stretches, how many times the trials without requests those with them are."""
    load, kept = Load(), []
    while not search.trials():
        await asyncio.sleep(0.2)
    await send(server, wanted, min(10.0, seconds), Load())  # everything is read once
    for pair in range(pairs):
        rates = {}
        for busy in (True, False) if pair % 2 else (False, True):
            before, started = search.trials(), monotonic_seconds()
            await (send(server, wanted, seconds, load) if busy else asyncio.sleep(seconds))
            rates[busy] = (search.trials() - before) / (monotonic_seconds() - started)
        kept.append(rates[True] / rates[False])
    return load, kept


def report(data: Path, size: Size, seconds: float, pairs: int) -> list[str]:
    """Return the lines to print."""
    with searching(data) as search, served(data) as server:
        load, kept = asyncio.run(measure(server, search, paths(size), seconds, pairs))
        peak, trials = server.peak_bytes(), search.trials()
    slower = [100 * (1 - share) for share in kept]
    failed, asked = sum(load.failures.values()), len(load.seconds)
    median, p95, p99, worst = (1000 * load.centile(share) for share in (0.5, 0.95, 0.99, 1.0))
    each = ", ".join(f"{percent:.1f}" for percent in slower)
    lines = [
        f"{CONNECTIONS} connections, {PER_SECOND} requests a second in all, {asked:,} requests while a search wrote {trials:,} trials:",
        f"  latency {median:,.0f} ms median, {p95:,.0f} ms p95, {p99:,.0f} ms p99, {worst:,.0f} ms slowest; {failed} failed",
        f"  search {statistics.median(slower):.1f} % slower (median of {pairs} pairs of {seconds:g} s: {each})",
        f"  server {peak / 2**20:.0f} MiB at its peak",
    ]
    return [*lines, *(f"  {count} times {what}" for what, count in load.failures.most_common())]
