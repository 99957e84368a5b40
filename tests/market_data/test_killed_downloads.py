"""A download that is killed leaves a sound store, and the next one makes it what an undisturbed download makes."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.candles import Candles
from core.market import Market
from core.paths import Paths
from market_data.store import CandleStore
from tests.conftest import ROOT
from tests.exchanges.test_archive_download import LISTED, NOW, ROWS, files_of, published
from tests.fakes.archive import FakeArchive
from tests.fakes.binance import FakeBinance
from tests.fakes.server import Reply, Request
from tests.market_data.killed_download import MINUTE, SYMBOL
from tests.patience import PROGRAM_SECONDS

MARKET = Market("BINANCE", SYMBOL, MINUTE)


class Counted(FakeBinance):
    """Calls ``at_request`` before it answers."""

    at_request: Callable[[], None] = staticmethod(lambda: None)

    def handle(self, request: Request) -> Reply:
        self.at_request()
        return super().handle(request)


class CountedArchive(FakeArchive):
    at_request: Callable[[], None] = staticmethod(lambda: None)

    def handle(self, request: Request) -> Reply:
        self.at_request()
        return super().handle(request)


class Place:
    """A venue and its archive, and folders to download into."""

    def __init__(self, venue: Counted, archive: CountedArchive, folder: Path) -> None:
        self.venue, self.archive, self.folder = venue, archive, folder
        self.finish("whole")
        self.requests = len(venue.requests) + len(archive.requests)

    def start(self, name: str) -> subprocess.Popen[bytes]:
        data = self.folder / name
        environment = os.environ | {
            "BINANCE_BASE_URL": self.venue.url,
            "BINANCE_ARCHIVE_URL": self.archive.url,
            "PIPELINE_DATA_DIR": str(data),
            "PIPELINE_LOGS_DIR": str(data / "logs"),
        }
        command = [sys.executable, "-m", "tests.market_data.killed_download", str(LISTED), str(NOW)]
        return subprocess.Popen(command, cwd=ROOT, env=environment)

    def finish(self, name: str) -> None:
        with self.start(name) as process:
            assert process.wait(PROGRAM_SECONDS) == 0

    def store(self, name: str) -> CandleStore:
        return CandleStore(replace(Paths.default(), data=self.folder / name))

    def content(self, name: str) -> dict[str, bytes]:
        """Return the manifest and the candles; not the record of where bars came from, since what is left over may come by REST."""
        folder = self.store(name).folder(MARKET)
        return {path.name: path.read_bytes() for path in (folder / "manifest.json", *sorted(folder.glob("*.parquet")))}

    def kill_at(self, name: str, request: int, delay_s: float) -> None:
        """Start a download and kill it so long after so many requests, unless it is done by then."""
        left, due = [request], threading.Event()

        def count() -> None:
            left[0] -= 1
            if left[0] <= 0:
                due.set()

        self.venue.at_request = self.archive.at_request = count
        try:
            with self.start(name) as process:
                while not due.wait(0.02) and process.poll() is None:
                    pass
                try:
                    process.wait(delay_s)
                except subprocess.TimeoutExpired:
                    process.kill()
        finally:
            self.venue.at_request = self.archive.at_request = lambda: None


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    files = published(files_of(ROWS))
    with Counted({(SYMBOL, "1m"): ROWS}, now_ms=lambda: NOW) as venue, CountedArchive(files) as archive:
        yield Place(venue, archive, tmp_path_factory.mktemp("killed"))


def kill_and_compare(place: Place, seed: int) -> None:
    rng, name = random.Random(seed), f"killed-{seed}"
    for _ in range(rng.choice((1, 1, 2))):
        place.kill_at(name, rng.randrange(1, place.requests + 1), rng.uniform(0.0, 0.15))
        assert place.store(name).verify(MARKET) == ()
    kept = place.store(name).read(MARKET)
    truth = place.store("whole").read(MARKET)
    assert kept is None or is_part_of(kept, truth)
    place.finish(name)
    assert place.store(name).verify(MARKET) == ()
    assert place.content(name) == place.content("whole")


def is_part_of(kept: Candles, truth: Candles | None) -> bool:
    assert truth is not None
    whole = dict(zip(truth.open_ms.tolist(), truth.close.tolist(), strict=True))
    return all(whole[open_ms] == close for open_ms, close in zip(kept.open_ms.tolist(), kept.close.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_killed_download_is_continued_to_the_same_bytes(place: Place, seed: int) -> None:
    kill_and_compare(place, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 150))
def test_fifty_killed_downloads_are_continued_to_the_same_bytes(place: Place, seed: int) -> None:
    kill_and_compare(place, seed)
