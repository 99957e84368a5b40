"""H3: whatever stands where a name should, nothing outside the data folder is ever opened."""

import sys
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from core.paths import Paths
from dashboard.app import create_app
from tests.dashboard.clients import ClientOf, signed_in
from tests.dashboard.routes import CHANGING, address, rules
from tests.dashboard.sample_run import RUN_ID, SLUG, write_run

ESCAPES = [
    "..", ".", "...", "%2e%2e", "%2e%2e%2f", "..%2f..%2fsecret.json", "..%5c..%5csecret.json", "%252e%252e", "%252e%252e%252fsecret.json",
    "....//", "..;", "..\\secret.json", "..%c0%af", "%e0%80%ae%e0%80%ae", "%ef%bc%8e%ef%bc%8e", "%e2%80%a4%e2%80%a4", "%e2%80%ae",
    "..%00", "..%2500", "%2e%2e%00.json", "..%09", ".%0a.", "%2e.", ".%2e", "%uff0e%uff0e", "..%ef%bc%8fsecret.json", "a..b", "..a", "a..",
]  # fmt: skip
ABSOLUTE = [
    "%2fetc%2fpasswd", "etc/passwd", "../etc/passwd", "../../../../../../../../etc/passwd", "%2f%2fevil.example%2f", "file:%2f%2f%2fetc",
    "C:%5c", "%5c%5chost%5cshare", "~", "~root", "%7e%2fsecret.json", "$HOME", "%24%7bHOME%7d", "%2fproc%2fself%2fenviron",
    "%2fdev%2fzero",
]  # fmt: skip
NAMES = [
    "CON", "nul", "aux.txt", "lpt1", "-", "--help", ".hidden", ".git", "secret.json", "link-out", "link-in", RUN_ID.upper(), f"{RUN_ID}.",
    f"{RUN_ID}%20", f"%20{RUN_ID}", f"{RUN_ID}/..", f"{RUN_ID}%2f..", f"{RUN_ID}%00", f"{RUN_ID}%00.json", f"{RUN_ID}%0d%0aX-Evil:1",
    "a" * 65, "a" * 4000, "*", "%3f", "[a]", "{}", "%7b%7b7*7%7d%7d", "%3cscript%3e", "'", "%22", "%f0%9f%98%80", "%ff", "%00", "%0a",
]  # fmt: skip
NASTY = ESCAPES + ABSOLUTE + NAMES
PER_NAME = 3


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an installation, beside files that nobody may see, and with links out of it."""
    folder = tmp_path_factory.mktemp("hostile")
    paths = Paths.under(folder / "here")
    write_run(paths)
    outside = write_run(Paths.under(folder / "elsewhere"), "outside", until="strategy")
    (folder / "secret.json").write_text('{"password": "hunter2"}')
    (paths.config / "secret.json").parent.mkdir(parents=True)
    (paths.config / "secret.json").write_text('{"password": "hunter2"}')
    (paths.checkpoints / "link-out").symlink_to(outside.checkpoints, target_is_directory=True)
    (paths.checkpoints / "link-in").symlink_to(paths.checkpoints / RUN_ID, target_is_directory=True)
    return folder


@pytest.fixture(scope="module")
def hostile(root: Path) -> Flask:
    return create_app(Paths.under(root / "here"))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list that every file opened from now on is written to; audit hooks stay for ever, so it watches only in this test."""
    found: list[str] = []
    watching = [True]
    monkeypatch.setattr(sys, "_watching_files", watching, raising=False)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and watching and getattr(sys, "_watching_files", None) is watching and isinstance(arguments[0], str | Path):
            found.append(str(arguments[0]))

    sys.addaudithook(hook)
    return found


def attacks(app: Flask, method: str) -> list[str]:
    """Return addresses with one nasty name each: every name in a few routes, and every variable of every route with some names."""
    places = [(rule, name) for rule in rules(app, method) for name in sorted(rule.arguments)]
    made = [
        address(rule, {name: nasty}, escape=False)
        for number, nasty in enumerate(NASTY)
        for rule, name in (places[(number * PER_NAME + step) % len(places)] for step in range(PER_NAME))
    ]
    worst = ("..%2f..%2fsecret.json", "link-out", "%2fetc%2fpasswd", "..")
    return made + [address(rule, {name: nasty}, escape=False) for rule, name in places for nasty in worst]


def test_no_name_leads_out_of_the_data_folder(hostile: Flask, root: Path, opened: list[str]) -> None:
    client = signed_in(hostile)
    client.get("/")
    opened.clear()
    tried = attacks(hostile, "GET")
    assert len(tried) >= 200
    for target in tried:
        with closing(client.get(target)) as answer:
            assert answer.status_code < 500, target
            assert "hunter2" not in answer.text, target
            assert str(root) not in answer.text, target
            assert "X-Evil" not in answer.headers, target
    here = str(root / "here" / "data")
    assert not [name for name in opened if name.startswith(str(root)) and not name.startswith(here)]
    assert not [name for name in opened if name.startswith(("/etc/passwd", "/proc/self/environ", "/dev/zero"))]


def test_no_name_changes_anything_elsewhere(hostile: Flask, root: Path, opened: list[str]) -> None:
    client = signed_in(hostile)
    before = state_of(root)
    opened.clear()
    for method in sorted(CHANGING):
        if any(rule.arguments for rule in rules(hostile, method)):
            for target in attacks(hostile, method):
                with closing(client.open(target, method=method, json={})) as answer:
                    assert 400 <= answer.status_code < 500 or answer.status_code == 308, (method, target)
    here = str(root / "here")
    assert not [name for name in opened if name.startswith(str(root)) and not name.startswith(here)]
    assert state_of(root) == before


def state_of(folder: Path) -> list[tuple[str, int, int]]:
    outside = (path for path in folder.rglob("*") if not path.is_relative_to(folder / "here" / "data"))
    return sorted((str(path), path.stat().st_mtime_ns, path.stat().st_ino) for path in outside)


def test_files_that_lead_out_are_not_read(paths: Paths, client_of: ClientOf, tmp_path: Path) -> None:
    run = write_run(paths, until="strategy")
    (tmp_path / "secret.json").write_text('{"password": "hunter2"}')
    for folder, name in ((run.results, "report.json"), (run.exports, "stolen.csv")):
        folder.mkdir(parents=True)
        (folder / name).symlink_to(tmp_path / "secret.json")
    client = client_of(paths)
    page = client.get(f"/runs/{RUN_ID}/")
    assert "hunter2" not in page.text
    assert "report.json leads out of the data folder" in page.text
    assert client.get(f"/downloads/{RUN_ID}/stolen.csv").status_code == 404


def test_slugs_are_only_those_of_the_run(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths, until="baseline")
    selection = run.checkpoints / "03_selection" / "selection.json"
    (run.checkpoints / "03_selection" / "stage.json").unlink()
    sound = selection.read_text()
    client = client_of(paths)
    for slug in ("../../x", "..", "a/b", "/etc", "", "A", "a..b"):
        selection.write_text(sound.replace(f'"slug":"{SLUG}"', f'"slug":"{slug}"'))
        assert client.get(f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/trades").status_code in (404, 422)
        assert "selection.json does not hold what it should" in client.get("/").text
