"""A process may die at any write, sync, rename or removal: the series is then as before or as after, and the next update works."""

from pathlib import Path

import pytest

from market_data.store import CandleStore
from tests.core.processes import run_long
from tests.market_data.store.stores import MARKET, files_of, history, store_in

# Every point is tried in a process of its own that is forked from one with everything loaded; the n-th dies at the n-th point.
PROGRAM = """
import os, signal, sys
from pathlib import Path

from core import atomic_files
from market_data.store import layout
from tests.market_data.store.stores import MARKET, history, hours, store_in

layout.PART_BARS, layout.TAIL_BARS = 64, 16
os.fsync = lambda handle: None
candles, whole_write = history(150), atomic_files._write_all
passed, last = 0, -1

def point():
    global passed
    if passed == last:
        os.kill(os.getpid(), signal.SIGKILL)
    passed += 1

def written_half(path, content):
    point()
    path.write_bytes(content[: len(content) // 2])
    point()
    whole_write(path, content)
    point()

def guarded(action):
    def act(*args, **options):
        result = action(*args, **options)
        point()
        return result
    return act

def update(store):
    store.merge(MARKET, candles[70:], source="archive", origin="archive a.zip sha256:00", covered=hours(-9, 150))

def damage(store):
    update(store)
    sorted(store.folder(MARKET).glob("*.parquet"))[1].write_bytes(b"")

BEFORE = {"update": lambda store: None, "repair": damage, "clear": update}
ACTIONS = {"update": update, "repair": lambda store: store.repair(MARKET), "clear": lambda store: store.clear(MARKET)}

def die_at(number, action):
    global last
    store = store_in(Path(sys.argv[1]) / action / str(number))
    store.merge(MARKET, candles[:70], source="archive")
    BEFORE[action](store)
    atomic_files._write_all = written_half
    os.fsync = guarded(os.fsync)
    for name in ("replace", "unlink", "mkdir", "rename", "rmdir"):
        setattr(Path, name, guarded(getattr(Path, name)))
    last = number
    ACTIONS[action](store)

def die_everywhere(action, step):
    number = 0
    while True:
        child = os.fork()
        if not child:
            try:
                die_at(number, action)
                os._exit(0)
            finally:
                os._exit(1)
        status = os.waitpid(child, 0)[1]
        assert status in (0, signal.SIGKILL), status
        print(action, number if status else "end", flush=True)
        if not status:
            return
        number += step

for action in ACTIONS:
    die_everywhere(action, int(sys.argv[2]))
"""
pytestmark = pytest.mark.usefixtures("small", "unsynced")


def survivors(folder: Path, step: int) -> dict[str, list[CandleStore]]:
    """Return the stores whose processes died, by action, after checking that the last process of each got to its end."""
    lines = [line.split() for line in run_long(PROGRAM, folder, str(step)).splitlines()]
    assert [action for action, number in lines if number == "end"] == ["update", "repair", "clear"]
    points: dict[str, list[CandleStore]] = {action: [] for action, _ in lines}
    for action, number in lines:
        if number != "end":
            points[action].append(store_in(folder / action / number))
    return points


def expected(folder: Path) -> dict[str, bytes]:
    store = store_in(folder / "expected")
    finish(store)
    return files_of(store)


def finish(store: CandleStore) -> None:
    """Bring the series to its end in the ordinary way, whatever is there."""
    candles, zero = history(150), int(history(1).open_ms[0])
    store.merge(
        MARKET, candles, source="archive", origin="archive a.zip sha256:00", covered=(zero - 9 * MARKET.timeframe.ms, candles.end_ms)
    )


def check_update(stores: list[CandleStore], wanted: dict[str, bytes]) -> None:
    candles = history(150)
    for store in stores:
        assert store.verify(MARKET) == ()
        found = store.read(MARKET)
        assert found is not None
        assert found.digest in {candles[:70].digest, candles.digest}
        assert found.digest != candles.digest or store.origins(MARKET), "bars are never without the record of their file"
        finish(store)
        assert files_of(store) == wanted, "leftovers are gone after the next update"


def check_repair(stores: list[CandleStore], wanted: dict[str, bytes]) -> None:
    for store in stores:
        store.repair(MARKET)
        assert store.verify(MARKET) == ()
        finish(store)
        assert files_of(store) == wanted


def check_clear(stores: list[CandleStore]) -> None:
    for store in stores:
        assert store.verify(MARKET) == ()
        found = store.read(MARKET)
        assert found is None or found.digest == history(150).digest
        store.clear(MARKET)
        assert not store.folder(MARKET).exists()


def check_points(folder: Path, step: int) -> int:
    """Try every ``step``-th point of every action and return how many there were."""
    points, wanted = survivors(folder, step), expected(folder)
    check_update(points["update"], wanted)
    check_repair(points["repair"], wanted)
    check_clear(points["clear"])
    return sum(map(len, points.values()))


def test_a_process_that_dies_at_a_point_leaves_the_old_or_the_new_series(tmp_path: Path) -> None:
    assert check_points(tmp_path, 11) >= 7


@pytest.mark.slow
def test_no_point_is_left_out(tmp_path: Path) -> None:
    assert check_points(tmp_path, 1) >= 70
