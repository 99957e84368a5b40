"""Logging: a readable console, rotated JSON-lines files per package, one error.log with stack traces, and no secret anywhere."""

import base64
import json
import logging
import logging.handlers
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from core.atomic_files import make_folder, storage_errors
from core.clock import utc_from_ms
from core.errors import ConfigError

PACKAGES = (
    "core", "config", "exchanges", "market_data", "strategies", "backtest_engine",
    "optimization", "walkforward", "reporting", "dashboard", "pipeline",
)  # fmt: skip
# What talks to the network or in the background on our behalf, and may show what it was given.
LIBRARIES = ("urllib3", "requests", "aiohttp", "websockets", "asyncio", "apscheduler", "ccxt", "kiteconnect", "waitress")
LEVEL_VARIABLE = "PIPELINE_LOG_LEVEL"
_MAX_BYTES, _BACKUPS = 5_000_000, 3
MASK = "***"
# A proof of who asks, whoever computed it: the names are those of the venues' headers and queries, and of the dashboard's.
_PROOF = re.compile(
    r"(?i)((?:signature|x-mbx-apikey|api[-_]?key|access[-_]token|request[-_]token|authorization"
    r"|sign-in\?token|csrf-token|dashboard-[0-9a-f]{12})"
    r"['\"]?\s*[:=]\s*b?['\"]?(?:token |bearer )?)"
    r"[\w+/=.:%~-]{16,}"
)


class RedactionFilter(logging.Filter):
    """Replaces every known secret, wherever it stands in a message, its arguments or a traceback, by ``***``; signatures too."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        forms = {form for secret in secrets if len(secret) >= 4 for form in _forms(secret)}
        self._secrets = sorted(forms, key=len, reverse=True)

    def redact(self, text: str) -> str:
        """Return ``text`` with every secret masked."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return _PROOF.sub(rf"\1{MASK}", text)

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; never drops one."""
        record.msg, record.args = self.redact(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.redact(record.exc_text)
        if record.stack_info:
            record.stack_info = self.redact(record.stack_info)
        return True


def _forms(secret: str) -> set[str]:
    """Return the secret as it is and as it stands in an address, a repr, JSON, base64 or hex."""
    raw = secret.encode()
    packed = {encode(raw).decode().rstrip("=") for encode in (base64.b64encode, base64.urlsafe_b64encode)}
    spelled = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1]}
    return spelled | packed | {raw.hex(), raw.hex().upper()}


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message and, where there is one, the stack trace."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its newline."""
        line = {
            "time": utc_from_ms(int(record.created * 1000)).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line["trace"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)


def configure_logging(
    folder: Path, *, console: logging.Handler | None = None, secrets: Iterable[str] = (), levels: Mapping[str, str] | None = None
) -> None:
    """Send each package's records to ``folder/<package>.log``, errors to ``folder/error.log`` too, and INFO to ``console``.

    What ``LIBRARIES`` say goes to ``folder/libraries.log``, from WARNING on. ``levels`` maps a logger name to a level name, e.g.
    ``{"optimization": "DEBUG"}``; PIPELINE_LOG_LEVEL=DEBUG in the environment turns everything on, the libraries too. Calling again
    replaces the former set-up. Raises ConfigError for an unknown level and StorageError when the folder cannot be written.
    """
    usual = _level(os.environ.get(LEVEL_VARIABLE) or "INFO", LEVEL_VARIABLE)
    asked = {name: _level(level, name) for name, level in (levels or {}).items()}
    make_folder(folder)
    redaction = RedactionFilter(secrets)
    errors = _file_handler(folder / "error.log", logging.ERROR, redaction)
    for package in PACKAGES:
        _attach(package, asked.get(package, usual), _file_handler(folder / f"{package}.log", logging.DEBUG, redaction), errors, console)
    libraries = _file_handler(folder / "libraries.log", logging.DEBUG, redaction)
    for library in LIBRARIES:
        _attach(library, asked.get(library, usual if usual < logging.INFO else logging.WARNING), libraries, errors)
    if console is not None:
        console.setLevel(logging.INFO)
        console.addFilter(redaction)
    for name in set(asked) - {*PACKAGES, *LIBRARIES}:
        logging.getLogger(name).setLevel(asked[name])


def release_logging() -> None:
    """Undo ``configure_logging``: close its files and let records go where they went before."""
    for name in (*PACKAGES, *LIBRARIES):
        logger = logging.getLogger(name)
        _detach(logger)
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


def _attach(name: str, level: int, *handlers: logging.Handler | None) -> None:
    logger = logging.getLogger(name)
    _detach(logger)
    logger.setLevel(level)
    logger.propagate = False
    for handler in handlers:
        if handler is not None:
            logger.addHandler(handler)


def _detach(logger: logging.Logger) -> None:
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()


def _level(name: str, setting: str) -> int:
    level = logging.getLevelNamesMapping().get(name.upper())
    if level is None:
        raise ConfigError(f"{setting}: log level '{name}' is not known. Use DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    return level


def _file_handler(path: Path, level: int, redaction: RedactionFilter) -> logging.Handler:
    with storage_errors(path):
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=_MAX_BYTES, backupCount=_BACKUPS, encoding="utf-8")
    handler.setLevel(level)
    handler.setFormatter(JsonLines())
    handler.addFilter(redaction)
    return handler
