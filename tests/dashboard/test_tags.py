"""Tags are kept beside the runs, whole or not at all, whoever writes at the same time."""

import threading

import pytest
from flask.testing import FlaskClient

from core.errors import ConfigError, CorruptFileError
from core.paths import Paths
from dashboard.keeping.tags import MAX_LENGTH, MAX_TAGS, TagStore, checked_tags
from dashboard.reading.files import FileReader
from tests.dashboard.conftest import ClientOf, json_of
from tests.dashboard.sample_run import RUN_ID, write_run
from tests.dashboard.trees import hashes


def store_of(paths: Paths) -> TagStore:
    return TagStore(paths, FileReader(paths.data))


def test_tags_are_tidied_sorted_and_kept_once() -> None:
    assert checked_tags(["b", " A  tag ", "b", "a"]) == ("a", "A tag", "b")


@pytest.mark.parametrize("tags", [[""], ["  "], ["a\x00b"], ["\u202eevil"], ["x" * (MAX_LENGTH + 1)]])
def test_what_is_no_tag_is_refused(tags: list[str]) -> None:
    with pytest.raises(ConfigError, match="tags"):
        checked_tags(tags)


def test_too_many_tags_are_refused() -> None:
    with pytest.raises(ConfigError, match="13 are too many"):
        checked_tags([f"tag {number}" for number in range(MAX_TAGS + 1)])


def test_tags_are_there_for_every_reader_and_change_no_byte_of_a_run(paths: Paths) -> None:
    write_run(paths, until="credentials")
    before = hashes(paths.checkpoints)
    store = store_of(paths)
    assert store.of(RUN_ID) == ()
    store.put(RUN_ID, ["slow", "<img src=x>"])
    assert store_of(paths).all() == {RUN_ID: ("<img src=x>", "slow")}
    store.put(RUN_ID, [])
    assert store_of(paths).all() == {}
    assert hashes(paths.checkpoints) == before


def test_two_dashboards_lose_no_tag_of_each_other(paths: Paths) -> None:
    def tag(number: int) -> None:
        store_of(paths).put(f"run-{number}", [f"tag {number}"])

    threads = [threading.Thread(target=tag, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store_of(paths).all() == {f"run-{number}": (f"tag {number}",) for number in range(12)}


@pytest.mark.parametrize(
    ("there", "was", "tags", "now"),
    [
        (["a"], ["a"], ["a", "b"], ("a", "b")),
        (["a", "x"], ["a"], ["a", "b"], ("a", "b", "x")),  # somebody else has given x
        ([], ["a"], ["a", "b"], ("b",)),  # somebody else has taken a
        (["a", "x"], ["a"], [], ("x",)),
        (["a"], None, ["b"], ("b",)),
    ],
)
def test_what_others_have_done_to_the_tags_since_they_were_looked_at_stays(
    there: list[str], was: list[str] | None, tags: list[str], now: tuple[str, ...], paths: Paths, client_of: ClientOf
) -> None:
    write_run(paths, until="credentials")
    store_of(paths).put(RUN_ID, there)
    answer = client_of(paths).patch(f"/api/v1/runs/{RUN_ID}", json={"tags": tags} | ({} if was is None else {"was": was}))
    assert tuple(json_of(answer)["tags"]) == store_of(paths).of(RUN_ID) == now


@pytest.mark.parametrize("content", [b"", b"[]", b'{"runs":[]}', b'{"runs":{"a":"b"}}', b'{"runs":{"a":[1]}}'])
def test_damaged_tags_hide_no_run_and_are_not_written_over(paths: Paths, client_of: ClientOf, content: bytes) -> None:
    write_run(paths, until="credentials")
    paths.dashboard.mkdir(parents=True, exist_ok=True)
    (paths.dashboard / "tags.json").write_bytes(content)
    client = client_of(paths)
    page = client.get("/").text
    assert RUN_ID in page
    assert "Tags cannot be shown" in page
    assert json_of(client.get("/api/v1/runs"))["items"][0]["tags"] == []
    assert client.patch(f"/api/v1/runs/{RUN_ID}", json={"tags": ["a"]}).status_code == 422
    assert (paths.dashboard / "tags.json").read_bytes() == content
    with pytest.raises(CorruptFileError):
        store_of(paths).put(RUN_ID, ["a"])


def test_tags_come_by_the_api_and_can_be_searched(paths: Paths, client_of: ClientOf) -> None:
    write_run(paths, until="credentials")
    write_run(paths, "other-run", until="credentials")
    client: FlaskClient = client_of(paths)
    answer = client.patch(f"/api/v1/runs/{RUN_ID}", json={"tags": ["b", "a"]})
    assert json_of(answer) == {"run_id": RUN_ID, "tags": ["a", "b"]}
    assert json_of(client.get(f"/api/v1/runs/{RUN_ID}"))["tags"] == ["a", "b"]
    assert [row["run_id"] for row in json_of(client.get("/api/v1/runs?tag=a"))["items"]] == [RUN_ID]
    for body, status in (({"tags": [""]}, 400), ({"tags": "a"}, 400), ({}, 400), ({"tags": [], "more": 1}, 400)):
        assert client.patch(f"/api/v1/runs/{RUN_ID}", json=body).status_code == status
    assert client.patch("/api/v1/runs/nobody", json={"tags": []}).status_code == 404
