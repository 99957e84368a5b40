"""Logs: one file a package, rotated, errors with their traces in error.log, and no secret in any of them or on the console."""

import base64
import io
import json
import logging
import logging.handlers
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigError, StorageError
from core.logs import LIBRARIES, MASK, PACKAGES, RedactionFilter, configure_logging, release_logging

CANARY = "canary/4f1d+9c27=="


@pytest.fixture(autouse=True)
def _loggers_as_before() -> Iterator[None]:
    yield
    release_logging()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf8").split("\n")[:-1]]


def everything(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf8") for path in folder.iterdir())


def test_every_package_writes_its_own_file(tmp_path: Path) -> None:
    configure_logging(tmp_path / "logs")
    for package in PACKAGES:
        logging.getLogger(f"{package}.module").info("from %s", package)
    for package in PACKAGES:
        (line,) = lines(tmp_path / "logs" / f"{package}.log")
        assert (line["level"], line["logger"], line["message"]) == ("INFO", f"{package}.module", f"from {package}")
        assert line["time"].endswith("+00:00")
    assert lines(tmp_path / "logs" / "error.log") == []


def test_every_line_parses_whatever_the_message(tmp_path: Path) -> None:
    configure_logging(tmp_path)
    messages = ['quote " and \\', "two\nlines", "tab\t", "null\0", "€ 比特币 \u2028", "{}", "100 %"]
    for message in messages:
        logging.getLogger("core").info(message)
    assert [line["message"] for line in lines(tmp_path / "core.log")] == messages


def test_errors_stand_in_the_error_log_with_their_trace(tmp_path: Path) -> None:
    configure_logging(tmp_path)
    logging.getLogger("pipeline").warning("no error")
    try:
        raise ValueError("the cause")
    except ValueError:
        logging.getLogger("pipeline.stages").exception("it failed")
    (line,) = lines(tmp_path / "error.log")
    assert (line["logger"], line["message"]) == ("pipeline.stages", "it failed")
    assert line["trace"].startswith("Traceback (most recent call last):\n")
    assert line["trace"].endswith("ValueError: the cause")
    assert [line["message"] for line in lines(tmp_path / "pipeline.log")] == ["no error", "it failed"]


def test_levels_are_set_for_each_package(tmp_path: Path) -> None:
    configure_logging(tmp_path, levels={"optimization": "debug", "core": "ERROR", "third.party": "CRITICAL"})
    for package in ("optimization", "core", "config"):
        for level in (logging.DEBUG, logging.INFO, logging.ERROR):
            logging.getLogger(package).log(level, "x")
    counts = {package: len(lines(tmp_path / f"{package}.log")) for package in ("optimization", "core", "config")}
    assert counts == {"optimization": 3, "core": 1, "config": 2}
    assert logging.getLogger("third.party").level == logging.CRITICAL
    logging.getLogger("third.party").setLevel(logging.NOTSET)


def test_one_variable_turns_everything_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_LOG_LEVEL", "debug")
    configure_logging(tmp_path, levels={"core": "ERROR"})
    for name in ("core", "exchanges.http", "urllib3.connectionpool", "ccxt.base.exchange"):
        logging.getLogger(name).debug("x")
    assert [len(lines(tmp_path / f"{name}.log")) for name in ("core", "exchanges", "libraries")] == [0, 1, 2]


def test_unknown_level_in_the_variable_is_refused_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_LOG_LEVEL", "LOUD")
    with pytest.raises(ConfigError, match="PIPELINE_LOG_LEVEL: log level 'LOUD' is not known"):
        configure_logging(tmp_path)


@pytest.mark.parametrize("library", LIBRARIES)
def test_warnings_of_libraries_are_kept_out_of_the_terminal(library: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(tmp_path)
    logging.getLogger(library).info("unseen")
    logging.getLogger(library).warning("pool of %s is full", CANARY)
    assert [line["message"] for line in lines(tmp_path / "libraries.log")] == [f"pool of {CANARY} is full"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/v3/account?timestamp=1&signature={} HTTP/1.1",
        "headers {{'X-MBX-APIKEY': '{}'}}",
        "headers {{'Authorization': 'token {}:{}'}}",
        '{{"access-token": "{}"}}',
        "api_key={}&checksum=1",
        "header: b'api-key' b'{}' signature: {}",
    ],
)
def test_proofs_of_who_asks_are_masked_whoever_made_them(text: str) -> None:
    proof = "0123456789abcdef" * 4
    assert proof not in RedactionFilter().redact(text.format(proof, proof)).replace(f"b'api-key' b'{proof}'", "")


def test_words_about_keys_are_no_proofs() -> None:
    for text in ("Check BINANCE_API_KEY, BINANCE_API_SECRET in config/.env", "signature: none", "access token: ends at 6 AM"):
        assert RedactionFilter().redact(text) == text


@pytest.mark.parametrize("name", ["core", "third.party"])
def test_unknown_level_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="log level 'LOUD' is not known. Use DEBUG, INFO, WARNING, ERROR or CRITICAL"):
        configure_logging(tmp_path / "logs", levels={name: "LOUD"})
    assert not (tmp_path / "logs").exists()


def test_console_shows_info_and_above_once(tmp_path: Path) -> None:
    screen = io.StringIO()
    configure_logging(tmp_path, console=logging.StreamHandler(screen), levels={"core": "DEBUG"})
    logging.getLogger("core").debug("unseen")
    logging.getLogger("core").info("seen")
    assert screen.getvalue() == "seen\n"


def test_setting_up_again_replaces_the_former_set_up(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        configure_logging(tmp_path / folder)
    logging.getLogger("core").error("once")
    assert everything(tmp_path / "first") == ""
    assert everything(tmp_path / "second").count("once") == 2  # core.log and error.log


def test_files_are_rotated_and_a_few_are_kept(tmp_path: Path) -> None:
    configure_logging(tmp_path)
    files = [handler for handler in logging.getLogger("core").handlers if isinstance(handler, logging.handlers.RotatingFileHandler)]
    assert [(handler.maxBytes, handler.backupCount) for handler in files] == [(5_000_000, 3)] * 2
    for handler in files:
        handler.maxBytes = 500
    for number in range(100):
        logging.getLogger("core").info("record %d", number)
    assert sorted(path.name for path in tmp_path.glob("core.log*")) == ["core.log", "core.log.1", "core.log.2", "core.log.3"]
    assert all(path.stat().st_size <= 500 for path in tmp_path.glob("core.log*"))
    assert lines(tmp_path / "core.log")[-1]["message"] == "record 99"


def test_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(StorageError, match="a file stands where a folder is needed"):
        configure_logging(tmp_path / "logs")


def raise_with_secret(logger: logging.Logger) -> None:
    try:
        try:
            raise KeyError(f"key {CANARY} refused")
        except KeyError as error:
            raise RuntimeError(f"no answer to ?signature={CANARY}") from error
    except RuntimeError as error:
        logger.exception("failed: %s", error)
        logger.error("failed again", exc_info=error)


LEAKS: dict[str, Callable[[logging.Logger], None]] = {
    "message": lambda logger: logger.error(f"the key is {CANARY}"),
    "argument": lambda logger: logger.error("the key is %s", CANARY),
    "repr of an argument": lambda logger: logger.error("the headers are %r", {"X-KEY": CANARY}),
    "argument by name": lambda logger: logger.error("%(key)s", {"key": CANARY}),
    "address": lambda logger: logger.error("GET /order?key=%s", urllib.parse.quote(CANARY, safe="")),
    "encoded query": lambda logger: logger.error(urllib.parse.urlencode({"key": CANARY})),
    "base64": lambda logger: logger.error(base64.b64encode(CANARY.encode()).decode()),
    "hex": lambda logger: logger.error(CANARY.encode().hex()),
    "bytes": lambda logger: logger.error("sent %r", f"key={CANARY}".encode()),
    "json": lambda logger: logger.error(json.dumps({"key": CANARY})),
    "exception": raise_with_secret,
    "stack": lambda logger: logger.error("the way here, with canary/4f1d+9c27==", stack_info=True),
    "twice": lambda logger: logger.error("%s%s", CANARY, CANARY),
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS.keys())
def test_no_secret_reaches_a_file_or_the_console(leak: Callable[[logging.Logger], None], tmp_path: Path) -> None:
    screen = io.StringIO()
    configure_logging(tmp_path, console=logging.StreamHandler(screen), secrets=[CANARY, "another-secret"])
    leak(logging.getLogger("exchanges.binance"))
    for text in (everything(tmp_path), screen.getvalue()):
        assert MASK in text
        assert "canary" not in text
        assert "9c27" not in text
    assert all(lines(path) is not None for path in tmp_path.iterdir())


def test_masking_leaves_the_rest_of_message_and_trace(tmp_path: Path) -> None:
    configure_logging(tmp_path, secrets=[CANARY])
    raise_with_secret(logging.getLogger("exchanges"))
    first, second = lines(tmp_path / "error.log")
    assert first["message"] == f"failed: no answer to ?signature={MASK}"
    assert second["message"] == "failed again"
    for line in (first, second):
        assert f"RuntimeError: no answer to ?signature={MASK}" in line["trace"]
        assert f"key {MASK} refused" in line["trace"]
        assert "The above exception was the direct cause" in line["trace"]


def test_longer_secrets_are_masked_before_the_shorter_ones_they_hold() -> None:
    assert RedactionFilter(["abcd", "abcdefgh"]).redact("abcdefgh abcd") == f"{MASK} {MASK}"


def test_words_too_short_to_be_secrets_are_left_alone() -> None:
    assert RedactionFilter(["", "a", "abc"]).redact("abc a") == "abc a"


def test_secret_with_quotes_and_backslashes_is_masked_in_every_spelling() -> None:
    secret = "pass\\word'\"\n€"
    redact = RedactionFilter([secret]).redact
    for spelling in (secret, repr(secret), json.dumps(secret), urllib.parse.quote(secret), urllib.parse.quote_plus(secret)):
        assert "word" not in redact(f"<{spelling}>")
