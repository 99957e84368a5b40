"""Secrets come from config/.env and the environment, and show nowhere."""

import copy
import json
import pickle
import pprint
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from config.secrets import KEY_NAMES, Secrets, read_secrets
from core.canonical_json import dumps
from core.errors import CredentialError
from core.paths import PROJECT_ROOT

CANARY = "canary-4f1d9c27"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEY_NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return with_file(tmp_path, f"BINANCE_API_KEY={CANARY}\nBINANCE_API_SECRET='{CANARY}-2'\nOTHER={CANARY}-3\nDELTA_API_KEY=\n")


def with_file(folder: Path, content: str, mode: int = 0o600) -> Secrets:
    (folder / ".env").write_text(content)
    (folder / ".env").chmod(mode)
    return read_secrets(folder)


def test_values_are_those_of_the_file(secrets: Secrets) -> None:
    assert (secrets.get("BINANCE_API_KEY"), secrets.get("BINANCE_API_SECRET")) == (CANARY, f"{CANARY}-2")
    assert (secrets.get("DELTA_API_KEY"), secrets.get("NEVER_HEARD_OF")) == (None, None)
    assert set(secrets.values()) == {CANARY, f"{CANARY}-2", f"{CANARY}-3"}
    assert secrets.exists


SHOWN: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "str": str,
    "format": lambda secrets: f"{secrets} {secrets!r} {secrets!s:>10}",
    "list": lambda secrets: str([secrets]),
    "dict": lambda secrets: repr({"secrets": secrets}),
    "pprint": pprint.pformat,
    "attributes": lambda secrets: f"{[getattr(secrets, name) for name in secrets.__slots__]} {secrets}",
    "attributes of an owner": lambda secrets: str(vars(type("Owner", (), {"secrets": secrets}))),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN.keys())
def test_secrets_show_their_names_only(show: Callable[[Any], str], secrets: Secrets) -> None:
    assert CANARY not in show(secrets)
    assert "BINANCE_API_KEY" in show(secrets)


NOT_SERIALIZED: dict[str, Callable[[Any], Any]] = {
    "pickle": pickle.dumps,
    "oldest pickle": lambda secrets: pickle.dumps(secrets, 0),
    "pickle inside": lambda secrets: pickle.dumps({"a": [secrets]}),
    "copy": copy.deepcopy,
    "json": json.dumps,
    "canonical json": dumps,
    "vars": vars,
    "as a dictionary": asdict,
}


@pytest.mark.parametrize("serialize", NOT_SERIALIZED.values(), ids=NOT_SERIALIZED.keys())
def test_secrets_are_not_serialized(serialize: Callable[[Any], Any], secrets: Secrets) -> None:
    with pytest.raises(TypeError) as caught:
        serialize(secrets)
    assert CANARY not in str(caught.value)


def test_environment_wins_over_the_file(secrets: Secrets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINANCE_API_KEY", "from the environment")
    monkeypatch.setenv("BINANCE_API_SECRET", "")
    found = read_secrets(tmp_path)
    assert (found.get("BINANCE_API_KEY"), found.get("BINANCE_API_SECRET")) == ("from the environment", f"{CANARY}-2")


def test_value_is_taken_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME_OF_KEYS", "elsewhere")
    assert with_file(tmp_path, "BINANCE_API_SECRET=a${HOME_OF_KEYS}$b\n").get("BINANCE_API_SECRET") == "a${HOME_OF_KEYS}$b"


def test_environment_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DHAN_CLIENT_ID", CANARY)
    monkeypatch.setenv("HOSTNAME", "not-asked-for")
    found = read_secrets(tmp_path)
    assert (found.exists, found.readable_by_others, found.values()) == (False, False, (CANARY,))


def test_missing_names_are_listed_for_each_venue(secrets: Secrets) -> None:
    assert secrets.missing_for("BINANCE") == secrets.missing_for("BINANCEUSDM") == ()
    assert secrets.missing_for("delta") == ("DELTA_API_KEY", "DELTA_API_SECRET")
    assert secrets.missing_for("LOCAL") == ()


@pytest.mark.parametrize(("mode", "flagged"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o644, True), (0o620, False)])
def test_file_that_others_can_read_is_flagged(mode: int, flagged: bool, tmp_path: Path) -> None:
    assert with_file(tmp_path, "A=b", mode).readable_by_others is flagged


def test_file_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"BINANCE_API_KEY=\xff\xfe\n")
    with pytest.raises(CredentialError, match=r"cannot read .*\.env: it is not UTF-8 text"):
        read_secrets(tmp_path)


def test_example_asks_for_the_keys_that_are_needed_and_holds_none() -> None:
    lines = (PROJECT_ROOT / "config" / ".env.example").read_text(encoding="utf8").splitlines()
    entries = [line.partition("=") for line in lines if line and not line.startswith("#")]
    assert [name for name, _, _ in entries] == list(KEY_NAMES)
    assert {value for _, _, value in entries} == {""}


def test_example_names_every_variable_that_is_read_from_the_environment() -> None:
    text = (PROJECT_ROOT / "config" / ".env.example").read_text(encoding="utf8")
    packages = ("core", "config", "exchanges", "market_data", "pipeline")
    sources = "".join(path.read_text(encoding="utf8") for name in packages for path in (PROJECT_ROOT / name).rglob("*.py"))
    read = set(re.findall(r"\bPIPELINE_[A-Z_]+\b", sources)) | {f"<VENUE>{ending}" for ending in re.findall(r"\}(_[A-Z]+_URL)\b", sources)}
    assert len(read) >= 6
    assert {name for name in read if name not in text} == set()


def test_real_file_is_kept_out_of_the_repository() -> None:
    ignored = (PROJECT_ROOT / ".gitignore").read_text(encoding="utf8").splitlines()
    assert any(line.strip().lstrip("/") in ("config/.env", ".env") for line in ignored)
