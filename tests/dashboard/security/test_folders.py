"""H6: folders of any content stand among the runs; the others are listed and opened, nothing breaks, and memory stays small."""

import os
import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from flask.testing import FlaskClient

from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.app import create_app
from dashboard.reading import bearable
from tests.dashboard.clients import signed_in
from tests.dashboard.routes import address, rules
from tests.dashboard.sample_run import RUN_ID, market_folder, uncommit, write_run

GOOD_ID = "20250109-000000-good"
MAX_MB = 200
PICKLE = b"\x80\x04\x95\x1c\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x04true\x94\x85\x94R\x94."
CANDLES, REPORT = "candles.parquet", "report.json"


def rows(count: int) -> Callable[[Path], None]:
    """Return what writes a table of many rows into few bytes."""
    columns = {name: pl.repeat(1.0, count, eager=True) for name in ("time", "open", "high", "low", "close", "volume")}
    return lambda path: pl.DataFrame(columns).write_parquet(path, compression="zstd")


def footer_of_a_billion_rows(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-8] + (2**31 - 1).to_bytes(4, "little") + b"PAR1")


def sparse(path: Path) -> None:
    with path.open("wb") as handle:
        handle.truncate(10 << 30)


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    path.unlink()
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(path.parent)
        try:
            made.bind(path.name)
        finally:
            os.chdir(here)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def content(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


TABLES: dict[str, Callable[[Path], None]] = {
    "bomb of rows": rows(12_000_000),
    "footer of a billion rows": footer_of_a_billion_rows,
    "pickle": content(PICKLE),
    "zip": content(b"PK\x03\x04" + b"\0" * 60),
    "gzip": content(b"\x1f\x8b\x08" + b"\0" * 99),
    "magic": content(b"PAR1PAR1"),
    "text": content(b"time,open\n1,2\n"),
    "nothing": content(b""),
}
JSONS: dict[str, Callable[[Path], None]] = {
    "million lists": content(b"[" + b"[]," * 3_000_000 + b"0]"),
    "million keys": content(b"{" + b",".join(b'"%d":0' % number for number in range(1_000_000)) + b"}"),
    "deep": content(b"[" * 100_000),
    "deep objects": content(b'{"a":' * 100_000),
    "digits": content(b'{"markets":' + b"9" * 1_000_000 + b"}"),
    "1e400": content(b'{"schema":1e400,"markets":1e400}'),
    "twice": content(b'{"markets":{},"markets":[1]}'),
    "mark": content(b"\xef\xbb\xbf{}"),
    "no text": content(b'{"markets":"\xff\xfe"}'),
    "half a character": content(b'{"created_ms":1,"settings":{"mode":"\\ud800","exchange":"\\udfff"}}'),
    "NaN": content(b'{"markets":NaN}'),
    "zeros": content(b"\0" * 1000),
}
NO_FILES: dict[str, Callable[[Path], None]] = {
    "sparse": sparse, "loop": loop, "device": device, "pipe": pipe, "socket": unix_socket, "folder": folder,
}  # fmt: skip
NAMES = [
    b"spaces in it", b"UPPER", b"..evil", b"emoji-\xf0\x9f\x98\x80", b"not-text-\xff\xfe", b"new\nline", b"<img src=x>", b"a" * 255,
    b"-rf", b"con", b"a%2f..%2fb", b"tab\there", b"\xe2\x80\xaertl", b"20250101-000000-real-looking", b"quote\"s'",
]  # fmt: skip


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, FlaskClient]:
    """Return a run that no hash protects, beside a sound one and many folders that are no runs."""
    paths = Paths.under(tmp_path_factory.mktemp("crowded"))
    write_run(paths, GOOD_ID, until="baseline")
    run = write_run(paths)
    uncommit(run)
    for name in NAMES:
        os.mkdir(os.fsencode(paths.checkpoints) + b"/" + name)
    (paths.checkpoints / "around").symlink_to(paths.checkpoints, target_is_directory=True)
    (paths.checkpoints / "nowhere").symlink_to("does-not-exist")
    (paths.checkpoints / "UPPER" / "run.json").write_bytes(b"{}")
    client = signed_in(create_app(paths))
    # What the pages need of libraries is loaded, so that afterwards only the files' own memory is measured.
    for target in pages_of(client, RUN_ID):
        client.get(target).close()
    return run, client


def peak_mb() -> float:
    """Return how much memory this process has had at most since the mark was last reset."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def pages_of(client: FlaskClient, run_id: str) -> list[str]:
    """Return all addresses that show something of a run."""
    return ["/", *(address(rule, {"run_id": run_id}) for rule in rules(client.application) if "run_id" in rule.arguments)]


def assert_others_are_shown(client: FlaskClient, path: Path, damage: Callable[[Path], None], targets: list[str]) -> None:
    before = path.read_bytes()
    Path("/proc/self/clear_refs").write_text("5")
    begun = peak_mb()
    try:
        damage(path)
        for target in targets:
            with client.get(target) as answer:
                assert answer.status_code < 500, target
        assert GOOD_ID in client.get("/").text
        assert client.get(f"/runs/{GOOD_ID}/").status_code == 200
        assert peak_mb() - begun < MAX_MB
    finally:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        path.unlink(missing_ok=True)
        path.write_bytes(before)


def place(run: RunFolder, where: str) -> Path:
    return {"candles": market_folder(run, "baseline") / CANDLES, "report": run.results / REPORT, "settings": run.settings_file}[where]


CASES = [
    *(("candles", kind, damage) for kind, damage in (TABLES | NO_FILES).items()),
    *((where, kind, damage) for where in ("report", "settings") for kind, damage in (JSONS | NO_FILES).items()),
]
# What the whole campaign has for the settings too.
SMALL = [case for case in CASES if case[0] != "settings" or case[1] in ("half a character", "deep", "pipe")]
NAMED = "where", "kind", "damage"
EVERY = 4
needs_proc = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")


@needs_proc
@pytest.mark.parametrize(NAMED, SMALL, ids=[f"{where}-{kind}" for where, kind, _ in SMALL])
def test_damaged_files_hide_nothing_else(
    crowded: tuple[RunFolder, FlaskClient], where: str, kind: str, damage: Callable[[Path], None]
) -> None:
    run, client = crowded
    first = [case[1] for case in SMALL].index(kind)
    assert_others_are_shown(client, place(run, where), damage, pages_of(client, RUN_ID)[first % EVERY :: EVERY])


@needs_proc
@pytest.mark.slow
@pytest.mark.parametrize(NAMED, CASES, ids=[f"{where}-{kind}" for where, kind, _ in CASES])
def test_damaged_files_hide_nothing_else_on_any_page(
    crowded: tuple[RunFolder, FlaskClient], where: str, kind: str, damage: Callable[[Path], None]
) -> None:
    run, client = crowded
    assert_others_are_shown(client, place(run, where), damage, pages_of(client, RUN_ID))


def test_folders_of_any_name_are_listed_or_left_out_and_lead_nowhere(crowded: tuple[RunFolder, FlaskClient]) -> None:
    _, client = crowded
    page = client.get("/")
    assert page.status_code == 200
    assert "<img src=x>" not in page.text
    assert GOOD_ID in page.text
    for name in ("around", "UPPER", "nowhere"):
        assert client.get(f"/runs/{name}/").status_code == 404


def test_honest_sizes_are_far_below_the_limits() -> None:
    assert bearable.MAX_CELLS >= 10 * 366 * 24 * 60 * 6
