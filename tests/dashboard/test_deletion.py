"""A deleted run leaves nothing behind and takes nothing else along, wherever the work is cut off."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.atomic_files import write_bytes
from core.errors import LockedError, RunNotFoundError
from core.paths import Paths
from core.run_folder import RunFolder, RunLock, list_run_ids
from dashboard.keeping import deletion
from dashboard.keeping.deletion import delete_run, finish_deletions
from dashboard.keeping.tags import TagStore
from dashboard.reading.files import FileReader
from dashboard.reading.runs import RunIndex
from tests.dashboard.conftest import ClientOf
from tests.dashboard.sample_run import RUN_ID, write_run
from tests.dashboard.trees import hashes

OTHER = "20250103-030405-cd34"


def parts(paths: Paths) -> tuple[RunIndex, TagStore]:
    files = FileReader(paths.data)
    return RunIndex(paths, files), TagStore(paths, files)


def delete(paths: Paths, run_id: str = RUN_ID) -> None:
    delete_run(paths, *parts(paths), run_id)


def small_run(paths: Paths, run_id: str = RUN_ID) -> RunFolder:
    run = write_run(paths, run_id, until="credentials")
    for path in (run.results / "quality.json", run.exports / "a.csv", paths.raw_logs / "BINANCE_BTCUSDT" / f"{run_id}.jsonl"):
        write_bytes(path, b"{}")
    TagStore(paths, FileReader(paths.data)).put(run_id, ["kept"])
    return run


def left_of(paths: Paths, run_id: str) -> list[Path]:
    return [path for path in paths.data.rglob("*") if run_id in path.name]


def test_a_deleted_run_is_gone_and_the_others_are_as_they_were(paths: Paths) -> None:
    small_run(paths)
    small_run(paths, OTHER)
    TagStore(paths, FileReader(paths.data)).put(RUN_ID, [])
    before = {name: digest for name, digest in hashes(paths.data).items() if RUN_ID not in name and not name.endswith(".lock")}
    delete(paths)
    assert left_of(paths, RUN_ID) == []
    assert {name: digest for name, digest in hashes(paths.data).items() if not name.endswith(".lock")} == before
    assert list_run_ids(paths) == [OTHER]


def test_a_run_at_work_is_not_deleted(paths: Paths, client_of: ClientOf) -> None:
    run = small_run(paths)
    with RunLock(run.checkpoints):
        before = hashes(run.checkpoints)
        with pytest.raises(LockedError):
            delete(paths)
        answer = client_of(paths).delete(f"/api/v1/runs/{RUN_ID}")
        assert answer.status_code == 409
        assert "being worked on" in answer.text
        assert hashes(run.checkpoints) == before
        assert 'disabled title="A process is at work on it' in client_of(paths).get("/").text
    assert client_of(paths).delete(f"/api/v1/runs/{RUN_ID}").status_code == 200
    assert left_of(paths, RUN_ID) == []


@pytest.mark.parametrize("survived", range(4))
def test_a_crash_leaves_no_half_run_and_the_next_deletion_finishes_it(paths: Paths, monkeypatch: pytest.MonkeyPatch, survived: int) -> None:
    small_run(paths)
    small_run(paths, OTHER)
    calls = iter(range(100))
    remove = deletion._remove

    def dies(path: Path) -> None:
        if next(calls) == survived:
            raise KeyboardInterrupt
        remove(path)

    monkeypatch.setattr(deletion, "_remove", dies)
    with pytest.raises(KeyboardInterrupt):
        delete(paths)
    monkeypatch.undo()
    index, tags = parts(paths)
    assert list_run_ids(paths) == [OTHER]
    assert [row.run_id for row in index.summaries()] == [OTHER]
    with pytest.raises(RunNotFoundError):
        index.open(RUN_ID)
    finish_deletions(paths, tags)
    assert left_of(paths, RUN_ID) == []
    assert tags.all() == {OTHER: ("kept",)}


def test_a_run_made_anew_under_the_name_keeps_what_is_its_own(paths: Paths) -> None:
    run = small_run(paths)
    run.checkpoints.rename(paths.checkpoints / f".deleted.{RUN_ID}.0123abcd")
    again = small_run(paths)
    finish_deletions(paths, parts(paths)[1])
    assert again.settings_file.is_file()
    assert (again.results / "quality.json").is_file()
    assert not list(paths.checkpoints.glob(".deleted*"))


def test_links_are_removed_and_never_followed(paths: Paths, tmp_path: Path) -> None:
    run = small_run(paths)
    treasure = tmp_path / "treasure"
    write_bytes(treasure / "gold.txt", b"gold")
    (run.checkpoints / "link").symlink_to(treasure)
    run.exports.rename(tmp_path / "moved")
    run.exports.symlink_to(treasure)
    delete(paths)
    assert (treasure / "gold.txt").read_bytes() == b"gold"
    assert left_of(paths, RUN_ID) == []


def test_only_runs_are_deleted(paths: Paths, client_of: ClientOf) -> None:
    small_run(paths)
    (paths.checkpoints / "foreign").mkdir()
    outside = paths.data / "precious"
    write_bytes(outside / "run.json", b"{}")
    (paths.checkpoints / "linked").symlink_to(outside)
    client = client_of(paths)
    for name in ("foreign", "linked", "nobody", "..", ".deleted.x", "%2e%2e"):
        assert client.delete(f"/api/v1/runs/{name}").status_code in (404, 405)
    assert (outside / "run.json").is_file()
    assert (paths.checkpoints / "foreign").is_dir()


def test_a_lock_alone_is_no_run_made_anew(paths: Paths) -> None:
    run = small_run(paths)
    run.checkpoints.rename(paths.checkpoints / f".deleted.{RUN_ID}.0123abcd")
    with RunLock(run.checkpoints):  # somebody wanted to resume it at that moment
        finish_deletions(paths, parts(paths)[1])
    assert not run.results.exists()
    assert not run.exports.exists()


def test_of_two_deletions_at_once_the_second_finds_no_run(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    small_run(paths)
    index, tags = parts(paths)

    @contextmanager
    def after_the_other(path: Path) -> Iterator[None]:
        monkeypatch.undo()
        delete(paths)
        yield

    monkeypatch.setattr(deletion, "waiting_for", after_the_other)
    with pytest.raises(RunNotFoundError):
        delete_run(paths, index, tags, RUN_ID)
    assert left_of(paths, RUN_ID) == []
