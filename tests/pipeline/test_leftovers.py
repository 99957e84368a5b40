"""What a killed process left behind is cleared away, and nothing else is."""

import errno
import shutil
from pathlib import Path

import pytest

from config import RunConfig
from core.errors import RunNotFoundError
from core.paths import Paths
from core.run_folder import RunFolder, RunLock
from pipeline import opening
from pipeline.app import App
from pipeline.leftovers import remove_husks
from pipeline.screen import Screen
from pipeline.settings import save_settings
from tests.pipeline.conftest import Invoke, only_run


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def husk(checkpoints: Path, name: str, *files: str) -> Path:
    """Return the folder of a run that was killed when it had written ``files``."""
    folder = checkpoints / name
    folder.mkdir()
    for file in files:
        (folder / file).write_text("process 1 on nowhere")
    return folder


@pytest.mark.parametrize(
    "files",
    [
        (),
        ("run.lock",),
        ("run.lock", ".progress.json.tmp.7.live"),
        ("run.lock", "progress.json", "run.yaml"),
        ("run.lock", "progress.json", ".run.yaml.tmp.7.ab"),
        ("run.lock", "progress.json", "run.yaml", ".run.json.tmp.7.ab"),
    ],
)
def test_the_folder_of_a_run_that_never_began_is_removed(checkpoints: Path, tmp_path: Path, files: tuple[str, ...]) -> None:
    husk(checkpoints, "20260101-000000-aaaa", *files)
    remove_husks(Paths.under(tmp_path))
    assert list(checkpoints.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("20260101-000000-aaaa", "run.json"),
        ("20260101-000000-aaaa", "timings.json"),
        ("20260101-000000-aaaa", "notes.txt"),
        ("Not A Run", "run.lock"),
    ],
)
def test_a_folder_that_holds_anything_else_is_left_alone(checkpoints: Path, tmp_path: Path, name: str, file: str) -> None:
    folder = husk(checkpoints, name, "run.lock", file)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    remove_husks(Paths.under(tmp_path))
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_run_that_is_just_beginning_is_left_alone(checkpoints: Path, tmp_path: Path) -> None:
    folder = checkpoints / "20260101-000000-aaaa"
    with RunLock(folder):
        remove_husks(Paths.under(tmp_path))
        assert RunLock.is_held(folder)


def test_a_link_is_left_alone(checkpoints: Path, tmp_path: Path) -> None:
    elsewhere = husk(tmp_path, "elsewhere", "run.lock")
    (checkpoints / "20260101-000000-aaaa").symlink_to(elsewhere)
    remove_husks(Paths.under(tmp_path))
    assert (elsewhere / "run.lock").is_file()


def test_what_a_killed_run_really_leaves_is_a_husk(
    invoke: Invoke, small_file: Path, tmp_path: Path, checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run whose settings are not written: all that stands in its folder by then goes with the next run."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pipeline.opening.save_settings", killed)
        assert invoke("backtest", "--quiet", "--config", str(small_file)).code != 0
    assert {entry.name for (folder,) in [list(checkpoints.iterdir())] for entry in folder.iterdir()} >= {"run.lock", "progress.json"}
    remove_husks(Paths.under(tmp_path))
    assert list(checkpoints.iterdir()) == []


def test_a_husk_that_cannot_be_removed_keeps_no_run_from_beginning(
    checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has begun its run in the folder between the lock's removal and the folder's; or the folder is another user's."""
    stays, goes = (husk(checkpoints, f"20260101-000000-{name}", "run.lock") for name in ("aaaa", "bbbb"))
    original = Path.rmdir

    def rmdir(folder: Path) -> None:
        if folder == stays:
            raise OSError(errno.ENOTEMPTY, "Directory not empty")
        original(folder)

    monkeypatch.setattr(Path, "rmdir", rmdir)
    remove_husks(Paths.under(tmp_path))
    assert (stays.exists(), goes.exists()) == (True, False)


def test_no_runs_are_no_trouble(tmp_path: Path) -> None:
    remove_husks(Paths.under(tmp_path))


def test_who_waited_at_the_lock_of_a_removed_folder_makes_it_anew(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder goes between the opening of the lock's file and the lock on it."""
    folder, removals = checkpoints / "20260101-000000-aaaa", [True, False]

    def stands(lock: RunLock) -> bool:
        if removals.pop(0):
            (folder / "run.lock").unlink()
            folder.rmdir()
        return original(lock)

    original = RunLock._stands
    monkeypatch.setattr(RunLock, "_stands", stands)
    with RunLock(folder):
        assert removals == []
        assert RunLock.is_held(folder)


def test_the_next_run_clears_the_husk_of_the_last_one(invoke: Invoke, small_file: Path, tmp_path: Path, checkpoints: Path) -> None:
    dead = husk(checkpoints, "20260101-000000-aaaa", "run.lock", "run.yaml")
    assert invoke("backtest", "--quiet", "--config", str(small_file)).code == 0
    assert not dead.exists()
    assert only_run(tmp_path / "data") != dead.name


def test_a_run_that_is_deleted_while_it_is_opened_does_not_begin_anew(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    run = RunFolder(app.paths, "20260101-000000-aaaa")
    save_settings(run, RunConfig(), 1)
    monkeypatch.setattr(opening, "remove_husks", lambda _: shutil.rmtree(run.checkpoints))
    with pytest.raises(RunNotFoundError), opening.existing_run(app, Screen(), run.run_id):
        pytest.fail("a run that is gone was opened")
    assert [path.name for path in run.checkpoints.iterdir()] == ["run.lock"], "the next run takes such a husk away"
